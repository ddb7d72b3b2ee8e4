"""Who is out although their access token still looks good: ended sessions and suspended people.

In: the database, read every 15 s. Out: yes or no, from memory. Invariants: whoever is suspended or signed out elsewhere
is out within 60 s, an access token's ten minutes notwithstanding; while the database is away the last known answer
holds, so that nobody is let in again and nobody else is thrown out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select

from dispatch.observability.clock import Clock
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import PersonRow, SignInFamilyRow

from .principal import Principal
from .tokens import LIFETIME

REFRESH_S: Final = 15.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Departed:
    """Sessions and people whose tokens may not have run out yet."""

    sessions: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


class Revocations:
    """Keeps the departed of the last ten minutes in memory; older tokens have run out by themselves."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._departed = Departed()

    def cover(self, principal: Principal) -> bool:
        """Whether the principal's session has ended, or the person is suspended."""
        return principal.session_id in self._departed.sessions or principal.person_id in self._departed.people

    async def load(self, now: datetime) -> None:
        """Reads who has gone. Raises StoreUnavailable."""
        since = now - 2 * LIFETIME
        ended = select(SignInFamilyRow.family_id).where(SignInFamilyRow.revoked_at > since)
        suspended = select(PersonRow.person_id).where(PersonRow.suspended_at > since)
        async with self._database.transaction(IDENTITY) as session:
            self._departed = Departed(
                frozenset(await session.scalars(ended)), frozenset(await session.scalars(suspended))
            )

    async def keep_fresh(self, clock: Clock) -> None:
        """Reads every 15 s, for ever; run it as one task of the process."""
        while True:
            try:
                await self.load(clock.now())
            except StoreUnavailable as error:
                _log.warning("revocations not refreshed", code=error.code)
            await clock.sleep(REFRESH_S)
