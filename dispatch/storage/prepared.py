"""Statements that run all day, without SQLAlchemy's work around each of them: written once, sent as they are.

In: a scoped session inside its transaction, and values. Out: what PostgreSQL answers. Invariants: the same connection
and transaction as the session's own statements; an insert is held against the application's scope as any other; reads
are for tables and roles where that scope is one known column, which the caller puts into the statement. What a session
has only been given (`add`) is not seen here before it is flushed.

An insert through the ORM costs some 1,100 Python calls, one from here some 60.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, Range
from sqlalchemy.ext.asyncio import AsyncSession

from .scope import check_values
from .tables import Row

DRIVER_KEY: Final = "driver"
"""Where a session keeps the driver's connection while its transaction runs."""


async def driver_of(session: AsyncSession) -> asyncpg.Connection:
    """The driver's connection of a session, inside its transaction."""
    if DRIVER_KEY not in session.info:
        await session.connection()
    return session.info[DRIVER_KEY]


class PreparedInsert:
    """An insert of one row, always with the same columns."""

    def __init__(self, table: type[Row], columns: Sequence[str], *, once: bool = False) -> None:
        """`once`: a row that meets another one in a unique or exclusion constraint is not written, and no error."""
        self._table = table
        self._columns = tuple(columns)
        self._encoders = tuple(_encoder(table, column) for column in columns)
        places = ", ".join(f"${number + 1}" for number in range(len(columns)))
        tail = " ON CONFLICT DO NOTHING" if once else ""
        self._sql = f"INSERT INTO {table.__tablename__} ({', '.join(columns)}) VALUES ({places}){tail}"  # noqa: S608

    async def write(self, session: AsyncSession, values: Mapping[str, Any]) -> bool:
        """Whether it was written. Raises OutOfScope, and the driver's errors."""
        check_values(session.sync_session, self._table, values)
        given = (encode(values[column]) for column, encode in zip(self._columns, self._encoders, strict=True))
        done: str = await (await driver_of(session)).execute(self._sql, *given)
        return done.endswith(" 1")


def _encoder(table: type[Row], column: str) -> Callable[[Any], Any]:
    kind = table.__table__.columns[column].type
    if isinstance(kind, JSONB):
        return _as_json
    return _as_range if isinstance(kind, TSTZRANGE) else _as_is


def _as_json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _as_range(value: Range[Any] | None) -> asyncpg.Range | None:
    return None if value is None else asyncpg.Range(value.lower, value.upper)


def _as_is(value: object) -> object:
    return value
