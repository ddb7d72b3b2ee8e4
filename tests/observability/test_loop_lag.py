"""The event-loop lag sampler and the metrics page."""

import pytest

from dispatch.observability.clock import VirtualClock
from dispatch.observability.loop_lag import SAMPLE_EVERY_S, sample_loop_lag
from dispatch.observability.metrics import exposition
from dispatch.observability.supervision import TaskSupervisor

pytestmark = pytest.mark.unit


class LateClock(VirtualClock):
    """A clock on which somebody blocks the loop for a while after every sleep."""

    def __init__(self, late_s: float) -> None:
        super().__init__()
        self._late_s = late_s

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self._elapsed += self._late_s


async def test_the_sampler_reports_by_how_much_the_loop_was_late() -> None:
    lags: list[float] = []
    clock = LateClock(late_s=0.25)
    async with TaskSupervisor(clock=clock) as tasks:
        tasks.start("loop_lag", sample_loop_lag(clock, lags.append))
        await clock.advance(SAMPLE_EVERY_S)
    assert lags == [pytest.approx(0.25)]


async def test_a_loop_on_time_shows_no_lag() -> None:
    lags: list[float] = []
    clock = VirtualClock()
    async with TaskSupervisor(clock=clock) as tasks:
        tasks.start("loop_lag", sample_loop_lag(clock, lags.append))
        await clock.advance(SAMPLE_EVERY_S * 4)
    assert lags == pytest.approx([0, 0, 0, 0])


def test_the_metrics_page_names_what_is_measured() -> None:
    page = exposition().decode()
    assert "# TYPE kiwimesh_event_loop_lag_seconds histogram" in page
    assert "# HELP kiwimesh_task_failures_total" in page
