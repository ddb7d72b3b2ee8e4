"""Every order of the steps of dispatchers, cancellers and crews: nobody is sent twice, nobody is forgotten or stuck."""

import pytest

from tests.booking.assignment_model import begin, canceller, crew, dispatcher, explore, swap

pytestmark = pytest.mark.property

TWO = {"b1": "requested", "b2": "requested"}
SENT = {"b1": "assigned", "b2": "assigned"}


def test_no_order_of_dispatchers_cancellers_and_crews_sends_a_unit_twice_or_forgets_it() -> None:
    programs = (
        dispatcher("b1", "u1"), dispatcher("b2", "u1"), dispatcher("b1", "u2"), canceller("b1"), crew("b1"),
        canceller("b2"),
    )  # fmt: skip
    faults, worlds = explore(programs, begin(programs, TWO))
    assert faults == set()
    assert worlds > 1000


def test_no_order_of_swaps_waits_in_a_circle() -> None:
    programs = (swap("b1", "u2"), swap("b2", "u1"), canceller("b1"), crew("b2"))
    faults, _ = explore(programs, begin(programs, SENT, {"u1": "b1", "u2": "b2"}))
    assert faults == set()


def test_without_the_unique_index_a_unit_is_sent_twice() -> None:
    programs = (dispatcher("b1", "u1"), dispatcher("b2", "u1"))
    assert "double assignment" in explore(programs, begin(programs, TWO), unique=False)[0]


def test_without_the_bookings_lock_a_cancelled_booking_keeps_its_unit() -> None:
    programs = (dispatcher("b1", "u1", locks=False), canceller("b1"))
    assert "forgotten unit" in explore(programs, begin(programs, TWO))[0]


def test_a_cancellation_that_forgets_the_unit_is_seen() -> None:
    programs = (dispatcher("b1", "u1"), canceller("b1", releases=False))
    assert "forgotten unit" in explore(programs, begin(programs, TWO))[0]


def test_giving_up_a_unit_before_taking_the_other_waits_in_a_circle() -> None:
    programs = (swap("b1", "u2", take_first=False), swap("b2", "u1", take_first=False))
    assert "deadlock" in explore(programs, begin(programs, SENT, {"u1": "b1", "u2": "b2"}))[0]
