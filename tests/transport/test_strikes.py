"""Strikes: patience with accidents, an end to floods."""

import pytest

from dispatch.transport.strikes import FORGET_ONE_EVERY_S, LIMIT, Strikes

pytestmark = pytest.mark.unit


def test_a_flood_of_broken_messages_uses_up_the_patience() -> None:
    strikes = Strikes()
    assert [strikes.strike(1.0) for _ in range(LIMIT + 1)] == [False] * LIMIT + [True]


def test_a_client_with_an_accident_now_and_then_is_never_struck_out() -> None:
    strikes = Strikes()
    assert not any(strikes.strike(number * FORGET_ONE_EVERY_S) for number in range(1000))
