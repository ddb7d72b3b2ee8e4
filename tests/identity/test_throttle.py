"""The slow-down of guessing, as pure rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.identity.throttle import LONGEST_WAIT_S, MOST_PAIRS, SignInThrottle, pause_s

pytestmark = pytest.mark.property

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_five_mistakes_are_free_and_the_waiting_then_doubles_up_to_a_minute():
    assert [pause_s(count) for count in (0, 4, 5, 6, 7, 100)] == [0, 0, 1, 2, 4, 60]


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=60))
def test_mistakes_from_other_addresses_never_make_the_owner_wait(addresses):
    throttle = SignInThrottle()
    for address in addresses:
        throttle.failed("olive", address, NOW)
    assert throttle.wait_s("olive", "home", NOW) == 0


@given(st.integers(min_value=0, max_value=200))
def test_nobody_ever_waits_longer_than_a_minute(mistakes):
    throttle = SignInThrottle()
    for _ in range(mistakes):
        throttle.failed("olive", "home", NOW)
    assert throttle.wait_s("olive", "home", NOW) <= LONGEST_WAIT_S


def test_mistakes_are_forgotten_after_a_quarter_of_an_hour_and_after_the_right_password():
    throttle = SignInThrottle()
    for _ in range(9):
        throttle.failed("olive", "home", NOW)
        throttle.failed("olive", "work", NOW)
    later = NOW + timedelta(minutes=16)
    throttle.failed("olive", "home", later)
    assert throttle.wait_s("olive", "home", later) == 0
    assert throttle.wait_s("olive", "work", NOW) > 0
    throttle.succeeded("olive", "work")
    assert throttle.wait_s("olive", "work", NOW) == 0


def test_memory_is_bounded():
    throttle = SignInThrottle()
    for number in range(MOST_PAIRS + 10):
        throttle.failed(f"account-{number}", "home", NOW)
    assert len(throttle._failures) == MOST_PAIRS
