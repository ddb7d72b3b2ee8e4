"""When a step was, whose word comes late: the crew's clock is believed, within reason."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.dispatching.unit_states import LATE_S, happened

pytestmark = pytest.mark.unit

NOW = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(minutes=10)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize("said_at", [None, NOW, ago(LATE_S - 1), NOW + timedelta(hours=1)])
def test_a_word_in_time_or_from_a_clock_that_is_ahead_counts_as_now(said_at: datetime | None) -> None:
    assert happened(said_at, NOW, BEFORE) is None


def test_a_late_word_counts_from_when_it_was_tapped() -> None:
    assert happened(ago(240), NOW, BEFORE) == ago(240)


def test_a_clock_that_is_behind_never_puts_a_step_before_the_one_that_led_to_it() -> None:
    assert happened(ago(86_400), NOW, BEFORE) == BEFORE
