"""Bookings that are acted on over the API: their units move along, and crews move them."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.booking import Actor, Command, Forbidden, NewBooking, NoSuchResponder, Responder, ResponderTaken, Scope
from dispatch.contract.booking import BookingAction, ResponderKind
from dispatch.contract.dispatch_commands import CloseIncident, DispatchUnit, DivertUnit, ReportUnit
from dispatch.contract.dispatching import UnitState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.dispatching import BookedUnits
from dispatch.storage import Context, DatabaseRole
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import BookingRow, PersonRow, RoleGrantRow
from tests.dispatching.world import World

pytestmark = pytest.mark.integration

A = BookingAction


@pytest.fixture
async def world(world: World) -> World:
    """The operator is a person with a grant, as over the API."""
    olive = str(world.operator.person_id)
    grant = RoleGrantRow(
        grant_id=f"g-{olive}", person_id=olive, role="operator", scope_kind="centre", scope_id=world.centre
    )
    async with world.database.transaction(REGISTRY) as session:
        session.add(PersonRow(person_id=olive, display_name="Olive"))
        await session.flush()
        session.add(grant)
    return world


def operator(world: World) -> Context:
    return Context(DatabaseRole.OPERATOR, world.operator.person_id, world.centre, frozenset({("centre", world.centre)}))


async def booked(world: World, service_type: str = "ambulance") -> str:
    """A booking that nobody called about."""
    new = NewBooking(
        service_type, Scope(centre_id=world.centre), Actor("server"), world.clock.now(), place="Mill Lane 14"
    )
    async with world.database.transaction(operator(world)) as session:
        return (await world.searches.missions.transitions.create(session, new)).booking_id


async def act(world: World, booking_id: str, action: A, *units: str, **more: Any) -> str:
    """One command over the API, as the operator; the booking's status after it."""
    take = tuple(Responder(unit, ResponderKind.UNIT) for unit in units)
    actor = Actor("operator", world.operator.person_id)
    command = Command(booking_id, action, actor, world.clock.now(), take=take, **more)
    async with world.database.transaction(operator(world)) as session:
        return (await BookedUnits(world.searches.missions).apply(session, command)).status


async def status(world: World, booking_id: str) -> str | None:
    async with world.database.transaction(operator(world)) as session:
        return await session.scalar(select(BookingRow.status).where(BookingRow.booking_id == booking_id))


async def test_a_unit_that_is_booked_goes_to_an_incident_and_its_crew_moves_the_booking(world: World) -> None:
    unit, booking_id = await world.unit("one"), await booked(world)
    await act(world, booking_id, A.ASSIGN, unit)
    row = await world.unit_row(unit)
    assert (row.state, row.booking_id) == ("assigned", booking_id)
    incident = await world.incident_row(row.incident_id or "")
    assert (incident.origin, incident.place_label, incident.nature) == ("booking", "Mill Lane 14", "Ambulance")
    seen = []
    for state in ("en_route", "on_scene", "clear"):
        await world.do(ReportUnit, unit_id=unit, state=state)
        seen.append(await status(world, booking_id))
    assert seen == ["en_route", "in_service", "completed"]
    world.pass_time(60)
    await world.timers.carry_out(world.centre)
    assert (await world.incident_row(incident.incident_id)).closed_at is not None


async def test_a_booking_that_is_moved_by_hand_moves_its_unit_and_lets_it_go(world: World) -> None:
    unit, booking_id = await world.unit("one"), await booked(world)
    seen = []
    for action, units in ((A.ASSIGN, [unit]), (A.DEPART, []), (A.START, []), (A.COMPLETE, [])):
        await act(world, booking_id, action, *units)
        row = await world.unit_row(unit)
        seen.append((row.state, row.booking_id is None))
    assert seen == [("assigned", False), ("en_route", False), ("on_scene", False), ("clear", True)]
    assert row.incident_id is None


async def test_a_booking_that_is_called_off_or_given_to_another_unit_frees_the_first(world: World) -> None:
    first, second, booking_id = await world.unit("first"), await world.unit("second"), await booked(world)
    await act(world, booking_id, A.ASSIGN, first)
    await act(world, booking_id, A.REASSIGN, second)
    assert [(await world.unit_row(unit)).state for unit in (first, second)] == ["available", "assigned"]
    await act(world, booking_id, A.CANCEL)
    assert (await world.unit_row(second)).state == "available"
    assert await world.assigned(second) == 0


async def test_a_unit_on_a_mission_is_not_booked_and_a_booked_one_not_sent(world: World) -> None:
    unit, booking_id, call = await world.unit("one"), await booked(world), world.call()
    await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(unit,))
    with pytest.raises(ResponderTaken):
        await act(world, booking_id, A.ASSIGN, unit)
    await world.do(CloseIncident, incident_id=call.incident_id)
    await act(world, booking_id, A.ASSIGN, unit)
    with pytest.raises(Refused):
        await world.do(DispatchUnit, incident_id=world.call("second").incident_id, unit_ids=(unit,))
    with pytest.raises(NoSuchResponder):
        await act(world, await booked(world), A.ASSIGN, "nobody")


async def test_a_unit_that_is_not_equipped_goes_for_a_reason_alone(world: World) -> None:
    helper = await world.unit("helper", capabilities=["first_aid"])
    call, booking_id = world.call(), await booked(world)
    with pytest.raises(Refused) as refused:
        await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(helper,))
    assert refused.value.problem.code is ProblemCode.REASON_NEEDED
    with pytest.raises(Forbidden):
        await act(world, booking_id, A.ASSIGN, helper)
    await act(world, booking_id, A.ASSIGN, helper, reason="nobody_else_left")
    await act(world, booking_id, A.CANCEL)
    why = "Nobody else is left."
    await world.do(DispatchUnit, incident_id=call.incident_id, unit_ids=(helper,), reason=why)
    assert [entry.body.reason for entry in world.calls.logs[call.call_id]] == [why]


async def test_a_unit_that_is_diverted_goes_as_what_it_was_sent_as(world: World) -> None:
    helper = await world.unit("helper", capabilities=["first_aid"])
    first, second = world.call("first"), world.call("second")
    await world.do(DispatchUnit, incident_id=first.incident_id, unit_ids=(helper,), service_type="first_aid")
    await world.do(DivertUnit, unit_id=helper, incident_id=second.incident_id, reason="An arrest next door.")
    assert await world.bookings(second.incident_id) == [("first_aid", "assigned")]
    assert (await world.unit_row(helper)).state == UnitState.ASSIGNED


async def test_twelve_who_book_one_unit_at_once_get_it_once(world: World) -> None:
    unit = await world.unit("only")
    bookings = [await booked(world) for _ in range(12)]
    results = [act(world, booking_id, A.ASSIGN, unit) for booking_id in bookings]
    outcomes = await asyncio.gather(*results, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(ResponderTaken) == 11
    assert await world.assigned(unit) == 1
