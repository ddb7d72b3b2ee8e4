"""An exercise that is meant for somebody rings at their seats alone; a real call rings exactly as it always did."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calls.ringing import RingTarget, seats_to_ring
from dispatch.consoles.console import Console, SignedIn, Standing
from dispatch.consoles.floor import Floor
from dispatch.consoles.outbox import Parcel
from dispatch.contract.base import CallId, CentreId, IncidentId, PersonId
from dispatch.contract.console import CallState, CallSummary, ConsoleAuth, Health, SeatState, SystemState
from dispatch.contract.timeline import EscalationStep
from dispatch.observability.clock import VirtualClock
from dispatch.tenancy import Centre

pytestmark = pytest.mark.unit

CENTRE = Centre(CentreId("north"), "North", "112")
FAR = datetime(2100, 1, 1, tzinfo=UTC)
FINE = SystemState(
    journal=Health.OK, database=Health.OK, broker=Health.OK, transcription=Health.OK, router=Health.OFF
)  # fmt: skip
REAL_RING = (
    '{"kind":"ring","call":{"call_id":"call","incident_id":"inc","state":"ringing","category":null,"headline":"",'
    '"location":"","phone":null,"started_at":"2100-01-01T00:00:00Z","answered_at":null,"answered_by":null,'
    '"seat_id":null,"escalation":null,"exercise":false,"transcript":"live","words_heard":false,"duplicates":[],'
    '"transfer":null,"colleague":null,"monitors":[],"call_back_possible":false},"step":"ready_seats"}'
)
"""As it was before exercises could be meant for somebody."""


class Screen:
    """A console's connection that keeps what it is sent."""

    def __init__(self) -> None:
        self.rings: list[str] = []

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            body = parcel.text.partition('"body":')[2][:-1]
            if body.startswith('{"kind":"ring"'):
                self.rings.append(body)


def floor_of(states: dict[str, SeatState]) -> tuple[Floor, dict[str, Screen]]:
    """A floor with one seat for each person."""
    switchboard: Any = SimpleNamespace(calls={}, visible_calls=lambda _: [])
    directory: Any = SimpleNamespace(centre=lambda _: CENTRE)
    floor = Floor(switchboard, directory, VirtualClock(), FINE)
    screens = {name: Screen() for name in states}
    for name, state in states.items():
        who = SignedIn(
            PersonId(name), name, CENTRE.centre_id, supervisor=False, expires_at=FAR, standing=lambda: Standing.WELCOME
        )
        screen: Any = screens[name]
        console: Console = floor.attach(who, ConsoleAuth(token="t", console_id="c"), screen)[0]
        console.sit(state)
    return floor, screens


def a_call(*, exercise: bool = False) -> CallSummary:
    return CallSummary(
        call_id=CallId("call"), incident_id=IncidentId("inc"), state=CallState.RINGING, category=None, started_at=FAR,
        exercise=exercise,
    )  # fmt: skip


TWO = {"ann": SeatState.READY, "ben": SeatState.READY}


def test_a_real_call_rings_at_every_ready_seat_with_the_very_bytes_of_before() -> None:
    floor, screens = floor_of(TWO)
    floor.ring(CENTRE, a_call(), EscalationStep.READY_SEATS)
    assert [screen.rings for screen in screens.values()] == [[REAL_RING], [REAL_RING]]


@given(st.lists(st.sampled_from(SeatState), max_size=5), st.sampled_from(EscalationStep))
def test_a_call_that_is_meant_for_nobody_rings_where_the_rules_of_real_calls_say(
    states: list[SeatState], step: EscalationStep
) -> None:
    floor, _ = floor_of({f"p{number}": state for number, state in enumerate(states)})
    targets = [RingTarget(console.seat, CENTRE.centre_id, supervisor=False) for console in floor.consoles.values()]
    assert floor.ring(CENTRE, a_call(), step, None) == seats_to_ring(step, targets, CENTRE.centre_id, None)


@pytest.mark.parametrize("step", EscalationStep)
@pytest.mark.parametrize("state", [SeatState.READY, SeatState.NOT_READY, SeatState.WRAP_UP])
def test_an_exercise_rings_at_its_trainees_seat_and_nowhere_else_however_long_it_waits(
    step: EscalationStep, state: SeatState
) -> None:
    floor, screens = floor_of({"ann": SeatState.READY, "ben": state})
    seats = floor.ring(CENTRE, a_call(exercise=True), step, PersonId("ben"))
    assert [seat.person_id for seat in seats] == ["ben"]
    assert (len(screens["ann"].rings), len(screens["ben"].rings)) == (0, 1)


@pytest.mark.parametrize("step", EscalationStep)
def test_an_exercise_whose_trainee_is_not_signed_in_rings_nowhere(step: EscalationStep) -> None:
    floor, screens = floor_of(TWO)
    assert floor.ring(CENTRE, a_call(exercise=True), step, PersonId("zoe")) == ()
    assert all(not screen.rings for screen in screens.values())


def test_a_trainee_who_is_on_a_call_is_not_rung() -> None:
    floor, _ = floor_of({"ann": SeatState.ON_CALL, "ben": SeatState.READY})
    assert floor.ring(CENTRE, a_call(exercise=True), EscalationStep.READY_SEATS, PersonId("ann")) == ()


def test_whoever_looks_things_up_for_a_ringing_call_is_asked_once_for_all_its_new_seats() -> None:
    floor, _ = floor_of({f"p{number}": SeatState.READY for number in range(50)})
    asked: list[int] = []
    floor.on_shown = lambda _, seats: asked.append(len(seats))
    for _ in range(3):
        floor.ring(CENTRE, a_call(), EscalationStep.READY_SEATS)
    assert asked == [50]
