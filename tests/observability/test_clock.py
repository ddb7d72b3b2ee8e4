"""The clocks: the real one tells UTC, the virtual one moves only when told to."""

import asyncio
from datetime import UTC, timedelta

import pytest

from dispatch.observability.clock import SystemClock, VirtualClock

pytestmark = pytest.mark.unit


async def test_sleepers_wake_in_the_order_of_their_deadlines_at_their_own_second() -> None:
    clock = VirtualClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("late", 20))
        group.create_task(sleeper("early", 10))
        await clock.advance(30)
    assert woken == [("early", 10), ("late", 20)]
    assert clock.monotonic() == 30


async def test_a_woken_task_can_sleep_again_within_the_same_advance() -> None:
    clock = VirtualClock()
    ticks: list[float] = []

    async def ticker() -> None:
        while len(ticks) < 3:
            await clock.sleep(1)
            ticks.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        group.create_task(ticker())
        await clock.advance(2.5)
        assert ticks == [1, 2]
        await clock.advance(0.5)
    assert ticks == [1, 2, 3]


async def test_a_cancelled_sleeper_does_not_hold_up_time() -> None:
    clock = VirtualClock()
    async with asyncio.TaskGroup() as group:
        sleeping = group.create_task(clock.sleep(1))
        await clock.advance(0.5)
        sleeping.cancel()
        await clock.advance(5)
    assert sleeping.cancelled()
    assert clock.monotonic() == 5.5


async def test_wall_time_and_elapsed_time_move_together() -> None:
    clock = VirtualClock()
    before = clock.now()
    await clock.advance(90)
    assert clock.now() - before == timedelta(seconds=90)


async def test_the_system_clock_tells_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    await clock.sleep(-1)
    assert clock.monotonic() >= before
