"""Bookings of others: each of the two layers keeps them apart with the other one off."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from dispatch.booking import Command, NoSuchBooking, RememberedJobs, Responder, Transitions, read_catalogue
from dispatch.booking.api import page_of
from dispatch.contract.booking import BookingAction, ResponderKind
from dispatch.storage import Database, OutOfScope, StoreRefused
from dispatch.storage.engine import ScopedSession
from dispatch.storage.scope import check_written, narrow, scope_sessions
from dispatch.storage.tables import AssignmentRow, BookingEventRow, BookingRow
from tests.booking.worlds import NOON, ROLES, World, settle
from tests.fixtures_servers import execute

pytestmark = pytest.mark.integration

TABLES = (BookingRow, BookingEventRow, AssignmentRow)


async def booked(database: Database, transitions: Transitions, world: World) -> str:
    """A booking with an ambulance on it."""
    async with database.transaction(world.context("operator")) as session:
        made = await transitions.create(session, world.booking())
        car = (Responder(world.id_of("car"), ResponderKind.UNIT),)
        command = Command(made.booking_id, BookingAction.ASSIGN, world.actor("operator"), NOON, car)
        return (await transitions.apply(session, command)).booking_id


async def leaks(database: Database, reader: World, booking_id: str) -> list[str]:
    """Where somebody of `reader` sees a booking."""
    found = []
    for role in ROLES:
        async with database.transaction(reader.context(role)) as session:
            for table in TABLES:
                if await session.scalar(select(table.booking_id).where(table.booking_id == booking_id)):
                    found.append(f"{role}: {table.__tablename__}")
            page = await page_of(of_status=False, of_service=False, after=False).rows(session, most=200)
            if booking_id in [row["booking_id"] for row in page]:
                found.append(f"{role}: page")
    return found


@contextmanager
def row_security_alone() -> Iterator[None]:
    event.remove(ScopedSession, "do_orm_execute", narrow)
    event.remove(ScopedSession, "before_flush", check_written)
    yield
    scope_sessions(ScopedSession)


async def test_the_application_alone_keeps_bookings_apart(fresh_servers, fresh_database: Database) -> None:
    transitions = Transitions(read_catalogue(), RememberedJobs())
    ours, theirs = await settle(fresh_database), await settle(fresh_database)
    booking_id = await booked(fresh_database, transitions, ours)
    off = (f"ALTER TABLE {table.__tablename__} DISABLE ROW LEVEL SECURITY" for table in TABLES)
    await execute(fresh_servers.owner_url, *off)
    assert await leaks(fresh_database, theirs, booking_id) == []
    assert len(await leaks(fresh_database, ours, booking_id)) == len(ROLES) * (len(TABLES) + 1)
    for role in ROLES:
        command = Command(booking_id, BookingAction.CANCEL, theirs.actor(role), NOON)
        with pytest.raises(NoSuchBooking):
            async with fresh_database.transaction(theirs.context(role)) as session:
                await transitions.apply(session, command)
        with pytest.raises(OutOfScope):
            async with fresh_database.transaction(theirs.context(role)) as session:
                await transitions.create(session, ours.booking())


async def test_row_security_alone_keeps_bookings_apart(database: Database, transitions: Transitions) -> None:
    ours, theirs = await settle(database), await settle(database)
    booking_id = await booked(database, transitions, ours)
    with row_security_alone():
        assert await leaks(database, theirs, booking_id) == []
        assert len(await leaks(database, ours, booking_id)) == len(ROLES) * (len(TABLES) + 1)


async def test_row_security_alone_takes_no_booking_for_others(
    database: Database, transitions: Transitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = await settle(database), await settle(database)
    monkeypatch.setattr("dispatch.storage.scope.may_write", lambda *_: True)
    for role in ROLES:
        with pytest.raises(StoreRefused):
            async with database.transaction(theirs.context(role)) as session:
                await transitions.create(session, ours.booking())
