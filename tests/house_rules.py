"""A pytest plugin with the house rules for tests: a category each, no task left behind, and in CI nothing skipped."""

import asyncio
import gc
import inspect
from collections.abc import AsyncIterator

import pytest

CATEGORIES = {"unit", "property", "contract", "integration", "acceptance", "load"}
LONG = {"integration", "acceptance", "load"}
SETTLING_TURNS = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nothing-skipped", action="store_true", help="fail the run when any test was skipped")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuses tests without a category, and watches every asynchronous one for tasks that it leaves behind.

    Files that take long come first, so that no worker is left alone with one of them at the end.
    """
    without = [item.nodeid for item in items if not CATEGORIES & {mark.name for mark in item.iter_markers()}]
    if without:
        named = ", ".join(sorted(CATEGORIES))
        raise pytest.UsageError(f"a test needs a category, one of {named}; there is none on:\n" + "\n".join(without))
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "no_task_left_behind")

    long = {item.path for item in items if LONG & {mark.name for mark in item.iter_markers()}}
    items.sort(key=lambda item: item.path not in long)


def pytest_collection_finish() -> None:
    """From here on garbage is looked for again, but not among what is loaded: that took a third of the start."""
    gc.freeze()
    gc.enable()


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--nothing-skipped") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if config.getoption("--nothing-skipped") and skipped:
        terminalreporter.section("skipped, and nothing may be")
        for report in skipped:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr[-1]}")


@pytest.fixture
async def no_task_left_behind() -> AsyncIterator[None]:
    """Fails a test that ends while a task that it started still runs."""
    before = asyncio.all_tasks()
    yield
    for _ in range(SETTLING_TURNS):
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
        if not left:
            return
        await asyncio.sleep(0)
    names = sorted(task.get_name() for task in left)
    for task in left:
        task.cancel()
    pytest.fail(f"tasks left behind: {', '.join(names)}")
