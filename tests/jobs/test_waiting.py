"""How long a failed job waits, and when a repeated one is due: pure rules."""

import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.features import Ground, build, service_types
from dispatch.jobs import Backoff, Cron, CronBroken, Priority
from dispatch.jobs.patience import Patience, read_patience
from dispatch.observability.clock import VirtualClock
from dispatch.providers.chosen import providers_of
from dispatch.settings import Settings
from dispatch.storage import Database, TenantKeys

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


def tried(policy: Backoff, draw: Callable[[], float], away_s: float) -> tuple[float, int, bool]:
    """A job whose provider is away for so long: when it ended, after how many tries, whether it was done."""
    at_s, attempt = 0.0, 1
    while at_s < away_s:
        wait_s = policy.next_s(attempt, at_s, draw())
        if wait_s is None:
            return at_s, attempt, False
        at_s, attempt = at_s + wait_s, attempt + 1
    return at_s, attempt, True


policies = st.sampled_from([(kind, priority) for kind in read_patience().kinds for priority in Priority])


@given(policies, st.integers(0, 1000))
def test_a_job_is_tried_for_its_whole_time_and_given_up_no_later_than_one_wait_after_it(
    job: tuple[str, Priority], seed: int
) -> None:
    policy = read_patience().of(*job)
    ended_s, tries, done = tried(policy, random.Random(seed).random, away_s=math.inf)
    assert not done
    assert policy.worth_s <= ended_s <= policy.worth_s + policy.longest_s
    assert tries < 4 * policy.worth_s / policy.longest_s + 30, "a provider that is away is not stormed"


@given(policies, st.floats(0, 0.999), st.integers(0, 1000))
def test_whoever_comes_back_in_time_gets_everything_that_waited(
    job: tuple[str, Priority], part: float, seed: int
) -> None:
    policy = read_patience().of(*job)
    ended_s, _, done = tried(policy, random.Random(seed).random, away_s=part * policy.worth_s)
    assert done
    assert ended_s <= part * policy.worth_s + policy.longest_s


@pytest.mark.parametrize("kind", sorted(read_patience().kinds))
def test_ten_minutes_without_a_provider_make_no_dead_letter_but_of_pages(kind: str) -> None:
    seeds = range(20)
    outcomes = {tried(read_patience().of(kind, Priority.NORMAL), random.Random(seed).random, 600)[2] for seed in seeds}
    assert outcomes == {True}


def test_a_page_that_nobody_gets_within_five_minutes_is_reported_then() -> None:
    policy = read_patience().of("notify.deliver", Priority.URGENT)
    assert all(300 <= tried(policy, random.Random(seed).random, 600)[0] <= 315 for seed in range(20))


@given(st.floats(0, 86_400), st.integers(1, 50), draws, st.floats(0, 3600))
def test_nobody_is_asked_sooner_than_they_said_and_what_would_be_too_late_is_given_up_at_once(
    failing_s: float, attempt: int, draw: float, asked_s: float
) -> None:
    policy = Backoff(worth_s=3600)
    wait_s = policy.next_s(attempt, failing_s, draw, asked_s=asked_s)
    assert (wait_s is None) == (failing_s >= 3600 or asked_s > 3600 - failing_s)
    assert wait_s is None or wait_s >= asked_s


@given(st.integers(1, 20), st.integers(1, 40))
def test_an_error_that_nobody_foresaw_is_shown_to_somebody_after_a_few_tries(mistakes: int, attempt: int) -> None:
    given_up = Backoff(mistakes=mistakes).next_s(attempt, 0, 0.5, foreseen=False) is None
    assert given_up == (attempt >= mistakes)


def test_every_kind_of_job_of_the_product_stands_in_the_table_of_patience(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, backup_dir=tmp_path)
    database, clock = Database("postgresql://nobody@127.0.0.1/none"), VirtualClock()
    providers, keys = providers_of(settings, database, clock), TenantKeys(tmp_path / "keys.json")
    ground = Ground(database, clock, settings, keys, providers, service_types(settings))
    build(ground)
    assert set(ground.kinds.names) == set(read_patience().kinds)
    assert set(read_patience().urgent) <= set(read_patience().kinds)


def test_a_table_with_a_name_that_it_does_not_explain_is_refused() -> None:
    with pytest.raises(ValueError, match="no such patience"):
        Patience.model_validate({"patience": {}, "kinds": {"x": "page"}, "urgent": {}})


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
