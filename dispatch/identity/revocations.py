"""Who is out although their access token still looks good: ended sessions, suspended people, and roles that were lost.

In: the database, read every 15 s. Out: yes or no, and what is left of somebody's roles, from memory. Invariants:
whoever is suspended or signed out elsewhere is out within 60 s, an access token's ten minutes notwithstanding, and a
role that was taken away or whose organisation is suspended counts no longer; while the database is away the last known
answer holds, so that nobody is let in again and nobody else is thrown out.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.observability.clock import Clock
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import PersonMergeRow, PersonRow, RoleGrantRow, SignInFamilyRow

from .principal import Principal
from .tokens import LIFETIME

REFRESH_S: Final = 15.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Departed:
    """What tokens that may not have run out yet still say, and is true no longer."""

    sessions: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    """Suspended."""
    renamed: frozenset[str] = frozenset()
    """Merged into another id: a refresh brings the id that counts."""
    parted: frozenset[tuple[str, str]] = frozenset()
    """Sessions that spoke for a person as long as two records were one, as (session, person)."""
    lost: frozenset[tuple[str, str, str, str]] = frozenset()
    """Roles, as (person, role, kind of scope, scope)."""


class Revocations:
    """Keeps the departed of the last twenty minutes in memory; older tokens have run out by themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._departed = Departed()

    def cover(self, principal: Principal) -> bool:
        """Whether the principal's session has ended, or the person is suspended or goes by another id."""
        gone = self._departed
        if principal.session_id in gone.sessions or principal.person_id in gone.people:
            return True
        return principal.person_id in gone.renamed or (principal.session_id, principal.person_id) in gone.parted

    def suspended(self, principal: Principal) -> bool:
        """Whether the person is suspended."""
        return principal.person_id in self._departed.people

    def remaining(self, principal: Principal) -> Principal:
        """The principal without the roles that were lost."""
        lost = self._departed.lost
        left = tuple(
            grant
            for grant in principal.grants
            if (principal.person_id, grant.role.value, grant.kind.value, grant.scope_id) not in lost
        )
        return principal if len(left) == len(principal.grants) else replace(principal, grants=left)

    async def load(self, now: datetime) -> None:
        """Reads who has gone, and what was lost. Raises StoreUnavailable."""
        async with self._database.transaction(IDENTITY) as session:
            self._departed = await departed_since(session, now - 2 * LIFETIME)

    async def keep_fresh(self, clock: Clock) -> None:
        """Reads every 15 s, for ever; run it as one task of the process."""
        while True:
            try:
                await self.load(clock.now())
            except StoreUnavailable as error:
                _log.warning("revocations not refreshed", code=error.code)
            await clock.sleep(REFRESH_S)


async def departed_since(session: AsyncSession, since: datetime) -> Departed:
    """Everything that stopped to be true after `since`."""
    family, person, grant = SignInFamilyRow, PersonRow, RoleGrantRow
    lost = select(grant.person_id, grant.role, grant.scope_kind, grant.scope_id).where(grant.lost_at > since)
    parted = (
        select(family.family_id, PersonMergeRow.kept_id)
        .join(PersonMergeRow, PersonMergeRow.merged_id == family.person_id)
        .where(PersonMergeRow.undone_at > since)
    )
    return Departed(
        sessions=frozenset(await session.scalars(select(family.family_id).where(family.revoked_at > since))),
        people=frozenset(await session.scalars(select(person.person_id).where(person.suspended_at > since))),
        renamed=frozenset(await session.scalars(select(person.person_id).where(person.merged_at > since))),
        parted=frozenset((session_id, kept) for session_id, kept in await session.execute(parted)),
        lost=frozenset((who, role, kind, scope) for who, role, kind, scope in await session.execute(lost)),
    )
