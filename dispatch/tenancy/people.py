"""Suspending people, and letting them in again.

In: a person. Out: a person who is out, or back. Invariants: suspension ends every session; it takes nothing away that
would have to be given again (roles stay); a suspended person is out within 60 s (`dispatch.identity.revocations`).
"""

from datetime import datetime

from sqlalchemy import update

from dispatch.contract.base import PersonId
from dispatch.identity import end_all_sessions
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import PersonRow


async def suspend(database: Database, person_id: PersonId, now: datetime) -> bool:
    """Shows a person out. False when there is no such person."""
    found = await _set_suspended(database, person_id, now)
    await end_all_sessions(database, person_id, now, "suspended")
    return found


async def reinstate(database: Database, person_id: PersonId) -> bool:
    """Lets a suspended person sign in again. False when there is no such person."""
    return await _set_suspended(database, person_id, None)


async def _set_suspended(database: Database, person_id: PersonId, at: datetime | None) -> bool:
    statement = update(PersonRow).where(PersonRow.person_id == person_id).values(suspended_at=at)
    async with database.transaction(REGISTRY) as session:
        return (await session.scalars(statement.returning(PersonRow.person_id))).one_or_none() is not None
