"""The outbox of the in-memory adapters over the API."""

import json
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.providers import OutboxEntry, OutboxPage, OutboxQuery
from dispatch.storage.tables import OutboxItemRow


async def list_outbox(asked: Asked[None, OutboxQuery], session: AsyncSession) -> Answer:
    """A page of what would have been sent."""
    wanted = asked.query
    query = select(OutboxItemRow).order_by(OutboxItemRow.item_id.desc()).limit(wanted.limit + 1)
    if wanted.port is not None:
        query = query.where(OutboxItemRow.port == wanted.port)
    if asked.after:
        query = query.where(OutboxItemRow.item_id < int(asked.after[0]))
    rows, cursor = asked.page((await session.scalars(query)).all(), lambda row: (str(row.item_id),))
    return Answer(OutboxPage(items=tuple(map(entry, rows)), next_cursor=cursor))


def entry(row: OutboxItemRow) -> OutboxEntry:
    """A row as administrators see it."""
    return OutboxEntry(
        item_id=str(row.item_id),
        port=row.port,
        operation=row.operation,
        reference=row.reference,
        recipient=row.recipient,
        said=json.dumps(row.body, ensure_ascii=False),
        exercise=row.exercise,
        at=row.at,
    )


HANDLERS: Final[dict[str, Handler]] = {"list_outbox": list_outbox}
