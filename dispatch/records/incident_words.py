"""What people said of an incident goes when the records of its calls go, or when its time is over.

In: the archivist's session, a call that is erased, or the time. Out: incidents, their log and the bookings that were
made for them, without words and places. Invariants: an incident keeps its words as long as one of its calls is kept,
for it is part of that record; ids, times and states stay, so that what was sent when can still be counted; a booking
that belongs to a person's own record is not touched.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ARRAY, ColumnElement, Interval, Text, cast, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.dispatching import EVENT_WORDS
from dispatch.storage.tables import BookingRow, CallRow, DispatchEventRow, IncidentRow, RecordPolicyRow

NOTHING: Final = {"nature": "", "place_id": None, "place_label": "", "latitude": None, "longitude": None}


async def empty_incident_of(session: AsyncSession, call_id: str) -> None:
    """Takes the words out of what concerns an erased call, and out of its incident once the last call is erased."""
    await _without_words(session, DispatchEventRow.call_id == call_id)
    of_call = select(CallRow.incident_id).where(CallRow.call_id == call_id).scalar_subquery()
    kept = exists().where(CallRow.incident_id == IncidentRow.incident_id, CallRow.erased_at.is_(None))
    empty = select(IncidentRow.incident_id).where(IncidentRow.incident_id == of_call, ~kept)
    await _empty(session, (await session.scalars(empty)).all())


async def empty_old_incidents(session: AsyncSession, now: datetime, retention_days: int, most: int) -> int:
    """The same for incidents that nobody called about, when their time is over. Returns how many."""
    days = func.coalesce(RecordPolicyRow.retention_days, retention_days)
    over = IncidentRow.closed_at < literal(now) - cast(func.concat(days, " days"), Interval)
    called = exists().where(CallRow.incident_id == IncidentRow.incident_id)
    says_something = or_(
        IncidentRow.nature != "", IncidentRow.place_label != "", IncidentRow.place_id.is_not(None),
        IncidentRow.latitude.is_not(None),
    )  # fmt: skip
    old = (
        select(IncidentRow.incident_id)
        .outerjoin(RecordPolicyRow, RecordPolicyRow.centre_id == IncidentRow.centre_id)
        .where(over, ~called, says_something)
        .limit(most)
    )
    found = (await session.scalars(old)).all()
    await _empty(session, found)
    return len(found)


async def _empty(session: AsyncSession, incident_ids: Collection[str]) -> None:
    if not incident_ids:
        return
    await session.execute(update(IncidentRow).where(IncidentRow.incident_id.in_(incident_ids)).values(**NOTHING))
    await _without_words(session, DispatchEventRow.incident_id.in_(incident_ids))
    made_for_it = (BookingRow.incident_id.in_(incident_ids), BookingRow.person_id.is_(None))
    await session.execute(update(BookingRow).where(*made_for_it).values(place="", note=""))


async def _without_words(session: AsyncSession, which: ColumnElement[bool]) -> None:
    words = cast(array(EVENT_WORDS), ARRAY(Text))
    event = DispatchEventRow
    await session.execute(update(event).where(which, event.body.has_any(words)).values(body=event.body.op("-")(words)))
