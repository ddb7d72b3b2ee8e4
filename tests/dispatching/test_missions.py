"""Sending units, following them, and getting them back."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from pydantic import ValidationError

from dispatch.contract.dispatch_commands import (
    AlertHelpers,
    CheckWelfare,
    CloseIncident,
    ConfirmPlace,
    DispatchUnit,
    DivertUnit,
    MergeIncident,
    OfferUnits,
    OpenIncident,
    ReferCall,
    ReportUnit,
    SetUnitDuty,
    SplitCall,
    StandDown,
    UnmergeIncident,
    UpgradeIncident,
    UpgradeUnit,
)
from dispatch.contract.dispatching import Alarm, IncidentOrigin, ReferredTo, UnitChanged, UnitState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.dispatching import Commander
from tests.dispatching.world import HERE, World

pytestmark = pytest.mark.integration


async def here(world: World, call_id: str) -> None:
    await world.do(ConfirmPlace, call_id=call_id, label="by the pond", latitude=HERE[0], longitude=HERE[1])


async def test_the_nearest_free_ambulance_goes_and_the_next_one_after_it(world: World) -> None:
    near, far = await world.unit("near", 500), await world.unit("far", 9000)
    await world.unit("helper", 10, capabilities=["first_aid"])
    call = world.call()
    await here(world, call.call_id)
    await world.do(DispatchUnit, incident_id=call.incident_id)
    await world.do(DispatchUnit, incident_id=call.incident_id)
    assert (await world.unit_row(near)).state == UnitState.ASSIGNED
    assert (await world.unit_row(far)).incident_id == call.incident_id
    assert await world.bookings(call.incident_id) == [("ambulance", "assigned")]
    assert world.calls.kinds(call.call_id) == ["place.confirmed", "unit.moved", "unit.moved"]


async def test_an_address_that_no_gazetteer_has_is_looked_up(world: World) -> None:
    call = world.call()
    await world.do(ConfirmPlace, call_id=call.call_id, label="14 Mill Lane")
    row = await world.incident_row(call.incident_id)
    assert (row.latitude, row.longitude) == HERE


async def test_thirty_operators_at_once_send_one_unit_once(world: World) -> None:
    unit = await world.unit("only")
    calls = [world.call(f"call{number}") for number in range(30)]
    sends = [world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(unit,)) for call in calls]
    refused = [result for result in await asyncio.gather(*sends, return_exceptions=True) if result]
    assert len(refused) == 29
    assert all(isinstance(error, Refused) for error in refused)
    assert await world.assigned(unit) == 1


async def test_a_command_that_comes_twice_is_carried_out_once(world: World) -> None:
    units = [await world.unit(name) for name in ("one", "two")]
    call = world.call()
    send = DispatchUnit(command_id=secrets.token_hex(8), incident_id=call.incident_id)
    await asyncio.gather(*(world.desk.carry_out(world.operator, send) for _ in range(3)), return_exceptions=True)
    await world.desk.carry_out(world.operator, send)
    assert sum([await world.assigned(unit) for unit in units]) == 1


async def test_a_unit_that_somebody_booked_otherwise_is_passed_over(world: World) -> None:
    taken, free = await world.unit("taken", 10), await world.unit("free", 900)
    first, second = world.call("first"), world.call("second")
    await world.do(DispatchUnit, incident_id=first.incident_id, unit_ids=(taken,))
    await world.do(DispatchUnit, incident_id=second.incident_id)
    assert (await world.unit_row(free)).incident_id == second.incident_id


async def test_a_mission_takes_its_booking_along_to_the_end(world: World) -> None:
    unit = await world.unit("one")
    call = world.call()
    await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(unit,))
    seen = []
    for state in ("en_route", "on_scene", "transporting", "at_hospital", "clear", "available"):
        await world.do(ReportUnit, unit_id=unit, state=state)
        seen.append((await world.bookings(call.incident_id))[0][1])
    assert seen == ["en_route", "in_service", "in_service", "in_service", "completed", "completed"]
    row = await world.unit_row(unit)
    assert (row.state, row.incident_id, row.booking_id) == ("available", None, None)
    assert await world.assigned(unit) == 0


async def test_a_state_out_of_turn_is_refused_and_the_same_one_again_is_not(world: World) -> None:
    unit = await world.unit("one")
    call = world.call()
    await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(unit,))
    with pytest.raises(Refused):
        await world.do(ReportUnit, unit_id=unit, state=UnitState.AT_HOSPITAL)
    await world.do(ReportUnit, unit_id=unit, state=UnitState.ACKNOWLEDGED)
    await world.do(ReportUnit, unit_id=unit, state=UnitState.ACKNOWLEDGED)
    assert world.calls.kinds(call.call_id).count("unit.moved") == 2


async def test_nobody_goes_home_in_the_middle_of_a_mission(world: World) -> None:
    unit = await world.unit("one")
    await world.do(DispatchUnit, incident_id=world.call().incident_id, unit_ids=(unit,))
    with pytest.raises(Refused):
        await world.do(SetUnitDuty, unit_id=unit, on_duty=False)


async def test_a_unit_stood_down_is_free_and_the_patient_waits_under_somebodys_eyes(world: World) -> None:
    unit = await world.unit("one")
    call = world.call()
    await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(unit,))
    await world.do(StandDown, unit_id=unit, reason="nearer unit found")
    assert (await world.unit_row(unit)).state == UnitState.AVAILABLE
    assert await world.bookings(call.incident_id) == [("ambulance", "requested")]
    assert (await world.incident_row(call.incident_id)).welfare_due_at is not None
    with pytest.raises(Refused):
        await world.do(StandDown, unit_id=unit, reason="once more")


async def test_a_unit_is_diverted_in_one_step_and_never_from_a_patient(world: World) -> None:
    unit = await world.unit("one")
    first, second, third = world.call("first"), world.call("second"), world.call("third")
    await world.do(DispatchUnit, incident_id=first.incident_id, unit_ids=(unit,))
    await world.do(UpgradeUnit, unit_id=unit, urgent=False, reason="patient is stable")
    await world.do(DivertUnit, unit_id=unit, incident_id=second.incident_id, reason="cardiac arrest nearer")
    row = await world.unit_row(unit)
    assert (row.incident_id, row.state, row.urgent) == (second.incident_id, "assigned", True)
    for state in ("en_route", "on_scene"):
        await world.do(ReportUnit, unit_id=unit, state=state)
    with pytest.raises(Refused):
        await world.do(DivertUnit, unit_id=unit, incident_id=third.incident_id, reason="more urgent")
    assert (await world.unit_row(unit)).incident_id == second.incident_id


async def test_closing_an_incident_releases_its_units_in_the_same_transaction(world: World) -> None:
    way, scene = await world.unit("way"), await world.unit("scene")
    call = world.call()
    await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(way, scene))
    for state in ("en_route", "on_scene"):
        await world.do(ReportUnit, unit_id=scene, state=state)
    await world.do(CloseIncident, incident_id=call.incident_id)
    states = [((await world.unit_row(unit)).state, (await world.unit_row(unit)).incident_id) for unit in (way, scene)]
    assert states == [("available", None), ("clear", None)]
    assert await world.assigned(way) == await world.assigned(scene) == 0
    assert await world.bookings(call.incident_id) == [("ambulance", "completed")]
    with pytest.raises(Refused):
        await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(way,))


async def test_no_unit_left_refuses_the_command_and_alarms_the_supervisors(world: World) -> None:
    call = world.call()
    await world.follower.look(world.centre)
    with pytest.raises(Refused, match="No suitable unit"):
        await world.do(DispatchUnit, incident_id=call.incident_id)
    alarms = [(to, body.code) for to, body in world.consoles.told if isinstance(body, Alarm)]
    assert alarms == [(f"supervisors of {world.centre}", "no_unit_left")]
    assert world.calls.kinds(call.call_id) == ["unit.search_ended"]


async def test_exercises_and_emergencies_never_share_a_unit(world: World) -> None:
    real, practice = await world.unit("real", 1), await world.unit("practice", 2, exercise=True)
    call = world.call(exercise=True)
    with pytest.raises(Refused):
        await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(real,))
    await world.do(DispatchUnit, incident_id=call.incident_id)
    assert (await world.unit_row(practice)).incident_id == call.incident_id


async def test_a_merge_takes_calls_and_units_along_and_can_be_undone(world: World) -> None:
    unit, other = await world.unit("one"), await world.unit("two")
    first, second = world.call("first"), world.call("second")
    await world.do(DispatchUnit, incident_id=first.incident_id, unit_ids=(unit,))
    await world.do(DispatchUnit, incident_id=second.incident_id, unit_ids=(other,))
    await world.do(MergeIncident, incident_id=first.incident_id, into=second.incident_id)
    assert world.calls.incidents[first.call_id] == second.incident_id
    assert (await world.unit_row(unit)).incident_id == second.incident_id
    assert len(await world.bookings(second.incident_id)) == 2
    with pytest.raises(Refused):
        await world.do(DispatchUnit, incident_id=first.incident_id)
    await world.do(UnmergeIncident, incident_id=first.incident_id)
    assert world.calls.incidents[first.call_id] == first.incident_id
    assert (await world.unit_row(unit)).incident_id == first.incident_id
    assert (await world.unit_row(other)).incident_id == second.incident_id
    assert len(await world.bookings(first.incident_id)) == 1
    assert (await world.incident_row(first.incident_id)).closed_at is None


async def test_a_call_gets_an_incident_of_its_own_and_comes_back(world: World) -> None:
    call = world.call()
    await world.do(SplitCall, call_id=call.call_id, incident_id=f"new-{world.mark}")
    assert world.calls.incidents[call.call_id] == f"new-{world.mark}"
    await world.do(MergeIncident, incident_id=f"new-{world.mark}", into=call.incident_id)
    assert world.calls.incidents[call.call_id] == call.incident_id


async def test_somebody_who_walks_in_is_an_incident_too(world: World) -> None:
    incident_id = f"walk-{world.mark}"
    opened = {"incident_id": incident_id, "origin": IncidentOrigin.WALK_IN, "nature": "cut hand", "category": 4}
    await world.do(OpenIncident, **opened)
    await world.do(UpgradeIncident, incident_id=incident_id, category=2, reason="bleeds through")
    row = await world.incident_row(incident_id)
    assert (row.origin, row.category, row.owner_person_id) == ("walk_in", 2, world.operator.person_id)


async def test_what_was_taken_on_paper_keeps_its_own_time_and_is_marked(world: World) -> None:
    now = world.clock.now()
    opened = {"origin": IncidentOrigin.PAPER, "nature": "fall on the stairs", "category": 3}
    await world.do(OpenIncident, incident_id=f"p-{world.mark}", happened_at=now - timedelta(hours=2), **opened)
    row = await world.incident_row(f"p-{world.mark}")
    assert (row.origin, row.opened_at) == ("paper", now - timedelta(hours=2))
    for wrong in (now + timedelta(hours=1), now - timedelta(days=8)):
        with pytest.raises(Refused, match="last seven days"):
            await world.do(OpenIncident, incident_id=f"q-{world.mark}", happened_at=wrong, **opened)
    for when, origin in ((None, IncidentOrigin.PAPER), (now, IncidentOrigin.RADIO)):
        with pytest.raises(ValidationError):
            OpenIncident(command_id="c", incident_id="i", origin=origin, nature="fall", happened_at=when)


async def test_a_referral_is_in_the_log_with_its_reference(world: World) -> None:
    call = world.call()
    await world.do(ReferCall, call_id=call.call_id, to=ReferredTo.FIRE, reference="F-2207", reason="smoke")
    entry = world.calls.logs[call.call_id][0]
    assert (entry.body.kind, entry.body.reference) == ("referral.made", "F-2207")


async def test_an_arrest_alerts_neighbours_with_one_command_and_wants_the_place_first(world: World) -> None:
    neighbour = await world.unit("neighbour", 100, capabilities=["neighbour", "basic_life_support"])
    await world.unit("too-far", 5000, capabilities=["neighbour", "basic_life_support"])
    call = world.call()
    with pytest.raises(Refused, match="place first"):
        await world.do(AlertHelpers, call_id=call.call_id)
    await here(world, call.call_id)
    await world.do(AlertHelpers, call_id=call.call_id)
    assert [(notice.to, notice.kind) for notice in world.notices.sent] == [(neighbour, "arrest.neighbour")]


async def test_another_centre_reaches_nothing(world: World) -> None:
    unit = await world.unit("ours")
    call = world.call()
    await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(unit,))
    stranger = await World(world.database).settle()
    for command in (
        StandDown(command_id=secrets.token_hex(8), unit_id=unit, reason="mine now"),
        CloseIncident(command_id=secrets.token_hex(8), incident_id=call.incident_id),
        OpenIncident(
            command_id=secrets.token_hex(8), incident_id=call.incident_id, origin=IncidentOrigin.RADIO, nature="theirs"
        ),
    ):
        with pytest.raises(Refused) as refused:
            await stranger.desk.carry_out(stranger.operator, command)
        assert refused.value.code == ProblemCode.NOT_FOUND


async def test_what_was_done_before_a_crash_is_in_the_calls_log_after_it(world: World) -> None:
    unit = await world.unit("one")
    call = world.call()
    send = DispatchUnit(command_id=secrets.token_hex(8), incident_id=call.incident_id, unit_ids=(unit,))
    await world.desk._in_one_transaction(Commander(world.centre, "operator", world.operator.person_id), send)
    assert world.calls.kinds(call.call_id) == []
    world.start()
    for _ in range(2):
        await world.follower.look(world.centre)
    assert world.calls.kinds(call.call_id) == ["unit.moved"]
    assert [body.unit.state for _, body in world.consoles.told if isinstance(body, UnitChanged)] == ["assigned"]


async def test_offers_and_welfare_are_refused_for_a_closed_incident(world: World) -> None:
    call = world.call()
    await world.do(CloseIncident, incident_id=call.incident_id)
    for kind, more in ((OfferUnits, {}), (CheckWelfare, {"outcome": "same"})):
        with pytest.raises(Refused):
            await world.do(kind, incident_id=call.incident_id, **more)
