"""A model that fails is left alone, and exactly one probe finds out whether it is back."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_router import errors
from llm_router.breaker import Breaker, BreakerState
from llm_router.latency import Pace, Times
from llm_router.policy import BreakerRules

pytestmark = pytest.mark.unit


def breaker(seed: int = 1) -> Breaker:
    return Breaker(BreakerRules(), random.Random(seed))


def opened(error: errors.ProviderError | None = None) -> Breaker:
    failing = breaker()
    failing.failed(error or errors.ServerFaultError(), 0)
    failing.failed(error or errors.ServerFaultError(), 0)
    assert failing.state(0) is BreakerState.OPEN
    return failing


def test_two_failures_in_a_row_open_it_and_one_does_not() -> None:
    failing = breaker()
    failing.failed(errors.UnreachableError(), 0)
    assert failing.state(0) is BreakerState.CLOSED
    failing.succeeded()
    failing.failed(errors.UnreachableError(), 0)
    assert failing.admit(0)


def test_a_high_failure_rate_opens_it_without_two_in_a_row() -> None:
    failing = breaker()
    for _ in range(3):
        failing.succeeded()
        failing.failed(errors.TimedOutError(), 0)
    assert failing.state(0) is BreakerState.OPEN


@given(waiters=st.integers(2, 200), seed=st.integers())
def test_of_all_who_wait_exactly_one_probes(waiters: int, seed: int) -> None:
    failing = breaker(seed)
    for _ in range(2):
        failing.failed(errors.ServerFaultError(), 0)
    assert sum(failing.admit(100) for _ in range(waiters)) == 1
    assert failing.state(100) is BreakerState.HALF_OPEN


def test_a_probe_that_succeeds_closes_it_and_one_that_fails_waits_longer() -> None:
    first = opened()
    wait = first.retry_at
    assert wait is not None
    assert first.admit(wait)
    first.failed(errors.ServerFaultError(), wait)
    assert first.retry_at is not None
    assert first.retry_at - wait > wait
    assert first.admit(first.retry_at)
    first.succeeded()
    assert first.state(first.retry_at or 0) is BreakerState.CLOSED


def test_a_probe_that_was_cut_off_lets_the_next_one_try() -> None:
    cut = opened()
    assert cut.admit(100)
    assert not cut.admit(100)
    cut.released(100)
    assert cut.admit(100)


@given(seed=st.integers(), failures=st.integers(2, 40))
def test_a_cool_down_stays_between_one_and_thirty_seconds(seed: int, failures: int) -> None:
    failing, now = breaker(seed), 0.0
    for _ in range(failures):
        failing.failed(errors.ServerFaultError(), now)
        if failing.retry_at is not None:
            assert 1 <= failing.retry_at - now <= 30
            now = failing.retry_at
            assert failing.admit(now)


def test_retry_after_is_a_minimum() -> None:
    limited = breaker()
    limited.failed(errors.RateLimitedError(retry_after_s=20), 0)
    assert not limited.admit(19.9)
    assert limited.admit(31)


@pytest.mark.parametrize("error", [errors.AuthRefusedError, errors.EgressRefusedError])
def test_a_wrong_key_or_a_redirect_opens_it_for_minutes(error: type[errors.ProviderError]) -> None:
    wrong = breaker()
    wrong.failed(error(), 0)
    assert not wrong.admit(299)
    assert wrong.admit(300)


@pytest.mark.parametrize("error", [errors.BadRequestError, errors.RejectedError, errors.RefusedError])
def test_what_is_not_the_models_fault_does_not_count(error: type[errors.ProviderError]) -> None:
    blameless = breaker()
    for _ in range(50):
        blameless.failed(error(), 0)
    assert blameless.state(0) is BreakerState.CLOSED


def test_failures_that_come_in_late_do_not_keep_it_open_longer() -> None:
    late = opened()
    before = late.retry_at
    for _ in range(20):
        late.failed(errors.StalledError(), 0.5)
    assert late.retry_at == before


def test_patience_follows_the_models_own_times() -> None:
    slow, fast, new = Times(), Times(), Times(expected_s=0.8)
    for _ in range(30):
        slow.add(1.6)
        fast.add(0.004)
    assert slow.patience_s(4.0, 0.2, 4.0) == pytest.approx(2.0)
    assert fast.patience_s(4.0, 0.2, 4.0) == 0.2
    assert new.patience_s(4.0, 0.2, 4.0) == pytest.approx(1.0)
    assert Times().patience_s(4.0, 0.2, 4.0) == pytest.approx(1.0)


@given(st.lists(st.floats(0.001, 5), max_size=150), st.floats(0.01, 10))
def test_patience_never_takes_more_than_half_of_the_time_left(seconds: list[float], left_s: float) -> None:
    times = Times()
    for value in seconds:
        times.add(value)
    assert 0 < times.patience_s(left_s, 0.2, 4.0) <= left_s / 2


@given(st.lists(st.floats(0.001, 5), min_size=5, max_size=200))
def test_percentiles_are_those_of_the_last_answers(seconds: list[float]) -> None:
    times = Times()
    for value in seconds:
        times.add(value)
    assert times.usual_s == sorted(seconds[-64:])[len(seconds[-64:]) // 2]


def test_a_lost_race_is_no_stall_and_a_hang_is_one() -> None:
    slow, fast = Times(), Times()
    for _ in range(10):
        slow.add(1.5)
        fast.add(0.01)
    assert not slow.stalled(1.9, 0.2)
    assert fast.stalled(0.2, 0.2)


def test_a_model_that_never_answered_counts_as_stalled_after_some_cuts() -> None:
    times = Times()
    for _ in range(2):
        assert not times.stalled(1.0, 0.2)
        times.add_cut(1.0)
    assert times.stalled(1.0, 0.2)


def test_a_slow_model_that_hangs_counts_as_stalled_at_the_third_cut_in_a_row() -> None:
    times = Times()
    for _ in range(64):
        times.add(1.5)
    for _ in range(2):
        assert not times.stalled(1.9, 0.2)
        times.add_cut(1.9)
    assert times.patience_s(8.0, 0.2, 4.0) == pytest.approx(1.875)
    assert times.stalled(1.9, 0.2)
    times.add(1.5)
    assert not times.stalled(1.9, 0.2)


def test_times_fade_so_that_a_slow_model_gets_its_chance_again() -> None:
    times = Times(expected_s=0.5)
    for _ in range(10):
        times.add(9.0)
    assert times.usual_s == 9.0
    for _ in range(6):
        times.fade()
    assert times.usual_s == 0.5


def test_a_stream_drips_when_its_pieces_come_much_slower_than_usual() -> None:
    gaps = Times()
    for _ in range(20):
        gaps.add(0.002)
    pace = Pace(gaps)
    assert all(pace.saw(0.03) for _ in range(10))
    assert [pace.saw(0.06) for _ in range(6)][-1] is False
    assert pace.gap_limit_s == Pace.LEAST_GAP_S
