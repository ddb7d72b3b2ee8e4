"""Offers to one unit after the other, timers that are due, and what operators are shown without asking."""

import pytest
from sqlalchemy import select

from dispatch.contract.dispatch_commands import CheckWelfare, CloseIncident, ConfirmPlace, DispatchUnit, OfferUnits
from dispatch.contract.dispatching import Alarm, UnitOffered, UnitState
from dispatch.contract.problems import Refused
from dispatch.dispatching import Commander, Searches
from dispatch.dispatching.deeds import Deed
from dispatch.notifications import enqueue_notices
from dispatch.observability.logs import correlated
from dispatch.storage.context import LEDGER, WORKER, sending
from dispatch.storage.tables import CallRow, DispatchEventRow, JobRow, UnitOfferRow
from tests.dispatching.world import HERE, World

pytestmark = pytest.mark.integration

PATIENCE_S = 30
"""Of the ambulance's policy."""


async def offering(world: World, service_type: str = "ambulance", wanted: int = 1) -> str:
    """An incident at a known place that is being offered."""
    call = world.call()
    await world.do(ConfirmPlace, call_id=call.call_id, label="here", latitude=HERE[0], longitude=HERE[1])
    await world.do(OfferUnits, incident_id=call.incident_id, service_type=service_type, wanted=wanted)
    return call.incident_id


async def pending(world: World) -> dict[str, str]:
    """Who is asked now: offer ids by unit."""
    async with world.database.transaction(sending(world.centre)) as session:
        found = await session.scalars(select(UnitOfferRow).where(UnitOfferRow.outcome == "pending"))
        return {offer.unit_id: offer.offer_id for offer in found}


async def answer(world: World, unit_id: str, *, accept: bool) -> None:
    offer_id = (await pending(world))[unit_id]
    async with world.database.transaction(sending(world.centre)) as session:
        deed = Deed(session, Commander(world.centre, "paramedic", world.operator.person_id), world.clock.now())
        await world.searches.answer(deed, unit_id, offer_id, accept=accept)


async def test_an_offer_goes_on_to_the_next_unit_when_the_first_declines_or_is_silent(world: World) -> None:
    near, middle, far = await world.unit("near", 100), await world.unit("middle", 4000), await world.unit("far", 30_000)
    incident = await offering(world)
    assert set(await pending(world)) == {near}
    await answer(world, near, accept=False)
    assert set(await pending(world)) == {middle}
    world.pass_time(PATIENCE_S + 1)
    await world.timers.carry_out(world.centre)
    assert set(await pending(world)) == {far}
    await answer(world, far, accept=True)
    assert (await world.unit_row(far)).incident_id == incident
    await world.follower.look(world.centre)
    offers = [entry.body for entry in world.calls.logs[f"call-{world.mark}"] if isinstance(entry.body, UnitOffered)]
    assert [(offer.call_sign, offer.outcome) for offer in offers] == [
        ("near", "pending"), ("near", "declined"), ("middle", "pending"), ("middle", "expired"),
        ("far", "pending"), ("far", "accepted"),
    ]  # fmt: skip
    assert [offer.radius_m for offer in offers[::2]] == [5000, 5000, 50_000]


async def test_whoever_is_asked_later_is_asked_under_the_id_of_the_request_that_began_it(world: World) -> None:
    units = [await world.unit("first", 10), await world.unit("second", 20)]
    world.searches = Searches(world.searches.missions, enqueue_notices)
    world.start()
    with correlated("asked-once"):
        incident = await offering(world)
    world.pass_time(PATIENCE_S + 1)
    await world.timers.carry_out(world.centre)
    async with world.database.transaction(WORKER) as session:
        asked = JobRow.payload["incident_id"].astext == incident
        jobs = (await session.scalars(select(JobRow).where(asked).order_by(JobRow.job_id))).all()
    async with world.database.transaction(sending(world.centre)) as session:
        logged = await session.scalars(select(DispatchEventRow.correlation_id))
        assert set(logged) == {"asked-once"}
    assert [(job.payload["to"], job.correlation_id) for job in jobs] == [(unit, "asked-once") for unit in units]


async def test_an_offer_that_ran_out_cannot_be_taken(world: World) -> None:
    unit = await world.unit("one")
    await offering(world)
    world.pass_time(PATIENCE_S + 1)
    with pytest.raises(Refused, match="over"):
        await answer(world, unit, accept=True)
    assert await world.assigned(unit) == 0


