"""A call's log as it is kept, whole.

In: a call of the database. Out: its entries, opened with the call's key. Raises Refused for a call that is not over or
whose records are gone: a sheet of half a log would be wrong for ever.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.console import CallState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import TimelineEntry
from dispatch.storage import TenantKeys
from dispatch.storage.tables import CallRow, RecordKeyRow, TimelineEntryRow
from dispatch.storage.timeline_store import entry_from

MOST_LINES: Final = 200
"""Of a log that is followed, at once."""
OVER: Final = frozenset({CallState.ENDED.value, CallState.CLOSED.value})


async def call_of(session: AsyncSession, call_id: str) -> CallRow:
    """A call that the acting role reaches. Raises Refused."""
    call = await session.get(CallRow, call_id)
    if call is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such call.")
    return call


async def log_of(session: AsyncSession, keys: TenantKeys, call: CallRow) -> tuple[TimelineEntry, ...]:
    """All entries of a call that is over. Raises Refused."""
    if call.state not in OVER:
        raise Refused(ProblemCode.WRONG_STATE, "The call is not over yet, or its log is still on its way here.")
    return await lines_after(session, keys, call, 0, None)


async def lines_after(
    session: AsyncSession, keys: TenantKeys, call: CallRow, after_seq: int, most: int | None = MOST_LINES
) -> tuple[TimelineEntry, ...]:  # fmt: skip
    """The entries after a line that are in the database already, of a call that may still run. Raises Refused."""
    kept = await session.get(RecordKeyRow, call.call_id)
    if kept is None or call.erased_at is not None:
        raise Refused(ProblemCode.NOT_FOUND, "The call's records are gone.")
    key = keys.open(kept.centre_id, kept.wrapped)
    query = select(TimelineEntryRow).where(TimelineEntryRow.call_id == call.call_id, TimelineEntryRow.seq > after_seq)
    found = await session.scalars(query.order_by(TimelineEntryRow.seq).limit(most))
    return tuple(entry_from(row, key) for row in found)
