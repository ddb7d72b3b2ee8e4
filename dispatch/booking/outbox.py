"""The log of all bookings as an outbox: everything that was committed, in an order that misses nothing.

In: the place up to which somebody has read. Out: the events after it. Invariants: an event is given once, and none is
left out, although transactions commit in another order than they began: readers stop before the oldest that still runs.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import TextClause, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.storage.tables import BookingEventRow

MOST: Final = 500
OLDEST_RUNNING: Final[TextClause] = text("(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")


@dataclass(frozen=True, order=True)
class Place:
    """Up to where somebody has read."""

    tx: int = 0
    booking_id: str = ""
    version: int = 0


def place_of(event: BookingEventRow) -> Place:
    """Where an event stands."""
    return Place(event.tx, event.booking_id, event.version)


async def read_outbox(session: AsyncSession, after: Place, limit: int = MOST) -> list[BookingEventRow]:
    """The next events after a place, at most `limit`; a server role that sees all of them has to ask."""
    row = BookingEventRow
    query = (
        select(row)
        .where(
            tuple_(row.tx, row.booking_id, row.version) > (after.tx, after.booking_id, after.version),
            row.tx < OLDEST_RUNNING,
        )
        .order_by(row.tx, row.booking_id, row.version)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def end_of_outbox(session: AsyncSession) -> Place:
    """The place after everything that can be read now, for somebody who begins to listen."""
    return Place(int(await session.scalar(select(OLDEST_RUNNING)) or 0))
