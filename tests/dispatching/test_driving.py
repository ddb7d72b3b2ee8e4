"""Crews without people: they do what real ones do, in the same order."""

from datetime import UTC, datetime

import pytest

from dispatch.contract.dispatching import IncidentOrigin, IncidentView, UnitState, UnitView
from dispatch.dispatching.driving import Pace, next_of, point_of
from dispatch.dispatching.ranking import distance_m

pytestmark = pytest.mark.unit

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SCENE, HOSPITAL = (-41.29, 174.82), (-41.28, 174.80)
INCIDENT = IncidentView(
    incident_id="i", origin=IncidentOrigin.CALL, opened_at=NOON, version=1, latitude=SCENE[0], longitude=SCENE[1]
)


def unit(capability: str = "ambulance") -> UnitView:
    return UnitView(
        unit_id="u", call_sign="U", capabilities=(capability,), on_duty=True, state=UnitState.ASSIGNED,
        state_since=NOON, latitude=-41.30, longitude=174.83, version=1,
    )  # fmt: skip


def driven(there: UnitView, tick_s: float = 5.0) -> tuple[list[UnitState], list[float], UnitView]:
    """The states that a crew reports until it is free, its distance to the scene at each of them, and the unit."""
    states, distances, in_state_s = [], [], 0.0
    for _ in range(1000):
        step = next_of(there, INCIDENT, in_state_s, tick_s, HOSPITAL, Pace())
        in_state_s += tick_s
        if step.position:
            there = there.model_copy(update={"latitude": step.position[0], "longitude": step.position[1]})
        if step.report:
            there = there.model_copy(update={"state": step.report})
            in_state_s = 0.0
            states.append(step.report)
            at = point_of(there)
            assert at is not None
            distances.append(distance_m(at, SCENE))
        if there.state is UnitState.AVAILABLE:
            break
    return states, distances, there


def test_an_ambulance_drives_to_the_patient_and_to_hospital() -> None:
    states, distances, there = driven(unit())
    assert states == [
        UnitState.ACKNOWLEDGED, UnitState.EN_ROUTE, UnitState.ON_SCENE, UnitState.TRANSPORTING, UnitState.AT_HOSPITAL,
        UnitState.CLEAR, UnitState.AVAILABLE,
    ]  # fmt: skip
    assert distances[1] > 1000 > 1 > distances[2]
    assert point_of(there) == HOSPITAL


def test_a_first_responder_takes_nobody_away() -> None:
    assert UnitState.TRANSPORTING not in driven(unit("first_aid"))[0]


def test_without_a_place_to_go_to_the_crew_arrives_all_the_same() -> None:
    on_the_way = unit().model_copy(update={"state": UnitState.EN_ROUTE})
    assert next_of(on_the_way, None, 0, 1, None, Pace()).report is UnitState.ON_SCENE
