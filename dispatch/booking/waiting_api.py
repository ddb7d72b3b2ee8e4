"""The line of those who wait for a slot of a calendar: the whole of it for those who keep the calendar, and one's own
place in it.

In: checked requests. Out: pages of the line, or one place. Invariants: a line names bookings, never people; somebody
sees only the bookings within their reach, and a place still counts everybody who stands before; whoever has a slot, or
has called it off, stands in no line.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.booking import PlaceInLine, WaitingEntry, WaitingList
from dispatch.contract.http import PageQuery
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage import stepped_into
from dispatch.storage.context import WORKER
from dispatch.storage.tables import BookingRow, CalendarRow, WaitingRow

LINE: Final = select(
    WaitingRow.waiting_id,
    WaitingRow.booking_id,
    BookingRow.service_type,
    BookingRow.requested_at,
    WaitingRow.earliest,
    WaitingRow.latest,
).join(BookingRow, BookingRow.booking_id == WaitingRow.booking_id)
STANDS: Final = WaitingRow.ended_at.is_(None)


async def list_waiting(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """A page of a calendar's line, the first come first."""
    calendar_id = asked.path["calendar_id"]
    hospital_id = await session.scalar(select(CalendarRow.hospital_id).where(CalendarRow.calendar_id == calendar_id))
    if hospital_id is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such calendar.")
    query = LINE.where(WaitingRow.calendar_id == calendar_id, STANDS).order_by(WaitingRow.waiting_id)
    if asked.after:
        query = query.where(WaitingRow.waiting_id > int(asked.after[0]))
    rows = (await session.execute(query.limit(asked.query.limit + 1))).all()
    shown, cursor = asked.page(rows, lambda row: (str(row.waiting_id),))
    places = await places_in_line(session, calendar_id, [row.waiting_id for row in shown])
    entries = (
        WaitingEntry(
            place=places[row.waiting_id],
            booking_id=row.booking_id,
            service_type=row.service_type,
            requested_at=row.requested_at,
            earliest=row.earliest,
            latest=row.latest,
        )
        for row in shown
        if row.waiting_id in places
    )
    return Answer(WaitingList(waiting=tuple(entries), next_cursor=cursor), tenant=("hospital", hospital_id))


async def read_place(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Where a booking stands in its line."""
    query = select(WaitingRow).where(WaitingRow.booking_id == asked.path["booking_id"], STANDS)
    row = await session.scalar(query)
    places = await places_in_line(session, row.calendar_id, [row.waiting_id]) if row else {}
    if row is None or not places:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such booking, or it waits for no slot.")
    return Answer(
        PlaceInLine(
            booking_id=row.booking_id,
            calendar_id=row.calendar_id,
            place=places[row.waiting_id],
            earliest=row.earliest,
            latest=row.latest,
        )
    )


async def places_in_line(session: AsyncSession, calendar_id: str, waiting_ids: Collection[int]) -> dict[int, int]:
    """The places of some who wait, from 1, counted over everybody who does: also over those that the asker never sees.

    Counted from what stands in the line at this moment: somebody who has left since is left out.
    """
    if not waiting_ids:
        return {}
    place = func.row_number().over(order_by=WaitingRow.waiting_id).label("place")
    until = WaitingRow.waiting_id <= max(waiting_ids)
    line = select(WaitingRow.waiting_id, place).where(WaitingRow.calendar_id == calendar_id, STANDS, until).subquery()
    async with stepped_into(session, WORKER):
        found = await session.execute(select(line.c.waiting_id, line.c.place).where(line.c.waiting_id.in_(waiting_ids)))
        return {row.waiting_id: row.place for row in found}


HANDLERS: Final[dict[str, Handler]] = {"list_waiting": list_waiting, "read_place_in_line": read_place}
