"""Follows the bookings' log and asks for the messages that follow from each event.

In: the log from the stored place on. Out: jobs, and the place, in one transaction. Invariants: no event is left out and
none is taken twice; any number of processes may follow, one at a time does.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.booking import Place, place_of, read_outbox
from dispatch.jobs import NewJob, Priority, Tenant, enqueue
from dispatch.observability.clock import Clock
from dispatch.storage import Database
from dispatch.storage.context import WORKER
from dispatch.storage.tables import BookingEventRow, BookingRow, OutboxPlaceRow

READER: Final = "notifications"
EVERY_S: Final = 1.0


async def follow_bookings(database: Database, clock: Clock) -> None:
    """Follows for ever; run it as one task of a process."""
    while True:
        async with database.transaction(WORKER) as session:
            await take_events(session)
        await clock.sleep(EVERY_S)


async def take_events(session: AsyncSession) -> int:
    """Takes the next events; how many there were."""
    nothing = {"reader": READER, "tx": 0, "booking_id": "", "version": 0}
    await session.execute(insert(OutboxPlaceRow).values(**nothing).on_conflict_do_nothing())
    query = select(OutboxPlaceRow).where(OutboxPlaceRow.reader == READER).with_for_update()
    place = (await session.scalars(query)).one()
    events = await read_outbox(session, Place(place.tx, place.booking_id, place.version))
    practice = await exercises_of(session, events)
    for event in events:
        await ask_to_tell(session, event, exercise=event.booking_id in practice)
    if events:
        last = place_of(events[-1])
        place.tx, place.booking_id, place.version = last.tx, last.booking_id, last.version
    return len(events)


async def exercises_of(session: AsyncSession, events: Sequence[BookingEventRow]) -> frozenset[str]:
    """Which of the events' bookings belong to exercises."""
    if not events:
        return frozenset()
    bookings = {event.booking_id for event in events}
    row = BookingRow
    query = select(row.booking_id).where(row.booking_id.in_(bookings), row.exercise)
    return frozenset(await session.scalars(query))


async def ask_to_tell(session: AsyncSession, event: BookingEventRow, *, exercise: bool) -> None:
    """The job of one event, under the id of whatever was behind it."""
    key = f"{event.booking_id}:{event.version}"
    urgency = Priority.URGENT if event.responder_ids else Priority.NORMAL
    payload = {"booking_id": event.booking_id, "version": event.version}
    job = NewJob(
        "notify.booking", key, payload, tenant_of(event), urgency, correlation_id=event.correlation_id,
        exercise=exercise,
    )  # fmt: skip
    await enqueue(session, job)


def tenant_of(event: BookingEventRow) -> Tenant | None:
    """Whose work an event's jobs are."""
    for kind, tenant_id in (
        ("centre", event.centre_id),
        ("hospital", event.hospital_id),
        ("community", event.community_id),
    ):
        if tenant_id is not None:
            return Tenant(kind, tenant_id)
    return None
