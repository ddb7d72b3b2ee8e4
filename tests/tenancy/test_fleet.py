"""A new centre gets its units, their crews and its operators, with nothing of the demonstration."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from dispatch.contract.base import CentreId
from dispatch.contract.dispatching import UnitChanged
from dispatch.contract.roles import Role
from dispatch.dispatching import Follower
from dispatch.storage import Context, DatabaseRole
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import AuditEventRow, UnitRow
from tests.dispatching.world import RememberedCalls, RememberedConsoles
from tests.tenancy.conftest import Somebody, Town

pytestmark = pytest.mark.integration

AMBULANCE = {"call_sign": "Kea 1", "capabilities": ["ambulance"]}


@dataclass
class Places:
    """A centre, and a hospital that serves the same community."""

    centre: str
    hospital: str
    supervisor: Somebody
    admin: Somebody


async def places(town: Town, chief: Somebody) -> Places:
    centre, hospital, community = await town.centre(chief), await town.hospital(chief), await town.community(chief)
    await town.ask(chief, "link_centre", centre_id=centre, community_id=community)
    await town.ask(chief, "link_hospital", hospital_id=hospital, community_id=community)
    supervisor = await town.somebody(Role.SUPERVISOR, centre)
    return Places(centre, hospital, supervisor, await town.somebody(Role.HOSPITAL_ADMIN, hospital))


@pytest.fixture
async def here(town: Town, chief: Somebody) -> Places:
    return await places(town, chief)


@pytest.fixture
async def elsewhere(town: Town, chief: Somebody) -> Places:
    return await places(town, chief)


async def a_unit(town: Town, here: Places, **more: Any) -> Any:
    body = AMBULANCE | {"hospital_id": here.hospital} | more
    return await town.ask(here.supervisor, "create_unit", body, centre_id=here.centre)


async def on_a_mission(town: Town, unit_id: str, state: str = "en_route") -> None:
    async with town.database.transaction(REGISTRY) as session:
        await session.execute(update(UnitRow).where(UnitRow.unit_id == unit_id).values(state=state, on_duty=True))


async def test_a_supervisor_enters_a_unit_the_hospital_names_its_crew_and_the_crew_goes_on_duty(
    town: Town, here: Places
):
    found = await town.ask(here.supervisor, "list_hospitals")
    assert [hospital.hospital_id for hospital in found.hospitals] == [here.hospital]
    made = await a_unit(town, here, latitude=-41.3, longitude=174.8)
    assert (made.unit.on_duty, made.unit.state, made.unit.latitude, made.crew) == (False, "available", -41.3, ())
    unit_id = made.unit.unit_id
    paramedic = await town.somebody(Role.PARAMEDIC, here.hospital)
    assert (await town.ask(paramedic, "list_units", query={"mine": "true"})).units == ()
    assert await town.refusal(paramedic, "set_unit_duty", {"on_duty": True}, unit_id=unit_id) == "not_allowed"
    for _ in range(2):
        crewed = await town.ask(here.admin, "join_crew", unit_id=unit_id, person_id=paramedic.person_id)
        assert crewed.crew == (paramedic.person_id,)
    (mine,) = (await town.ask(paramedic, "list_units", query={"mine": "true"})).units
    assert mine.unit_id == unit_id
    assert (await town.ask(paramedic, "set_unit_duty", {"on_duty": True}, unit_id=unit_id)).on_duty
    await town.ask(here.admin, "leave_crew", unit_id=unit_id, person_id=paramedic.person_id)
    assert (await town.ask(paramedic, "list_units", query={"mine": "true"})).units == ()
    async with town.database.transaction(Context(DatabaseRole.AUDITOR)) as session:
        done = select(AuditEventRow.action).where(AuditEventRow.subject_id == unit_id)
        assert set(await session.scalars(done)) >= {"create_unit", "join_crew", "leave_crew", "set_unit_duty"}


async def test_only_the_own_supervisor_keeps_a_centres_units(town: Town, here: Places, elsewhere: Places):
    unit_id = (await a_unit(town, here)).unit.unit_id
    for role, scope in ((Role.OPERATOR, here.centre), (Role.PARAMEDIC, here.hospital)):
        somebody = await town.somebody(role, scope)
        assert await town.refusal(somebody, "create_unit", AMBULANCE, centre_id=here.centre) == "not_allowed"
        assert await town.refusal(somebody, "withdraw_unit", unit_id=unit_id, version=1) == "not_allowed"
    assert await town.refusal(here.admin, "change_unit", AMBULANCE, unit_id=unit_id, version=1) == "not_allowed"
    foreign = elsewhere.supervisor
    assert await town.refusal(foreign, "create_unit", AMBULANCE, centre_id=here.centre) == "not_found"
    assert await town.refusal(foreign, "read_unit", unit_id=unit_id) == "not_found"
    assert await town.refusal(foreign, "change_unit", AMBULANCE, unit_id=unit_id, version=1) == "not_found"
    for name in ("withdraw_unit", "reinstate_unit"):
        assert await town.refusal(foreign, name, unit_id=unit_id, version=1) == "not_found"


async def test_a_unit_goes_to_no_hospital_that_does_not_serve_the_centre(town: Town, here: Places, elsewhere: Places):
    stray = AMBULANCE | {"hospital_id": elsewhere.hospital}
    assert await town.refusal(here.supervisor, "create_unit", stray, centre_id=here.centre) == "not_found"
    unit_id = (await a_unit(town, here)).unit.unit_id
    assert await town.refusal(here.supervisor, "change_unit", stray, unit_id=unit_id, version=1) == "not_found"
    assert await town.refusal(here.supervisor, "read_hospital", hospital_id=elsewhere.hospital) == "not_found"


async def test_a_crew_is_of_paramedics_of_the_units_own_hospital(town: Town, here: Places, elsewhere: Places):
    unit_id = (await a_unit(town, here)).unit.unit_id
    nurse = await town.somebody(Role.NURSE, here.hospital)
    foreigner = await town.somebody(Role.PARAMEDIC, elsewhere.hospital)
    for person in (nurse, foreigner):
        named = {"unit_id": unit_id, "person_id": person.person_id}
        assert await town.refusal(here.admin, "join_crew", **named) == "wrong_state"
    own = await town.somebody(Role.PARAMEDIC, here.hospital)
    named = {"unit_id": unit_id, "person_id": own.person_id}
    assert await town.refusal(elsewhere.admin, "join_crew", **named) == "not_found"
    assert await town.refusal(elsewhere.admin, "leave_crew", **named) == "not_found"
    assert await town.refusal(here.supervisor, "join_crew", **named) == "not_allowed"
    assert await town.refusal(own, "join_crew", **named) == "not_allowed"


async def test_entering_a_unit_twice_with_one_key_makes_one(town: Town, here: Places):
    asked = {"centre_id": here.centre, "key": "one-key-for-one-unit"}
    first, again = [await town.ask(here.supervisor, "create_unit", AMBULANCE, **asked) for _ in range(2)]
    assert first == again
    assert len((await town.ask(here.supervisor, "list_units")).units) == 1


async def test_two_units_in_service_never_have_one_call_sign(town: Town, here: Places, elsewhere: Places):
    await a_unit(town, here)
    same = AMBULANCE | {"call_sign": " KEA 1 "}
    assert await town.refusal(here.supervisor, "create_unit", same, centre_id=here.centre) == "conflict"
    other = (await a_unit(town, here, call_sign="Kea 2")).unit.unit_id
    assert await town.refusal(here.supervisor, "change_unit", same, unit_id=other, version=1) == "conflict"
    await a_unit(town, elsewhere)
    await town.ask(here.supervisor, "withdraw_unit", unit_id=other, version=1)
    await a_unit(town, here, call_sign="Kea 2")
    assert await town.refusal(here.supervisor, "reinstate_unit", unit_id=other, version=2) == "conflict"


async def test_a_change_wants_the_version_that_was_read_and_another_hospital_begins_with_no_crew(
    town: Town, here: Places
):
    unit_id = (await a_unit(town, here)).unit.unit_id
    paramedic = await town.somebody(Role.PARAMEDIC, here.hospital)
    await town.ask(here.admin, "join_crew", unit_id=unit_id, person_id=paramedic.person_id)
    new = {"call_sign": "Tui 7", "capabilities": ["first_aid", "boat"], "hospital_id": here.hospital}
    assert await town.refusal(here.supervisor, "change_unit", new, unit_id=unit_id, version=1) == "version_conflict"
    assert await town.refusal(here.supervisor, "change_unit", new, unit_id=unit_id) == "version_needed"
    changed = await town.ask(here.supervisor, "change_unit", new, unit_id=unit_id, version=2)
    assert (changed.unit.call_sign, changed.unit.capabilities) == ("Tui 7", ("first_aid", "boat"))
    assert changed.crew == (paramedic.person_id,)
    without = new | {"hospital_id": None}
    moved = await town.ask(here.supervisor, "change_unit", without, unit_id=unit_id, version=3)
    assert (moved.hospital_id, moved.crew) == (None, ())
    assert await town.refusal(here.admin, "read_unit", unit_id=unit_id) == "not_found"


async def test_a_unit_on_a_mission_is_neither_withdrawn_nor_given_to_another_hospital(town: Town, here: Places):
    unit_id = (await a_unit(town, here)).unit.unit_id
    await on_a_mission(town, unit_id)
    assert await town.refusal(here.supervisor, "withdraw_unit", unit_id=unit_id, version=1) == "wrong_state"
    assert await town.refusal(here.supervisor, "change_unit", AMBULANCE, unit_id=unit_id, version=1) == "wrong_state"
    await on_a_mission(town, unit_id, "clear")
    gone = await town.ask(here.supervisor, "withdraw_unit", unit_id=unit_id, version=1)
    assert (gone.unit.withdrawn, gone.unit.on_duty) == (True, False)
    assert await town.refusal(here.supervisor, "set_unit_duty", {"on_duty": True}, unit_id=unit_id) == "wrong_state"
    assert (await town.ask(here.supervisor, "list_units")).units == ()
    (kept,) = (await town.ask(here.supervisor, "list_units", query={"withdrawn": "true"})).units
    assert kept.unit_id == unit_id
    back = await town.ask(here.supervisor, "reinstate_unit", unit_id=unit_id, version=2)
    assert (back.unit.withdrawn, back.unit.on_duty) == (False, False)
    assert (await town.ask(here.supervisor, "set_unit_duty", {"on_duty": True}, unit_id=unit_id)).on_duty


async def test_consoles_see_a_unit_come_change_and_go(town: Town, here: Places):
    consoles, centre = RememberedConsoles(), CentreId(here.centre)
    follower = Follower(town.database, town.clock, RememberedCalls(), consoles, lambda: [centre])
    await follower.look(centre)
    unit_id = (await a_unit(town, here, exercise=True)).unit.unit_id
    await follower.look(centre)
    await town.ask(here.supervisor, "change_unit", AMBULANCE | {"call_sign": "Tui 7"}, unit_id=unit_id, version=1)
    await follower.look(centre)
    await town.ask(here.supervisor, "withdraw_unit", unit_id=unit_id, version=2)
    await follower.look(centre)
    told = [body.unit for to, body in consoles.told if to == centre and isinstance(body, UnitChanged)]
    assert [(unit.call_sign, unit.exercise, unit.withdrawn) for unit in told] == [
        ("Kea 1", True, False), ("Tui 7", True, False), ("Tui 7", True, True),
    ]  # fmt: skip
    assert [board.units for board in follower.board(centre)] == [()]
