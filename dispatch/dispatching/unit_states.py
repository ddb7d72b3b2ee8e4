"""The states of a unit and the moves between them: one table, pure.

In: a state and what is reported or decided. Out: the state after it, or None where it is not possible. Invariants: only
an assignment leads out of `available`; a unit with a patient is never taken off its incident, only followed by another;
a released unit that has been at a patient is `clear` first, never `available` at once.
"""

from datetime import datetime
from typing import Final

from dispatch.contract.booking import BookingAction
from dispatch.contract.dispatching import UnitState

S = UnitState

REPORTS: Final[dict[UnitState, frozenset[UnitState]]] = {
    S.AVAILABLE: frozenset(),
    S.ASSIGNED: frozenset({S.ACKNOWLEDGED, S.EN_ROUTE}),
    S.ACKNOWLEDGED: frozenset({S.EN_ROUTE}),
    S.EN_ROUTE: frozenset({S.ON_SCENE}),
    S.ON_SCENE: frozenset({S.TRANSPORTING, S.CLEAR}),
    S.TRANSPORTING: frozenset({S.AT_HOSPITAL}),
    S.AT_HOSPITAL: frozenset({S.CLEAR}),
    S.CLEAR: frozenset({S.AVAILABLE}),
}
"""What a crew may report next. Setting out says that the message was read, so acknowledging may be left out."""

ON_THE_WAY: Final = frozenset({S.ASSIGNED, S.ACKNOWLEDGED, S.EN_ROUTE})
"""Has not reached the patient: may be stood down or diverted."""
WITH_PATIENT: Final = frozenset({S.ON_SCENE, S.TRANSPORTING, S.AT_HOSPITAL})
ON_MISSION: Final = ON_THE_WAY | WITH_PATIENT


LATE_S: Final = 5.0
"""A word that takes longer than this from the crew's finger to the server is late, and says when it was."""


def reported(state: UnitState, report: UnitState) -> UnitState | None:
    """The state after a crew's report. The same report again changes nothing and is no mistake."""
    if report is state or report in REPORTS[state]:
        return report
    return None


def happened(said_at: datetime | None, now: datetime, since: datetime) -> datetime | None:
    """When a step was that is reported late; None for one that is reported as it happens.

    A crew's clock is believed between the step before, of `since`, and now: a wrong one never makes a step that is in
    the future, or before the one that led to it.
    """
    if said_at is None or (now - said_at).total_seconds() < LATE_S:
        return None
    return max(said_at, since)


def assigned(state: UnitState, *, on_duty: bool) -> UnitState | None:
    """The state of a unit that is sent."""
    return S.ASSIGNED if state is S.AVAILABLE and on_duty else None


def booked(action: BookingAction, state: UnitState) -> UnitState:
    """The state of a unit whose booking is moved by hand; it never goes back."""
    if action is BookingAction.DEPART and state in (S.ASSIGNED, S.ACKNOWLEDGED):
        return S.EN_ROUTE
    return S.ON_SCENE if action is BookingAction.START and state in ON_THE_WAY else state


def released(state: UnitState) -> UnitState:
    """The state of a unit whose incident is over or that was taken off it."""
    if state in ON_THE_WAY:
        return S.AVAILABLE
    return S.CLEAR if state in WITH_PATIENT else state


def off_duty_possible(state: UnitState) -> bool:
    """Nobody goes home in the middle of a mission."""
    return state not in ON_MISSION
