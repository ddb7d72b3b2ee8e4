"""A person's sessions: where they are signed in, and how to end it.

In: a person, a session. Out: the list, or an ended session. Invariants: a person sees and ends their own sessions
alone; an ended session gets no new token at once, and its access token is refused within 60 s (`revocations`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import PersonId
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import SignInFamilyRow

from .refresh import LIFETIME

LONGEST_LIST: Final = 100


@dataclass(frozen=True)
class LiveSession:
    """One place where a person is signed in."""

    session_id: str
    client: str = field(repr=False)
    created_at: datetime
    last_used_at: datetime


async def live_sessions(database: Database, person_id: PersonId, now: datetime) -> tuple[LiveSession, ...]:
    """Where a person is signed in, the last used first; at most 100."""
    async with database.transaction(IDENTITY) as session:
        return await sessions_of(session, person_id, now)


async def sessions_of(session: AsyncSession, person_id: PersonId, now: datetime) -> tuple[LiveSession, ...]:
    """The same within a transaction of somebody who may see it."""
    query = (
        select(SignInFamilyRow)
        .where(
            SignInFamilyRow.person_id == person_id,
            SignInFamilyRow.revoked_at.is_(None),
            SignInFamilyRow.last_used_at > now - LIFETIME,
        )
        .order_by(SignInFamilyRow.last_used_at.desc())
        .limit(LONGEST_LIST)
    )
    rows = (await session.scalars(query)).all()
    return tuple(LiveSession(row.family_id, row.client, row.created_at, row.last_used_at) for row in rows)


async def end_session(database: Database, person_id: PersonId, session_id: str, now: datetime) -> bool:
    """Ends one session of a person. False when they have no such session."""
    async with database.transaction(IDENTITY) as session:
        return await end_sessions(session, person_id, now, "ended by its owner", session_id) > 0


async def end_all_sessions(database: Database, person_id: PersonId, now: datetime, why: str) -> int:
    """Ends every session of a person, and says how many there were."""
    async with database.transaction(IDENTITY) as session:
        return await end_sessions(session, person_id, now, why)


async def end_sessions(
    session: AsyncSession, person_id: PersonId, now: datetime, why: str, session_id: str | None = None
) -> int:
    """Marks a person's live sessions as ended, or the one that is named; says how many there were."""
    wanted = [SignInFamilyRow.person_id == person_id, SignInFamilyRow.revoked_at.is_(None)]
    if session_id is not None:
        wanted.append(SignInFamilyRow.family_id == session_id)
    statement = update(SignInFamilyRow).where(*wanted).values(revoked_at=now, revoked_why=why)
    ended = await session.scalars(statement.returning(SignInFamilyRow.family_id))
    return len(ended.all())
