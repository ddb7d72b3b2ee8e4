"""A simulated crew, as one decision at a time: pure.

In: where a unit and its mission stand, how long the state has lasted, how much time has passed. Out: what the crew
reports next, and where the unit is then. Invariants: a crew goes through the states in their order and never beyond
what it was told; it drives in a straight line, and arrives.
"""

from dataclasses import dataclass, field
from typing import Final

from dispatch.contract.dispatching import IncidentView, UnitState, UnitView

from .ranking import METRES_A_SECOND, Point, distance_m

S = UnitState
ARRIVED_M: Final = 30.0


@dataclass(frozen=True)
class Pace:
    """How long a crew takes, in seconds; a judgement for demonstrations, not a figure of any service."""

    acknowledges: float = 4.0
    sets_out: float = 10.0
    at_scene: float = 30.0
    at_hospital: float = 20.0
    clears: float = 10.0
    metres_a_second: float = METRES_A_SECOND


@dataclass(frozen=True)
class Next:
    """What a crew does now; None for nothing to report, or not moving."""

    report: UnitState | None = None
    position: Point | None = field(default=None, repr=False)


def next_of(
    unit: UnitView, incident: IncidentView | None, in_state_s: float, passed_s: float, hospital: Point | None,
    pace: Pace,
) -> Next:  # fmt: skip
    """What the crew of a unit does after `passed_s` more seconds in its state."""
    goal = point_of(incident) if incident else None
    match unit.state:
        case S.ASSIGNED if in_state_s >= pace.acknowledges:
            return Next(S.ACKNOWLEDGED)
        case S.ACKNOWLEDGED if in_state_s >= pace.sets_out:
            return Next(S.EN_ROUTE)
        case S.EN_ROUTE:
            return _drive(unit, goal, passed_s, pace, S.ON_SCENE)
        case S.ON_SCENE if in_state_s >= pace.at_scene:
            return Next(S.TRANSPORTING if hospital and "ambulance" in unit.capabilities else S.CLEAR)
        case S.TRANSPORTING:
            return _drive(unit, hospital, passed_s, pace, S.AT_HOSPITAL)
        case S.AT_HOSPITAL if in_state_s >= pace.at_hospital:
            return Next(S.CLEAR)
        case S.CLEAR if in_state_s >= pace.clears:
            return Next(S.AVAILABLE)
    return Next()


def point_of(where: UnitView | IncidentView) -> Point | None:
    """Where a unit or an incident is, if anybody knows."""
    if where.latitude is None or where.longitude is None:
        return None
    return where.latitude, where.longitude


def _drive(unit: UnitView, goal: Point | None, passed_s: float, pace: Pace, there: UnitState) -> Next:
    """One stretch of the way. Without a goal or a position the crew just arrives."""
    at = point_of(unit)
    if goal is None or at is None:
        return Next(there)
    left, stretch = distance_m(at, goal), pace.metres_a_second * passed_s
    if left <= max(stretch, ARRIVED_M):
        return Next(there, goal)
    part = stretch / left
    return Next(None, (at[0] + (goal[0] - at[0]) * part, at[1] + (goal[1] - at[1]) * part))
