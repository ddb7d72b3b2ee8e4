"""Communities, hospitals and dispatch centres as records: what the three kinds have in common, and what not.

In: a kind, ids. Out: rows with their links. Invariants: suspending an organisation takes the grants that rest on it out
of force and reinstating it brings them back; who was suspended or revoked for themselves stays so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import SQLColumnExpression, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import ScopeKind
from dispatch.storage.tables import (
    CentreCommunityRow,
    CommunityRow,
    DispatchCentreRow,
    HospitalCommunityRow,
    HospitalRow,
    Organisation,
    RoleGrantRow,
)

from .versions import existing


@dataclass(frozen=True)
class Kind:
    """One kind of organisation, with its table."""

    scope: ScopeKind
    table: type[Organisation]
    links: type[HospitalCommunityRow] | type[CentreCommunityRow] | None = None
    """Which communities it serves."""

    @property
    def id_name(self) -> str:
        """The name of its id in tables and paths."""
        return f"{self.scope}_id"

    @property
    def key(self) -> SQLColumnExpression[str]:
        return cast("SQLColumnExpression[str]", getattr(self.table, self.id_name))

    @property
    def link_key(self) -> SQLColumnExpression[str]:
        """Its id in the table of links."""
        return cast("SQLColumnExpression[str]", getattr(self.links, self.id_name))

    def id_of(self, row: Organisation) -> str:
        return str(getattr(row, self.id_name))


COMMUNITY: Final = Kind(ScopeKind.COMMUNITY, CommunityRow)
HOSPITAL: Final = Kind(ScopeKind.HOSPITAL, HospitalRow, HospitalCommunityRow)
CENTRE: Final = Kind(ScopeKind.CENTRE, DispatchCentreRow, CentreCommunityRow)
KINDS: Final = {kind.scope: kind for kind in (COMMUNITY, HOSPITAL, CENTRE)}


async def served(session: AsyncSession, kind: Kind, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The communities that each of these organisations serves, as far as the acting role sees them."""
    if kind.links is None:
        return {}
    query = select(kind.link_key, kind.links.community_id).where(kind.link_key.in_(ids))
    found: dict[str, tuple[str, ...]] = {}
    for organisation_id, community_id in await session.execute(query.order_by(kind.links.community_id)):
        found[organisation_id] = (*found.get(organisation_id, ()), community_id)
    return found


async def in_force(session: AsyncSession, scope: ScopeKind, scope_id: str) -> None:
    """Raises Refused for an organisation that does not exist within reach, or is suspended."""
    if scope is ScopeKind.EVERYTHING:
        return
    kind = KINDS[scope]
    row = await existing(session, kind.table, kind.key, scope_id)
    if row.suspended_at is not None:
        raise Refused(ProblemCode.WRONG_STATE, f"This {scope} is suspended.")


async def mark_grants(session: AsyncSession, scope: ScopeKind, scope_id: str, at: datetime | None) -> None:
    """All grants that rest on an organisation stop to count, or count again with None."""
    await session.execute(
        update(RoleGrantRow)
        .where(RoleGrantRow.scope_kind == scope, RoleGrantRow.scope_id == scope_id)
        .values(scope_suspended_at=at)
    )
