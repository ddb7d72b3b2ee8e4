"""The slow-down of guessing, as pure rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.contract.roles import Role
from dispatch.identity.throttle import MOST_PAIRS, SignInThrottle, lockout_policies

pytestmark = pytest.mark.property

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_five_mistakes_are_free_and_the_waiting_then_doubles_up_to_a_minute():
    nurse = lockout_policies()[Role.NURSE]
    assert [nurse.pause_s(count) for count in (0, 4, 5, 6, 7, 100)] == [0, 0, 1, 2, 4, 60]


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=60))
def test_mistakes_from_other_addresses_never_make_the_owner_wait(addresses):
    throttle = SignInThrottle()
    for address in addresses:
        throttle.failed("olive", address, NOW)
    assert throttle.wait_s("olive", "home", NOW) == 0


@given(st.integers(min_value=0, max_value=200), st.sampled_from(list(Role)))
def test_nobody_ever_waits_longer_than_the_policy_of_their_role_says(mistakes, role):
    throttle = SignInThrottle()
    for _ in range(mistakes):
        throttle.failed("olive", "home", NOW, [role])
    assert throttle.wait_s("olive", "home", NOW) <= lockout_policies()[role].longest_wait_s


def test_each_role_is_slowed_down_as_the_file_says_and_several_roles_as_the_slowest_of_them():
    throttle = SignInThrottle()
    for role in (Role.SUPER_ADMIN, Role.OPERATOR):
        for _ in range(3):
            throttle.failed(role, "home", NOW, [role])
    assert throttle.wait_s(Role.SUPER_ADMIN, "home", NOW) == 2
    assert throttle.wait_s(Role.OPERATOR, "home", NOW) == 0
    for _ in range(3):
        throttle.failed("both", "home", NOW, [Role.OPERATOR, Role.SUPER_ADMIN])
    assert throttle.wait_s("both", "home", NOW) == 2


@given(st.text(max_size=10))
def test_an_unknown_account_is_slowed_down_like_some_known_one_and_always_like_the_same(account):
    throttle = SignInThrottle()
    waits = []
    for _ in range(30):
        throttle.failed(account, "home", NOW)
        waits.append(throttle.wait_s(account, "home", NOW))
    assert waits in [[policy.pause_s(count + 1) for count in range(30)] for policy in lockout_policies().values()]


def test_a_policy_file_that_forgets_a_role_is_refused(tmp_path):
    file = tmp_path / "lockout.yaml"
    file.write_text("nurse: {free_tries: 5, first_wait_s: 1, longest_wait_s: 60, forget_after_s: 900}")
    with pytest.raises(ValueError, match="no policy for"):
        lockout_policies(file)


def test_mistakes_are_forgotten_after_a_quarter_of_an_hour_and_after_the_right_password():
    throttle = SignInThrottle()
    for _ in range(9):
        throttle.failed("olive", "home", NOW, [Role.NURSE])
        throttle.failed("olive", "work", NOW, [Role.NURSE])
    later = NOW + timedelta(minutes=16)
    throttle.failed("olive", "home", later, [Role.NURSE])
    assert throttle.wait_s("olive", "home", later) == 0
    assert throttle.wait_s("olive", "work", NOW) > 0
    throttle.succeeded("olive", "work")
    assert throttle.wait_s("olive", "work", NOW) == 0


def test_memory_is_bounded():
    throttle = SignInThrottle()
    for number in range(MOST_PAIRS + 10):
        throttle.failed(f"account-{number}", "home", NOW)
    assert len(throttle._failures) == MOST_PAIRS
