"""The outbox: where in-memory adapters put what they would have done, for people and tests to look at.

In: an operation with its key. Out: the same reference for the same key. Invariants: a key is kept once per port; the
outbox in memory holds the newest 10,000 items and drops the oldest; the stored one is shared by all processes.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from dispatch.storage import Database
from dispatch.storage.context import WORKER
from dispatch.storage.tables import OutboxItemRow

MOST: Final = 10_000


@dataclass(frozen=True)
class OutboxItem:
    """One thing that an adapter was asked to do."""

    port: str
    operation: str
    key: str
    body: Mapping[str, Any] = field(repr=False)
    recipient: str = field(default="", repr=False)
    exercise: bool = False
    reference: str = ""


class Outbox(Protocol):
    """Keeps items."""

    async def put(self, item: OutboxItem) -> OutboxItem:
        """Keeps an item and gives it a reference, or gives back what is kept under its key already."""
        ...

    async def find(self, port: str, reference: str) -> list[OutboxItem]:
        """Everything of a reference, oldest first."""
        ...

    async def all(self, port: str) -> list[OutboxItem]:
        """Everything of a port, oldest first."""
        ...


class MemoryOutbox:
    """For tests, and for one process."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], OutboxItem] = {}

    async def put(self, item: OutboxItem) -> OutboxItem:
        kept = self._items.setdefault((item.port, item.key), with_reference(item))
        if len(self._items) > MOST:
            self._items.pop(next(iter(self._items)))
        return kept

    async def find(self, port: str, reference: str) -> list[OutboxItem]:
        return [item for item in await self.all(port) if item.reference == reference]

    async def all(self, port: str) -> list[OutboxItem]:
        return [item for item in self._items.values() if item.port == port]


class StoredOutbox:
    """In the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, item: OutboxItem) -> OutboxItem:
        made = with_reference(item)
        values = {name: getattr(made, name) for name in OutboxItem.__dataclass_fields__} | {"body": dict(made.body)}
        async with self._database.transaction(WORKER) as session:
            await session.execute(insert(OutboxItemRow).values(**values).on_conflict_do_nothing())
            kept = select(OutboxItemRow).where(OutboxItemRow.port == item.port, OutboxItemRow.key == item.key)
            return as_item((await session.scalars(kept)).one())

    async def find(self, port: str, reference: str) -> list[OutboxItem]:
        query = select(OutboxItemRow).where(OutboxItemRow.port == port, OutboxItemRow.reference == reference)
        async with self._database.transaction(WORKER) as session:
            return [as_item(row) for row in await session.scalars(query.order_by(OutboxItemRow.item_id))]

    async def all(self, port: str) -> list[OutboxItem]:
        query = select(OutboxItemRow).where(OutboxItemRow.port == port).order_by(OutboxItemRow.item_id)
        async with self._database.transaction(WORKER) as session:
            return [as_item(row) for row in await session.scalars(query)]


def with_reference(item: OutboxItem) -> OutboxItem:
    """The item with a reference of its own, unless it belongs to another one's."""
    reference = item.reference or f"mem_{secrets.token_hex(8)}"
    return OutboxItem(item.port, item.operation, item.key, item.body, item.recipient, item.exercise, reference)


def as_item(row: OutboxItemRow) -> OutboxItem:
    return OutboxItem(row.port, row.operation, row.key, row.body, row.recipient, row.exercise, row.reference)
