"""Who waits for a slot, as a hospital, a community and a resident see it."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.bootstrap import Node
from dispatch.contract.roles import Role
from dispatch.storage import Context, Database, DatabaseRole
from dispatch.storage.context import REGISTRY, WORKER
from dispatch.storage.tables import AuditEventRow, BookingRow, CalendarRow, WaitingRow
from tests.booking.http_people import Person, calendar_hours, people
from tests.booking.test_isolation import row_security_alone
from tests.booking.worlds import NOON, World, settle
from tests.fixtures_servers import execute

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
TOLD = {"place", "booking_id", "service_type", "requested_at", "earliest", "latest"}
READERS = ("nurse", "hospital_admin", "community_manager", "resident")


async def somebody_waits(database: Database, world: World, calendar_id: str, hospital_id: str) -> str:
    """A resident of another community stands in the line."""
    booking_id = f"b-{secrets.token_hex(6)}"
    scope = {"person_id": world.person("resident"), "community_id": world.id_of("community")}
    async with database.transaction(WORKER) as session:
        session.add(
            BookingRow(
                booking_id=booking_id, service_type="consultation", policy_version=1, status="requested", version=1,
                responders=0, requested_at=NOON, hospital_id=hospital_id, **scope,
            )
        )  # fmt: skip
        await session.flush()
        window = {"calendar_id": calendar_id, "earliest": NOON, "latest": NOON + DAY}
        session.add(WaitingRow(booking_id=booking_id, hospital_id=hospital_id, **window, **scope))
    return booking_id


async def closed_calendar(admin: Person) -> str:
    """A calendar whose doors never open, so that everybody waits."""
    calendar = f"c-{secrets.token_hex(4)}"
    made = await admin.ask("PUT", f"/calendars/{calendar}", calendar_hours("consultation") | {"weekly": []})
    assert made.status == 200, made.body
    return calendar


async def waits(person: Person, calendar: str, **more: str) -> dict[str, str]:
    soon = datetime.now(UTC) + DAY
    window = {"calendar_id": calendar, "earliest": soon.isoformat(), "latest": (soon + DAY).isoformat()}
    booked = await person.book("consultation", wait=window, **more)
    assert booked.status == 201, booked.body
    made: dict[str, str] = booked.body
    return made


async def line(person: Person, calendar: str, page: str = "") -> list[tuple[int, str]]:
    listed = await person.get(f"/calendars/{calendar}/waiting{page}")
    assert listed.status == 200, listed.body
    return [(entry["place"], entry["booking_id"]) for entry in listed.body["waiting"]]


async def test_a_line_is_shown_in_order_and_everybody_sees_no_more_of_it_than_they_may(
    node: Node, database: Database
) -> None:
    roles = (Role.HOSPITAL_ADMIN, Role.NURSE, Role.COMMUNITY_MANAGER, Role.RESIDENT, Role.PARAMEDIC, Role.OPERATOR)
    async with people(node, *roles) as (admin, nurse, manager, resident, paramedic, operator):
        calendar = await closed_calendar(admin)
        foreign = await somebody_waits(database, await settle(database), calendar, "demo-hospital")
        mine = await waits(resident, calendar)
        second = (await waits(manager, calendar, resident_id="demo-resident-2"))["booking_id"]
        own = f"/bookings/{mine['booking_id']}/place-in-line"

        first = (await nurse.get(f"/calendars/{calendar}/waiting?limit=2")).body
        assert set(first["waiting"][0]) == TOLD
        rest = await line(nurse, calendar, f"?limit=2&cursor={first['next_cursor']}")
        whole = [(1, foreign), (2, mine["booking_id"]), (3, second)]
        assert [(one["place"], one["booking_id"]) for one in first["waiting"]] + rest == whole
        assert await line(admin, calendar) == whole
        assert await line(manager, calendar) == whole[1:]
        assert (await resident.get(own)).body["place"] == 2

        for outsider in (resident, paramedic, operator):
            refused = await outsider.get(f"/calendars/{calendar}/waiting")
            assert (refused.status, refused.body["code"]) == (403, "not_allowed")
        assert (await resident.get(f"/bookings/{foreign}/place-in-line")).status == 404
        assert (await nurse.get("/calendars/no-such-calendar/waiting")).status == 404

        assert (await resident.act(mine, "cancel", {})).status == 200
        assert await line(manager, calendar) == [(2, second)]
        assert (await resident.get(own)).body["code"] == "not_found"
    readers = await readers_of(database, calendar)
    assert readers == {(role, "demo-hospital") for role in ("nurse", "hospital_admin", "community_manager")}


async def readers_of(database: Database, calendar: str) -> set[tuple[str, str | None]]:
    """Who has read a line, and whose it is, as the audit log has it."""
    query = select(AuditEventRow.role, AuditEventRow.tenant_id).where(
        AuditEventRow.action == "list_waiting", AuditEventRow.subject_id == calendar
    )
    async with database.transaction(Context(DatabaseRole.AUDITOR)) as session:
        return {(role, tenant) for role, tenant in await session.execute(query)}


async def seen(database: Database, reader: World, booking_id: str) -> list[str]:
    """The roles of `reader` that see a booking in a line."""
    found = []
    for role in READERS:
        async with database.transaction(reader.context(role)) as session:
            if await session.scalar(select(WaitingRow.waiting_id).where(WaitingRow.booking_id == booking_id)):
                found.append(role)
    return found


async def stands(database: Database, world: World) -> str:
    """Somebody of a world waits in its own hospital's line."""
    calendar, hospital = world.id_of("calendar"), world.id_of("hospital")
    async with database.transaction(REGISTRY) as session:
        session.add(
            CalendarRow(
                calendar_id=calendar, hospital_id=hospital, label="L", zone="UTC", service_types=["consultation"],
                hours={},
            )
        )  # fmt: skip
    return await somebody_waits(database, world, calendar, hospital)


async def test_each_layer_alone_keeps_the_lines_of_others_apart(fresh_servers, fresh_database: Database) -> None:
    ours, theirs = await settle(fresh_database), await settle(fresh_database)
    booking_id = await stands(fresh_database, ours)
    with row_security_alone():
        assert await seen(fresh_database, theirs, booking_id) == []
        assert await seen(fresh_database, ours, booking_id) == list(READERS)
    await execute(fresh_servers.owner_url, "ALTER TABLE waiting DISABLE ROW LEVEL SECURITY")
    assert await seen(fresh_database, theirs, booking_id) == []
    assert await seen(fresh_database, ours, booking_id) == list(READERS)
