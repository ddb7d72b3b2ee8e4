"""Supervised tasks: nothing is lost, nothing outlives its owner, and what must keep running does."""

import asyncio

import pytest

from dispatch.observability import supervision
from dispatch.observability.clock import VirtualClock
from dispatch.observability.metrics import REGISTRY
from dispatch.observability.supervision import TaskFailure, TaskSupervisor, next_wait

pytestmark = pytest.mark.unit


def failures(task: str) -> float:
    return REGISTRY.get_sample_value("kiwimesh_task_failures_total", {"task": task}) or 0


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_task_gives_its_result() -> None:
    async def answer() -> int:
        return 112

    async with TaskSupervisor() as tasks:
        assert await tasks.start("answer", answer()) == 112


async def test_an_error_is_reported_once_and_leaves_the_other_tasks_alone() -> None:
    seen: list[TaskFailure] = []

    async def broken() -> None:
        raise ValueError("the caller said: 14 Mill Lane")

    before = failures("broken")
    async with TaskSupervisor(on_failure=seen.append) as tasks:
        other = tasks.start("other", forever())
        failed = tasks.start("broken", broken(), subject="call-1")
        await asyncio.wait([failed])
        assert not other.done()
    assert [(failure.name, failure.subject, failure.restarts_in_s) for failure in seen] == [("broken", "call-1", None)]
    assert failures("broken") == before + 1
    assert failed.get_name() == "broken[call-1]"


async def test_a_failure_is_logged_with_its_place_and_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    async def broken() -> None:
        raise ValueError("the caller said: 14 Mill Lane")

    async with TaskSupervisor() as tasks:
        await asyncio.wait([tasks.start("broken", broken())])
    logged = capsys.readouterr().out
    assert "ValueError" in logged
    assert "test_supervision.py" in logged
    assert "Mill Lane" not in logged


async def test_closing_cancels_and_awaits_every_task() -> None:
    cleaned_up = []

    async def tidy() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0)
            cleaned_up.append(True)

    tasks = TaskSupervisor()
    tasks.start("tidy", tidy())
    await asyncio.sleep(0)
    await tasks.close()
    await tasks.close()
    assert cleaned_up == [True]
    assert len(tasks) == 0


async def test_a_task_that_loses_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "CANCEL_AGAIN_S", 0.001)
    lost = []

    async def deaf() -> None:
        while len(lost) < 2:
            try:
                await forever()
            except asyncio.CancelledError:
                lost.append(True)

    tasks = TaskSupervisor()
    tasks.start("deaf", deaf())
    await asyncio.sleep(0)
    await tasks.close()
    assert len(lost) == 2
    assert len(tasks) == 0


async def test_a_closed_supervisor_starts_nothing() -> None:
    tasks = TaskSupervisor()
    await tasks.close()
    with pytest.raises(RuntimeError, match="late"):
        tasks.start("late", forever())


async def test_a_task_that_must_keep_running_is_started_again_with_growing_waits() -> None:
    clock = VirtualClock()
    starts: list[float] = []

    async def flaky() -> None:
        starts.append(clock.monotonic())
        if len(starts) < 4:
            raise ConnectionError

    async with TaskSupervisor(clock=clock) as tasks:
        running = tasks.keep_running("flaky", flaky)
        await clock.advance(10)
        assert running.done()
    assert starts == pytest.approx([0, 0.1, 0.3, 0.7])


async def test_a_restarting_task_can_be_closed_while_it_waits() -> None:
    async def broken() -> None:
        raise ConnectionError

    clock = VirtualClock()
    async with TaskSupervisor(clock=clock) as tasks:
        running = tasks.keep_running("broken", broken)
        await clock.advance(0.05)
        assert not running.done()
    assert running.cancelled()


@pytest.mark.parametrize(
    ("wait_s", "ran_s", "expected"),
    [(0, 0, 0.1), (0.1, 1, 0.2), (20, 1, 30), (30, 1, 30), (30, 60, 0.1)],
)
def test_waits_double_up_to_a_ceiling_and_start_over_after_a_healthy_run(
    wait_s: float, ran_s: float, expected: float
) -> None:
    assert next_wait(wait_s, ran_s) == expected
