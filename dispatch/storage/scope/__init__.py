"""The application's own scope: every statement of a scoped session is narrowed to what the acting role reaches.

In: a session's context and its statements. Out: the same statements with the scope's conditions, or an `OutOfScope`.
Invariants: nobody narrows at a call site; a table that does not name the role gives no rows and takes none; it holds
without the database's row-level security, as that holds without it. The server's own roles (ledger, identity, registry
and worker) act for all tenants and are not narrowed.
"""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Insert, Select, Table, Update, event, false
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql import visitors
from sqlalchemy.sql.visitors import ExternallyTraversible

from dispatch.storage.context import BOUND_ROLES, SERVER_ROLES, Context
from dispatch.storage.errors import OutOfScope
from dispatch.storage.tables import Row

from .bookings import BOOKINGS
from .calls import AUDIT, CALLS
from .dispatching import DISPATCHING
from .jobs import JOBS
from .organisations import ORGANISATIONS, PEOPLE
from .protocols import PROTOCOLS
from .records import RECORDS
from .rules import ScopeOfTable, ScopeRule
from .training import TRAINING

SCOPES: Final[dict[type[Row], ScopeOfTable]] = {
    **ORGANISATIONS,
    **PEOPLE,
    **AUDIT,
    **CALLS,
    **RECORDS,
    **BOOKINGS,
    **DISPATCHING,
    **JOBS,
    **TRAINING,
    **PROTOCOLS,
}

CONTEXT_KEY: Final = "context"
WIDE_ROLES: Final = SERVER_ROLES - BOUND_ROLES
CONDITIONS_KEPT: Final = 4096
"""Conditions of people who ask now; writing one costs some 60 microseconds, and the oldest is written again."""


def rule_of(table: type[Row], context: Context) -> ScopeRule | None:
    """What the context's role reaches of a table; None for nothing."""
    return SCOPES.get(table, {}).get(context.role)


def narrow(state: ORMExecuteState) -> None:
    """Adds the scope's condition for every table that a statement touches."""
    context = _context(state.session)
    if context is None or context.role in WIDE_ROLES:
        return
    if state.is_insert:
        _check_inserted(state.session, cast("Insert", state.statement), state.parameters)
        return
    if state.is_update or state.is_delete:
        changed = _target(cast("Update", state.statement))
        rule = rule_of(changed, context)
        if not (rule and rule.writes):
            raise _out_of_scope(changed, context)
    state.statement = narrowed(cast("Select[Any]", state.statement), context)


def narrowed(statement: Select[Any], context: Context) -> Select[Any]:
    """A statement with the scope's condition for every table that it touches."""
    if context.role in WIDE_ROLES:
        return statement
    conditions = [_condition(table, rule_of(table, context), context) for table in touched_by(statement)]
    return statement.options(*conditions) if conditions else statement


def touched_by(statement: Select[Any]) -> tuple[type[Row], ...]:
    """The tables that a statement names, once each."""
    return tuple(dict.fromkeys(_rows_of(statement)))


def narrows(session: Session) -> bool:
    """Whether a session's statements are narrowed. They always are, but where one layer is tried without the other."""
    return event.contains(type(session), "do_orm_execute", narrow)


@lru_cache(CONDITIONS_KEPT)
def _condition(table: type[Row], rule: ScopeRule | None, context: Context) -> LoaderCriteriaOption:
    return with_loader_criteria(table, rule.rows(table, context) if rule else false(), include_aliases=True)


def check_written(session: Session, flush: UOWTransaction, instances: object) -> None:
    """Refuses to write a row outside the scope, before it reaches the database."""
    del flush, instances
    context = _context(session)
    if context is None or context.role in WIDE_ROLES:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        _check_row(row, context)


def may_write(session: Session, table: type[Row], values: Mapping[str, Any]) -> bool:
    """Whether the acting role may write a row with these values."""
    context = _context(session)
    if context is None or context.role in WIDE_ROLES:
        return True
    rule = rule_of(table, context)
    return rule is not None and rule.admits(cast("Row", Values(values)), context)


def check_values(session: Session, table: type[Row], values: Mapping[str, Any]) -> None:
    """Refuses to insert values outside the scope. Raises OutOfScope."""
    if not may_write(session, table, values):
        raise OutOfScope(f"This {table.__tablename__} may not be written by who acts.")


class Values:
    """Values as a row would show them; what is not given is None."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> None:
        return None


def scope_sessions(kind: type[Session]) -> None:
    """From now on every session of a kind is narrowed."""
    event.listen(kind, "do_orm_execute", narrow)
    event.listen(kind, "before_flush", check_written)


def _context(session: Session) -> Context | None:
    return cast("Context | None", session.info.get(CONTEXT_KEY))


def _check_inserted(session: Session, statement: Insert, parameters: object) -> None:
    given: Any = parameters or _inline_values(statement)
    for values in given if isinstance(given, list) else [given]:
        check_values(session, _target(statement), values)


def _inline_values(statement: Insert) -> dict[str, Any]:
    """What `insert(...).values(...)` would write. Compiling the statement to find out costs more than running it."""
    inline = statement._values
    if inline is None:
        return dict(statement.compile().params)
    columns = cast("dict[ColumnElement[Any], object]", inline)
    return {str(column.key): getattr(given, "value", None) for column, given in columns.items()}


def _target(statement: Insert | Update) -> type[Row]:
    return cast("type[Row]", statement.entity_description["entity"])


def _check_row(row: Row, context: Context) -> None:
    rule = rule_of(type(row), context)
    if rule is None or not rule.admits(row, context):
        raise _out_of_scope(type(row), context)


def _out_of_scope(table: type[Row], context: Context) -> OutOfScope:
    return OutOfScope(f"{context.role} may not write this {table.__tablename__}.")


def _rows_of(statement: object) -> Iterator[type[Row]]:
    for element in visitors.iterate(cast("ExternallyTraversible", statement)):
        if isinstance(element, Table) and element.name in _tables():
            yield _tables()[element.name]


@cache
def _tables() -> dict[str, type[Row]]:
    return {mapper.class_.__tablename__: mapper.class_ for mapper in Row.registry.mappers}
