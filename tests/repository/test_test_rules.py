"""The rules for tests hold: what breaks one of them fails the run."""

import pytest

pytestmark = pytest.mark.unit

SETTINGS = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
markers =
    unit: one piece of pure logic
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """An empty project under this project's rules."""
    pytester.makeini(SETTINGS)
    pytester.makeconftest('pytest_plugins = ["tests.house_rules"]')
    return pytester


def test_a_test_without_a_category_is_refused(project: pytest.Pytester) -> None:
    project.makepyfile("def test_something():\n    pass")
    result = project.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*a test needs a category*"])


def test_a_task_left_behind_fails_its_test(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import asyncio, pytest
        pytestmark = pytest.mark.unit

        async def test_leaky():
            asyncio.create_task(asyncio.sleep(60), name="lost")

        async def test_tidy():
            await asyncio.create_task(asyncio.sleep(0))
    """)
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*tasks left behind: lost*"])


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--nothing-skipped"], 1)])
def test_a_skipped_test_fails_the_run_where_nothing_may_be_skipped(
    project: pytest.Pytester, options: list[str], code: int
) -> None:
    project.makepyfile("""
        import pytest
        pytestmark = pytest.mark.unit

        def test_skipped():
            pytest.skip("no browser here")

        def test_run():
            pass
    """)
    result = project.runpytest_inprocess(*options)
    assert result.ret == code
    result.assert_outcomes(passed=1, skipped=1)
