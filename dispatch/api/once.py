"""Doing a request once: the Idempotency-Key.

In: a person, a key, the request's hash, within the transaction of the deed. Out: nothing for a new request, the stored
answer for one that was carried out. Invariants (draft-ietf-httpapi-idempotency-key-header): the key is stored in the
same transaction as the deed; the same key with another request is refused; while the first one runs, the second is told
to wait; keys of different people have nothing to do with each other.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage.prepared import PreparedInsert, driver_of
from dispatch.storage.tables import IdempotencyKeyRow

KEPT_DAYS: Final = 2
LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"
RECALL: Final = "SELECT fingerprint, answer, version FROM idempotency_key WHERE person_id = $1 AND key = $2"
REMEMBER: Final = PreparedInsert(
    IdempotencyKeyRow, ("person_id", "key", "fingerprint", "answer", "version", "created_at")
)  # fmt: skip


@dataclass(frozen=True)
class Once:
    """One request with its key."""

    person_id: str
    key: str
    fingerprint: str = field(repr=False)


@dataclass(frozen=True)
class Stored:
    """The answer of a request that was carried out."""

    body: dict[str, Any] | None = field(repr=False)
    version: int | None


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


async def recall(session: AsyncSession, once: Once) -> Stored | None:
    """The stored answer, or None for a new request. Raises Refused for a key in use, or used for something else."""
    driver = await driver_of(session)
    if not await driver.fetchval(LOCK, f"{once.person_id}\n{once.key}"):
        raise Refused(ProblemCode.KEY_IN_USE, "The first request with this key is still running.")
    row = await driver.fetchrow(RECALL, once.person_id, once.key)
    if row is None:
        return None
    if row["fingerprint"] != once.fingerprint:
        raise Refused(ProblemCode.KEY_REUSED, "This key was used for another request.")
    return Stored(row["answer"], row["version"])


async def remember(session: AsyncSession, once: Once, stored: Stored, at: datetime) -> None:
    """Stores the answer with the deed."""
    values = {
        "person_id": once.person_id,
        "key": once.key,
        "fingerprint": once.fingerprint,
        "answer": stored.body,
        "version": stored.version,
        "created_at": at,
    }
    await REMEMBER.write(session, values)
