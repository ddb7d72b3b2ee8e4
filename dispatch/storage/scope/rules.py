"""The building blocks of the application's own scope: which rows a person's role reaches, and which it may write.

A rule looks at what the token's grants cover, never at the database's own policies: the two layers know nothing of each
other, so that a mistake in one of them is caught by the other (see `dispatch.storage.access`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from dispatch.storage.context import Context, DatabaseRole
from dispatch.storage.tables import CentreCommunityRow, HospitalCommunityRow, Row

R = DatabaseRole
CENTRE_ROLES: Final = (R.OPERATOR, R.SUPERVISOR)
HOSPITAL_ROLES: Final = (R.HOSPITAL_ADMIN, R.NURSE, R.PARAMEDIC)
COMMUNITY_ROLES: Final = (R.COMMUNITY_MANAGER, R.RESIDENT)
PERSON_ROLES: Final = (R.SUPER_ADMIN, *HOSPITAL_ROLES, *COMMUNITY_ROLES, *CENTRE_ROLES, R.TRAINER)


class ScopeRule(Protocol):
    """What one role reaches of one table. Updates and deletions by statement need `writes`.

    Rules are compared by value, and take a context's ids as values alone: a statement that is written once for many
    people (`prepared`) has them later. How many places a context covers may change what a rule says.
    """

    def __hash__(self) -> int: ...

    @property
    def writes(self) -> bool: ...

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        """The condition that a readable row meets."""
        ...

    def admits(self, row: Row, context: Context) -> bool:
        """Whether a row may be written as it now is."""
        ...


ScopeOfTable = Mapping[DatabaseRole, ScopeRule]


@dataclass(frozen=True)
class Everything:
    """All rows; `writes` says whether they may be changed, too."""

    writes: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        del table, context
        return true()

    def admits(self, row: Row, context: Context) -> bool:
        del row, context
        return self.writes


@dataclass(frozen=True)
class Within:
    """Rows of the centres, hospitals or communities that the role's grants cover."""

    kind: str
    column: str
    writes: bool = False
    exercises_only: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        inside: ColumnElement[bool] = getattr(table, self.column).in_(sorted(context.covered(self.kind)))
        return and_(inside, table.exercise.is_(True)) if self.exercises_only else inside  # type: ignore[attr-defined]

    def admits(self, row: Row, context: Context) -> bool:
        return self.writes and getattr(row, self.column) in context.covered(self.kind)


@dataclass(frozen=True)
class OfTenant:
    """Rows that say by kind and id whose they are. Read-only."""

    kind: str
    writes: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        ours = table.tenant_id.in_(sorted(context.covered(self.kind)))  # type: ignore[attr-defined]
        return and_(table.tenant_kind == self.kind, ours)  # type: ignore[attr-defined]

    def admits(self, row: Row, context: Context) -> bool:
        del row, context
        return False


@dataclass(frozen=True)
class Own:
    """Rows of the person who acts."""

    column: str = "person_id"
    writes: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        return getattr(table, self.column) == context.person_id  # type: ignore[no-any-return]

    def admits(self, row: Row, context: Context) -> bool:
        return self.writes and getattr(row, self.column) == context.person_id


@dataclass(frozen=True)
class Managed:
    """Grants and invitations in the places that the role's grants cover, and the person's own ones.

    Only those of `roles` may be written, and only there.
    """

    kind: str
    roles: frozenset[str]
    own_column: str | None = None
    writes: bool = True

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        place: Any = table
        inside = and_(place.scope_kind == self.kind, place.scope_id.in_(sorted(context.covered(self.kind))))
        if self.own_column is None:
            return inside
        return or_(inside, getattr(table, self.own_column) == context.person_id)

    def admits(self, row: Row, context: Context) -> bool:
        given: Any = row
        inside = given.scope_kind == self.kind and given.scope_id in context.covered(self.kind)
        return inside and given.role in self.roles


@dataclass(frozen=True)
class Through:
    """Rows whose `column` is among what a query over other tables gives. Read-only."""

    column: str
    query: Callable[[Context], Select[str] | Select[str | None]]
    writes: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        return getattr(table, self.column).in_(self.query(context))  # type: ignore[no-any-return]

    def admits(self, row: Row, context: Context) -> bool:
        del row, context
        return False


@dataclass(frozen=True)
class Logged:
    """Rows that anybody may add, and that are read as another rule says."""

    readable: ScopeRule
    writes: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        return self.readable.rows(table, context)

    def admits(self, row: Row, context: Context) -> bool:
        del row, context
        return True


@dataclass(frozen=True)
class WriteOnly:
    """Rows that may be added and never read."""

    writes: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        del table, context
        return false()

    def admits(self, row: Row, context: Context) -> bool:
        del row, context
        return True


def each(roles: Iterable[DatabaseRole], rule: ScopeRule) -> dict[DatabaseRole, ScopeRule]:
    """The same rule for several roles."""
    return dict.fromkeys(roles, rule)


def bound_centre(writes: bool = False) -> dict[DatabaseRole, ScopeRule]:
    """The server's own work for the one centre that the context names."""
    return {R.CENTRE: BoundCentre(writes)}


@dataclass(frozen=True)
class BoundCentre:
    """Rows of the context's centre."""

    writes: bool = False

    def rows(self, table: type[Row], context: Context) -> ColumnElement[bool]:
        return table.centre_id == context.centre_id  # type: ignore[attr-defined, no-any-return]

    def admits(self, row: Row, context: Context) -> bool:
        return self.writes and getattr(row, "centre_id", None) == context.centre_id


def serving_hospitals(context: Context) -> Select[str]:
    """The hospitals that serve the communities of the context."""
    link = HospitalCommunityRow
    return select(link.hospital_id).where(link.community_id.in_(sorted(context.covered("community"))))


def served_communities(context: Context) -> Select[str]:
    """The communities that the hospitals of the context serve."""
    link = HospitalCommunityRow
    return select(link.community_id).where(link.hospital_id.in_(sorted(context.covered("hospital"))))


def communities_of_centre(context: Context) -> Select[str]:
    """The communities that the context's centres serve."""
    bound = {context.centre_id} if context.role is R.DISPATCH else context.covered("centre")
    link = CentreCommunityRow
    return select(link.community_id).where(link.centre_id.in_(sorted(centre for centre in bound if centre)))


def hospitals_of_centre(context: Context) -> Select[str]:
    """The hospitals that serve the communities of the context's centres."""
    link = HospitalCommunityRow
    return select(link.hospital_id).where(link.community_id.in_(communities_of_centre(context)))