async def test_when_everybody_was_asked_the_supervisors_are_alarmed_once(world: World) -> None:
    await world.unit("one")
    await offering(world)
    await world.follower.look(world.centre)
    for _ in range(3):
        world.pass_time(PATIENCE_S + 1)
        await world.timers.carry_out(world.centre)
        await world.follower.look(world.centre)
    codes = [body.code for _, body in world.consoles.told if isinstance(body, Alarm)]
    assert codes.count("no_unit_left") == 1


async def test_several_neighbours_are_asked_at_once_and_as_many_as_wanted_come(world: World) -> None:
    able = {"capabilities": ["neighbour", "basic_life_support"]}
    units = [await world.unit(f"n{number}", 50.0 * number, **able) for number in range(1, 5)]
    incident = await offering(world, "neighbor_sos", wanted=2)
    assert set(await pending(world)) == set(units)
    await answer(world, units[2], accept=True)
    await answer(world, units[0], accept=True)
    assert await pending(world) == {}
    assert [(await world.unit_row(unit)).incident_id for unit in units] == [incident, None, incident, None]
    assert await world.bookings(incident) == [("neighbor_sos", "assigned")]


async def test_an_incident_that_is_closed_takes_its_offers_back(world: World) -> None:
    await world.unit("one")
    incident = await offering(world)
    await world.do(CloseIncident, incident_id=incident)
    assert await pending(world) == {}


async def test_a_timer_survives_a_restart_and_fires_once(world: World) -> None:
    first, second = await world.unit("first", 10), await world.unit("second", 20)
    await offering(world)
    world.pass_time(PATIENCE_S + 1)
    world.start()
    await world.timers.carry_out(world.centre)
    assert set(await pending(world)) == {second}
    await world.timers.carry_out(world.centre)
    assert set(await pending(world)) == {second}
    assert first not in await pending(world)


async def test_somebody_who_waits_is_called_back_in_time_and_the_call_back_has_an_owner(world: World) -> None:
    await world.unit("one")
    incident = await offering(world)
    await world.follower.look(world.centre)
    world.pass_time(121)
    await world.timers.carry_out(world.centre)
    await world.follower.look(world.centre)
    codes = [body.code for _, body in world.consoles.told if isinstance(body, Alarm)]
    assert "welfare_overdue" in codes
    await world.do(CheckWelfare, incident_id=incident, outcome="worse", category=1)
    row = await world.incident_row(incident)
    assert row.owner_person_id == world.operator.person_id
    assert row.welfare_due_at is not None
    assert (row.welfare_due_at - world.clock.now()).total_seconds() == 120


async def test_a_unit_at_the_patient_ends_the_call_backs(world: World) -> None:
    unit = await world.unit("one")
    incident = await offering(world)
    await answer(world, unit, accept=True)
    for state in (UnitState.EN_ROUTE, UnitState.ON_SCENE):
        async with world.database.transaction(sending(world.centre)) as session:
            deed = Deed(session, world.operator, world.clock.now())
            await world.searches.missions.report(deed, unit, state)
    assert (await world.incident_row(incident)).welfare_due_at is None


async def test_an_incident_whose_calls_are_closed_and_whose_units_are_gone_closes_by_itself(world: World) -> None:
    unit = await world.unit("one")
    call = world.call()
    await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(unit,))
    values = {
        "call_id": call.call_id, "incident_id": call.incident_id, "centre_id": world.centre, "entry": "web",
        "exercise": False, "anonymous": True, "started_at": world.clock.now(), "last_seq": 1, "state": "closed",
        "held": False, "transcript": "live", "card": {},
    }  # fmt: skip
    async with world.database.transaction(LEDGER) as session:
        session.add(CallRow(**values))
    world.pass_time(60)
    await world.timers.carry_out(world.centre)
    assert (await world.incident_row(call.incident_id)).closed_at is None
    async with world.database.transaction(sending(world.centre)) as session:
        await world.searches.missions.stand_down(Deed(session, world.operator, world.clock.now()), unit, "not needed")
    world.pass_time(60)
    await world.timers.carry_out(world.centre)
    assert (await world.incident_row(call.incident_id)).closed_at is not None
    assert await world.bookings(call.incident_id) == [("ambulance", "cancelled")]


async def test_after_two_days_an_event_has_no_words_of_people_any_more(world: World) -> None:
    call = world.call()
    await world.do(ConfirmPlace, call_id=call.call_id, label="by the pond", latitude=HERE[0], longitude=HERE[1])
    for passed_s, words in ((3600, True), (48 * 3600, False)):
        world.pass_time(passed_s)
        await world.timers.forget(world.centre)
        async with world.database.transaction(sending(world.centre)) as session:
            event = (await session.scalars(select(DispatchEventRow))).one()
        assert event.kind == "place.confirmed"
        assert ("label" in event.body, "latitude" in event.body) == (words, words)
