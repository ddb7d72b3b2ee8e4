"""Who is rung: ready seats first, then all, then the supervisor, then the overflow centre; and never nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calls.ringing import STEPS, Escalation, RingTarget, seats_to_ring
from dispatch.contract.base import PersonId, SeatId
from dispatch.contract.console import Seat, SeatState
from dispatch.contract.timeline import EscalationStep

pytestmark = pytest.mark.unit


def target(name: str, state: SeatState, centre: str = "north", *, supervisor: bool = False) -> RingTarget:
    seat = Seat(seat_id=SeatId(name), person_id=PersonId(name), display_name=name, state=state)
    return RingTarget(seat, centre, supervisor)


FLOOR = (
    target("ready", SeatState.READY),
    target("away", SeatState.NOT_READY),
    target("busy", SeatState.ON_CALL),
    target("boss", SeatState.ON_CALL, supervisor=True),
    target("elsewhere", SeatState.READY, "south"),
    target("stranger", SeatState.READY, "west"),
)


def rung(step: EscalationStep, floor: tuple[RingTarget, ...] = FLOOR) -> set[str]:
    return {seat.seat_id for seat in seats_to_ring(step, floor, "north", "south")}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (EscalationStep.READY_SEATS, {"ready"}),
        (EscalationStep.ALL_SEATS, {"ready", "away"}),
        (EscalationStep.SUPERVISOR, {"ready", "away", "boss"}),
        (EscalationStep.OVERFLOW_CENTRE, {"ready", "away", "boss", "elsewhere"}),
    ],
)
def test_each_step_rings_its_seats(step: EscalationStep, expected: set[str]) -> None:
    assert rung(step) == expected


def test_with_no_seat_ready_a_call_rings_at_once_at_those_who_could_take_it() -> None:
    assert rung(EscalationStep.READY_SEATS, (FLOOR[1], FLOOR[2])) == {"away"}


def test_with_the_whole_centre_empty_the_overflow_centre_is_rung_at_once() -> None:
    assert rung(EscalationStep.READY_SEATS, (FLOOR[4], FLOOR[5])) == {"elsewhere"}


def test_another_centre_is_never_rung() -> None:
    assert all("stranger" not in rung(step) for step in STEPS)


@given(st.floats(0, 1e6))
def test_a_waiting_call_only_climbs(waited_s: float) -> None:
    times = Escalation()
    assert STEPS.index(times.step_at(waited_s)) <= STEPS.index(times.step_at(waited_s + 1))
