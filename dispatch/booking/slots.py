"""Slots in the database: taking one, giving one back, and the lock that keeps it in order.

In: the session of whoever acts. Out: rows of `slot`. Invariants: no two active slots of a calendar meet (an exclusion
constraint); whoever gives one up for another, or hands slots to those who wait, holds the calendar's lock, because such
transactions would wait for each other in circles; who only takes one needs no lock: `ON CONFLICT DO NOTHING` waits for
whoever is writing the same time, then refuses; a slot that was given back is nobody's until those who wait were asked.
"""

from datetime import datetime
from typing import Final

import asyncpg
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.jobs import NewJob, Tenant
from dispatch.storage.prepared import PreparedInsert, driver_of
from dispatch.storage.scope import check_values
from dispatch.storage.tables import SlotRow, WaitingRow

from .calendars import Known
from .errors import SlotTaken
from .hours import Slot
from .state import BookingState, NewBooking, Scope

MATCH_JOB: Final = "booking.match_waiting"
CALENDAR_LOCK: Final = 2
"""Seeds the hash of advisory locks on calendars; responders have another."""
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1, $2))"
TAKE: Final = PreparedInsert(
    SlotRow, ("calendar_id", "hospital_id", "person_id", "community_id", "booking_id", "during"), once=True
)


TAKE_KNOWN: Final = """
    WITH known AS (
        SELECT hospital_id FROM calendar WHERE calendar_id = $1 AND xmin::text = $2
    ), taken AS (
        INSERT INTO slot (calendar_id, hospital_id, person_id, community_id, booking_id, during)
        SELECT $1, hospital_id, $3, $4, $5, $6 FROM known
        ON CONFLICT DO NOTHING RETURNING slot_id
    )
    SELECT EXISTS (SELECT FROM known) AS known, EXISTS (SELECT FROM taken) AS taken
"""
"""One statement for whoever comes too late: nothing was read before it."""


async def lock_name(session: AsyncSession, name: str, seed: int) -> None:
    """Locks a name until the end of the transaction."""
    await (await driver_of(session)).execute(LOCK, name, seed)


async def lock_calendars(session: AsyncSession, *calendar_ids: str) -> None:
    """Locks calendars until the end of the transaction, always in the same order."""
    for calendar_id in sorted(set(calendar_ids)):
        await lock_name(session, calendar_id, CALENDAR_LOCK)


async def take_slot(
    session: AsyncSession, calendar_id: str, hospital_id: str, slot: Slot, booking_id: str, scope: Scope
) -> None:
    """Takes a slot. Raises SlotTaken."""
    values = {
        "calendar_id": calendar_id,
        "hospital_id": hospital_id,
        "person_id": scope.person_id,
        "community_id": scope.community_id,
        "booking_id": booking_id,
        "during": Range(slot.starts_at, slot.until),
    }
    if not await TAKE.write(session, values):
        raise SlotTaken("This slot is taken.")


async def take_known_slot(session: AsyncSession, known: Known, slot: Slot, new: NewBooking) -> bool:
    """Takes a slot by a calendar that is kept in memory; False where it has changed since. Raises SlotTaken."""
    calendar, scope = known.calendar, new.scope
    values = {"hospital_id": calendar.hospital_id, "person_id": scope.person_id, "community_id": scope.community_id}
    check_values(session.sync_session, SlotRow, values)
    during = asyncpg.Range(slot.starts_at, slot.until)
    row = await (await driver_of(session)).fetchrow(
        TAKE_KNOWN, calendar.calendar_id, known.mark, scope.person_id, scope.community_id, new.booking_id, during
    )
    if row["known"] and not row["taken"]:
        raise SlotTaken("This slot is taken.")
    return bool(row["known"])


async def calendar_of(session: AsyncSession, booking_id: str) -> str | None:
    """The calendar in which a booking has its slot."""
    query = select(SlotRow.calendar_id).where(
        SlotRow.booking_id == booking_id, SlotRow.released_at.is_(None), SlotRow.freed_at.is_(None)
    )
    return (await session.scalars(query)).one_or_none()


async def give_back(
    session: AsyncSession, booking: BookingState, at: datetime, new: Slot | None = None
) -> NewJob | None:
    """Gives a booking's slot back and ends its waiting; the job asks those who wait for the slot.

    A slot that meets `new`, the one that the same booking takes instead, is of no use to anybody and simply ends.
    """
    await session.execute(
        update(WaitingRow)
        .where(WaitingRow.booking_id == booking.booking_id, WaitingRow.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )
    statement = (
        update(SlotRow)
        .where(SlotRow.booking_id == booking.booking_id, SlotRow.released_at.is_(None), SlotRow.freed_at.is_(None))
        .values(freed_at=at)
        .returning(SlotRow.slot_id, SlotRow.calendar_id, SlotRow.hospital_id, SlotRow.during)
        .execution_options(synchronize_session=False)
    )
    freed = (await session.execute(statement)).one_or_none()
    if freed is None:
        return None
    if new and new.meets(freed.during.lower, freed.during.upper):
        await release_slots(session, at, [freed.slot_id])
    return match_job(freed.calendar_id, freed.hospital_id, f"{booking.booking_id}:{booking.version}")


async def release_slots(session: AsyncSession, at: datetime, slot_ids: list[int]) -> None:
    """Opens slots for everybody."""
    await session.execute(
        update(SlotRow)
        .where(SlotRow.slot_id.in_(slot_ids))
        .values(released_at=at)
        .execution_options(synchronize_session=False)
    )


def match_job(calendar_id: str, hospital_id: str, why: str) -> NewJob:
    """The job that gives free slots of a calendar to those who wait; `why` names what made it worth asking."""
    return NewJob(MATCH_JOB, why, {"calendar_id": calendar_id}, Tenant("hospital", hospital_id))
