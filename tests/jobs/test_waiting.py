"""How long a failed job waits, and when a repeated one is due: pure rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.jobs import Backoff, Cron, CronBroken

pytestmark = pytest.mark.property

draws = st.floats(0, 1)


@given(st.floats(0.01, 60), st.floats(0.01, 3600), st.integers(1, 10_000), draws)
def test_a_wait_lies_between_nothing_and_the_doubled_base_and_never_above_the_longest(
    base_s: float, longest_s: float, attempt: int, draw: float
) -> None:
    wait_s = Backoff(base_s, longest_s).wait_s(attempt, draw)
    assert 0 <= wait_s <= longest_s
    assert wait_s <= base_s * 2 ** min(attempt - 1, 60)


@given(st.integers(1, 8))
def test_the_whole_span_is_used_evenly(attempt: int) -> None:
    policy = Backoff(base_s=2, longest_s=100)
    waits = [policy.wait_s(attempt, step / 1000) for step in range(1001)]
    span_s = min(100.0, 2 * 2.0 ** (attempt - 1))
    assert (min(waits), max(waits)) == (0, span_s)
    assert sum(waits) / len(waits) == pytest.approx(span_s / 2)


@given(st.integers(1, 20), st.integers(1, 40))
def test_a_job_is_given_up_after_its_last_attempt_and_not_before(attempts: int, attempt: int) -> None:
    assert Backoff(attempts=attempts).given_up(attempt) == (attempt >= attempts)


def matches(expression: str, moment: datetime) -> bool:
    """Minute by minute, written another way: what the rule has to agree with."""

    def one(field: str, value: int, low: int, high: int) -> bool:
        for part in field.split(","):
            span, _, step = part.partition("/")
            begin, end = (low, high) if span == "*" else tuple(map(int, (span.split("-") * 2)[:2]))
            if step and span != "*" and "-" not in span:
                end = high
            if begin <= value <= end and (value - begin) % int(step or 1) == 0:
                return True
        return False

    minute, hour, day, month, weekday = expression.split()
    of_day = one(day, moment.day, 1, 31)
    of_week = any(
        one(weekday, number, 0, 7) for number in ({0, 7} if moment.isoweekday() == 7 else {moment.isoweekday()})
    )
    both = day.startswith("*") or weekday.startswith("*")
    on_day = of_day and of_week if both else of_day or of_week
    return (
        one(minute, moment.minute, 0, 59)
        and one(hour, moment.hour, 0, 23)
        and one(month, moment.month, 1, 12)
        and on_day
    )


minutes = st.sampled_from(["*", "0", "30", "*/7", "5,50", "10-20", "10-40/15", "55/2"])
hours = st.sampled_from(["*", "2", "0,23", "*/5", "8-17"])
days = st.sampled_from(["*", "1", "15", "*/10"])
weekdays = st.sampled_from(["*", "0", "7", "1-5", "6"])
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))


@given(minutes, hours, days, weekdays, moments)
def test_the_next_due_moment_is_the_first_minute_that_matches(
    minute: str, hour: str, day: str, weekday: str, moment: datetime
) -> None:
    expression = f"{minute} {hour} {day} * {weekday}"
    found = Cron.parse(expression).after(moment)
    assert found > moment
    assert matches(expression, found)
    before = found - timedelta(minutes=1)
    for _ in range(600):
        if before <= moment:
            break
        assert not matches(expression, before)
        before -= timedelta(minutes=1)


def test_a_leap_day_is_found_years_ahead() -> None:
    assert Cron.parse("0 0 29 2 *").after(datetime(2096, 3, 1, tzinfo=UTC)) == datetime(2104, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "broken", ["", "* * * *", "60 * * * *", "* 24 * * *", "x * * * *", "5-1 * * * *", "*/0 * * * *"]
)
def test_an_expression_that_means_nothing_is_refused(broken: str) -> None:
    with pytest.raises(CronBroken):
        Cron.parse(broken)


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(CronBroken):
        Cron.parse("0 0 31 2 *").after(datetime(2026, 1, 1, tzinfo=UTC))
