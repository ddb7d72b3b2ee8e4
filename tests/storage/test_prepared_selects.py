"""Selects that are written once for many people: everybody gets what the scope says for them, and nobody else's."""

from typing import Any

import pytest
from sqlalchemy import Integer, Select, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from dispatch.contract.base import CentreId, PersonId
from dispatch.storage import Context, DatabaseRole
from dispatch.storage.context import BOUND_ROLES
from dispatch.storage.engine import ScopedSession
from dispatch.storage.prepared import DRIVER_KEY, PreparedSelect, later
from dispatch.storage.scope import CONTEXT_KEY, SCOPES, narrowed
from dispatch.storage.scope.rules import Own
from dispatch.storage.tables import AuditEventRow, BookingRow, Row, SlotRow

pytestmark = pytest.mark.unit

COVERED = (
    (),
    (("community", "north"),),
    (("centre", "b"), ("centre", "a"), ("centre", "c"), ("hospital", "h10"), ("hospital", "h9"), ("community", "c")),
    (("everything", ""),),
)
"""What grants may cover: nothing, one place, many whose order by text is not that of their names here, all."""


class Recorded:
    """A driver, and a session on it, that remembers what it is sent."""

    def __init__(self, context: Context) -> None:
        self.sent: list[tuple[Any, ...]] = []
        self.sync_session = ScopedSession()
        self.info = {DRIVER_KEY: self, CONTEXT_KEY: context}

    async def fetch(self, *sent: Any) -> list[Any]:
        self.sent.append(sent)
        return []


async def sent_for(prepared: PreparedSelect, context: Context, **values: object) -> tuple[Any, ...]:
    session: Any = Recorded(context)
    await prepared.rows(session, **values)
    return session.sent[0]  # type: ignore[no-any-return]


def as_written_for(statement: Select[Any], context: Context) -> tuple[Any, ...]:
    """The statement as SQLAlchemy writes it for one context alone."""
    compiled: Any = narrowed(statement, context).compile(dialect=dialect(), compile_kwargs={"render_postcompile": True})
    return (compiled.string, *(compiled.params[name] for name in compiled.positiontup))


def context_of(role: DatabaseRole, covers: tuple[tuple[str, str], ...], mark: str) -> Context:
    centre = CentreId(f"{mark}-bound") if role in BOUND_ROLES else None
    return Context(role, PersonId(f"{mark}-p"), centre, frozenset((kind, one and mark + one) for kind, one in covers))


@pytest.mark.parametrize("table", SCOPES, ids=lambda table: table.__tablename__)
async def test_everybody_is_sent_the_select_that_is_narrowed_for_them(table: type[Row]) -> None:
    statement = select(*table.__table__.primary_key.columns)
    statement = select(*(getattr(table, column.key) for column in statement.selected_columns))
    prepared = PreparedSelect(statement)
    for role in DatabaseRole:
        for covers in COVERED:
            for mark in ("one-", "two-", "one-"):
                context = context_of(role, covers, mark)
                assert await sent_for(prepared, context) == as_written_for(statement, context)


async def test_values_that_come_later_go_beside_the_scopes() -> None:
    prepared = PreparedSelect(select(BookingRow.booking_id).where(BookingRow.version > later("version", Integer())))
    nurse = context_of(DatabaseRole.NURSE, (("hospital", "h"),), "")
    assert sorted((await sent_for(prepared, nurse, version=3))[1:], key=str) == [3, "h"]
    with pytest.raises(KeyError):
        await sent_for(prepared, nurse)


async def test_a_scope_that_changes_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    statement = select(BookingRow.booking_id)
    prepared = PreparedSelect(statement)
    nurse = context_of(DatabaseRole.NURSE, (("hospital", "h"),), "")
    before = await sent_for(prepared, nurse)
    monkeypatch.setitem(SCOPES, BookingRow, {DatabaseRole.NURSE: Own()})
    assert await sent_for(prepared, nurse) == as_written_for(statement, nurse) != before


async def test_a_role_without_a_scope_on_a_table_finds_nothing() -> None:
    prepared = PreparedSelect(select(AuditEventRow.audit_id))
    (statement,) = await sent_for(prepared, context_of(DatabaseRole.NURSE, (("hospital", "h"),), ""))
    assert "WHERE false" in statement


def test_a_column_that_the_driver_gives_in_another_form_is_refused_at_once() -> None:
    with pytest.raises(TypeError):
        PreparedSelect(select(SlotRow.slot_id, SlotRow.during))
