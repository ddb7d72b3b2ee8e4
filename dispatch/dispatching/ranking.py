"""Which unit is the nearest suitable one: pure.

In: the units of a centre as they stand, and what an incident needs. Out: the suitable ones, the soonest there first.
Invariants: a unit that is off duty, busy, of another kind, or meant for exercises (or for the real thing) is never in
the answer; a unit whose position is unknown comes last and is not lost; the order of the input does not matter.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dispatch.contract.dispatching import UnitState

EARTH_M: Final = 6_371_000.0
DETOUR: Final = 1.417
"""Road over straight line, the mean of 66,000 ways to hospitals (Boscoe, Henry and Zdeb 2012)."""
METRES_A_SECOND: Final = 40 / 3.6
"""40 km/h through a town: a judgement of this project; it orders units of one kind alike, whatever its value."""
TURNOUT_S: Final = 60.0
"""From the alarm to the wheels turning: the turnout goal that NFPA 1710 is quoted with for ambulances."""

Point = tuple[float, float]
"""Latitude and longitude in degrees (WGS 84)."""


@dataclass(frozen=True)
class Standing:
    """A unit as the ranking sees it."""

    unit_id: str
    capabilities: frozenset[str]
    on_duty: bool
    state: UnitState
    state_since: datetime
    exercise: bool = False
    at: Point | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Need:
    """What an incident needs."""

    capability: str | None
    at: Point | None = field(repr=False)
    exercise: bool = False
    radius_m: float = math.inf
    excluded: frozenset[str] = frozenset()
    """Units that were asked before."""


@dataclass(frozen=True)
class Ranked:
    """A suitable unit, how far it is by air, and when it would be there; infinite where nobody knows."""

    unit_id: str
    distance_m: float
    eta_s: float


def distance_m(one: Point, other: Point) -> float:
    """Metres along the great circle."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, half)))


def eta_s(metres: float) -> float:
    """Seconds until a unit so far away is there."""
    return TURNOUT_S + metres * DETOUR / METRES_A_SECOND


def suitable(unit: Standing, need: Need) -> bool:
    """Whether a unit may be sent at all."""
    return (
        unit.on_duty
        and unit.state is UnitState.AVAILABLE
        and unit.exercise == need.exercise
        and unit.unit_id not in need.excluded
        and (need.capability is None or need.capability in unit.capabilities)
    )


def rank(units: Iterable[Standing], need: Need) -> tuple[Ranked, ...]:
    """The suitable units within the radius, the soonest first; among equals the one that has waited longest.

    With the incident's or a unit's position unknown, that unit is within the last, unbounded radius alone.
    """
    chosen = []
    for unit in units:
        if suitable(unit, need):
            metres = distance_m(unit.at, need.at) if unit.at and need.at else math.inf
            if metres <= need.radius_m:
                chosen.append((metres, unit.state_since, unit.unit_id))
    return tuple(Ranked(unit_id, metres, eta_s(metres)) for metres, _, unit_id in sorted(chosen))
