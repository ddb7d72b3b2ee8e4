"""Statements that run all day, without SQLAlchemy's work around each of them: written once, sent as they are.

In: a scoped session inside its transaction, and values. Out: what PostgreSQL answers. Invariants: the same connection
and transaction as the session's own statements; an insert is held against the application's scope, and a select is
narrowed to it, as any other. What a session has only been given (`add`) is not seen here before it is flushed.

An insert through the ORM costs some 1,100 Python calls, one from here some 60.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from sqlalchemy import ARRAY, BindParameter, Dialect, Select, bindparam
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, Range
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from .context import Context
from .scope import CONTEXT_KEY, check_values, narrowed, narrows, rule_of, touched_by
from .scope.rules import ScopeRule
from .scope.shape import Shape, StandIn, ids_of, shape_of, stand_ins
from .tables import Row

DRIVER_KEY: Final = "driver"
"""Where a session keeps the driver's connection while its transaction runs."""
DIALECT: Final[Dialect] = dialect()  # type: ignore[no-untyped-call]
KINDS_KEPT: Final = 200
"""Of each prepared select; more roles and numbers of places than an installation has. All are written again then."""


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


class PreparedSelect:
    """A select of columns, narrowed to what the acting role reaches; what differs from one time to the next is `later`.

    It is written once for each shape of a context (a role, and how many places it covers), with the conditions that the
    scope gives for stand-ins; the ids of who asks take their places when it is sent.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        """Raises TypeError where a column or value needs more than the driver does with it."""
        self._statement = statement
        self._touched = touched_by(statement)
        self._written: dict[_Kind | None, _Written] = {}
        _written(statement)

    async def rows(self, session: AsyncSession, **values: object) -> list[asyncpg.Record]:
        """What it finds, with `values` for what was left for later. Raises KeyError for one that is missing."""
        driver = await driver_of(session)
        context: Context = session.info[CONTEXT_KEY]
        kind = self._kind_of(context) if narrows(session.sync_session) else None
        written = self._written.get(kind) or self._write(kind, context)
        found: list[asyncpg.Record] = await driver.fetch(written.sql, *written.arguments({**ids_of(context), **values}))
        return found

    def _kind_of(self, context: Context) -> "_Kind":
        return (shape_of(context), *(rule_of(table, context) for table in self._touched))

    def _write(self, kind: "_Kind | None", context: Context) -> "_Written":
        if len(self._written) >= KINDS_KEPT:
            self._written.clear()
        statement = narrowed(self._statement, stand_ins(context)) if kind else self._statement
        self._written[kind] = _written(statement)
        return self._written[kind]


_Kind = tuple[Shape | ScopeRule | None, ...]
"""What a select is written for: a shape, and the scope's rule of each table."""


def later(name: str, kind: TypeEngine[Any]) -> BindParameter[Any]:
    """A value that is given when a prepared select is sent."""
    return bindparam(name, None, kind)


@dataclass(frozen=True)
class _Written:
    """A statement as the driver takes it."""

    sql: str
    fixed: Mapping[str, Any]
    """Values that are always the same, by name."""
    places: tuple[str, ...]
    """What comes at $1, $2 and so on: a name, or a stand-in."""

    def arguments(self, told: Mapping[str, Any]) -> list[Any]:
        return [self.fixed[place] if place in self.fixed else told[place] for place in self.places]


def _written(statement: Select[*tuple[Any, ...]]) -> _Written:
    """Raises TypeError."""
    compiled = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    names, known = compiled.positiontup or [], compiled.params
    if compiled._bind_processors or any(map(_processed, statement.selected_columns)):
        raise TypeError("A prepared select takes and gives values as the driver does.")
    return _Written(
        compiled.string,
        {name: value for name, value in known.items() if value is not None and not isinstance(value, StandIn)},
        tuple(known[name] if isinstance(known[name], StandIn) else name for name in names),
    )


def _processed(column: Any) -> bool:
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    return kind.dialect_impl(DIALECT).result_processor(DIALECT, None) is not None


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
