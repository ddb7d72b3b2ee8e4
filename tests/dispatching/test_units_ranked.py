"""Who is sent, and how units move from state to state."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.contract.dispatching import UnitState
from dispatch.dispatching.ranking import Need, Standing, distance_m, rank, suitable
from dispatch.dispatching.unit_states import ON_MISSION, ON_THE_WAY, REPORTS, assigned, released, reported

pytestmark = pytest.mark.property

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HERE = (-41.29, 174.78)


def unit(unit_id: str, metres_north: float | None = 0, **more: object) -> Standing:
    at = None if metres_north is None else (HERE[0] + metres_north / 111_195, HERE[1])
    given_values: dict[str, object] = {
        "unit_id": unit_id, "capabilities": frozenset({"ambulance"}), "on_duty": True,
        "state": UnitState.AVAILABLE, "state_since": NOON, "at": at,
    }  # fmt: skip
    return Standing(**given_values | more)  # type: ignore[arg-type]


NEED = Need("ambulance", HERE)


def test_the_nearest_suitable_unit_comes_first_and_the_one_without_a_position_last():
    found = rank([unit("lost", None), unit("far", 9000), unit("near", 1000)], NEED)
    assert [ranked.unit_id for ranked in found] == ["near", "far", "lost"]
    assert found[0].distance_m == pytest.approx(1000, rel=0.01)
    assert found[0].eta_s < found[1].eta_s < found[2].eta_s


@pytest.mark.parametrize(
    "more",
    [
        {"on_duty": False},
        {"state": UnitState.EN_ROUTE},
        {"state": UnitState.CLEAR},
        {"capabilities": frozenset({"first_aid"})},
        {"exercise": True},
    ],
)
def test_a_unit_that_cannot_come_is_never_offered(more):
    assert rank([unit("no", 10, **more)], NEED) == ()


def test_a_unit_that_was_asked_before_or_is_outside_the_circle_is_left_out():
    units = [unit("asked", 10), unit("far", 6000), unit("near", 500)]
    need = Need("ambulance", HERE, radius_m=5000, excluded=frozenset({"asked"}))
    assert [ranked.unit_id for ranked in rank(units, need)] == ["near"]


def test_of_two_units_at_one_place_the_one_that_has_waited_longer_goes():
    units = [unit("b", 5, state_since=NOON), unit("a", 5, state_since=NOON + timedelta(hours=1))]
    assert rank(units, NEED)[0].unit_id == "b"


def test_without_a_position_of_the_incident_somebody_is_still_found():
    assert rank([unit("one")], Need("ambulance", None))[0].unit_id == "one"


def test_distances_are_those_on_the_globe():
    assert distance_m((51.5074, -0.1278), (48.8566, 2.3522)) == pytest.approx(343_600, rel=0.005)


@given(st.permutations([unit(str(n), n * 100.0, on_duty=n % 3 > 0) for n in range(9)]))
def test_the_order_of_the_list_does_not_matter(units):
    found = rank(units, NEED)
    assert [ranked.unit_id for ranked in found] == ["1", "2", "4", "5", "7", "8"]
    assert all(suitable(one, NEED) for one in units if one.unit_id in {ranked.unit_id for ranked in found})


@given(st.lists(st.sampled_from(UnitState), max_size=30))
def test_whatever_is_reported_a_mission_runs_in_its_order(reports):
    order = list(UnitState)
    state = UnitState.ASSIGNED
    for report in reports:
        after = reported(state, report)
        if after is None:
            assert report not in REPORTS[state]
        elif after is not state:
            assert order.index(after) > order.index(state) or (state, after) == (UnitState.CLEAR, UnitState.AVAILABLE)
            state = after


@given(st.sampled_from(UnitState))
def test_nobody_is_released_from_a_patient_straight_into_the_next_incident(state):
    after = released(state)
    assert after not in ON_MISSION
    assert (after is UnitState.AVAILABLE) == (state in ON_THE_WAY or state is UnitState.AVAILABLE)


def test_only_a_free_unit_on_duty_is_assigned():
    free = {(state, duty) for state in UnitState for duty in (True, False) if assigned(state, on_duty=duty)}
    assert free == {(UnitState.AVAILABLE, True)}
