"""Refresh tokens: opaque, used once, each followed by the next; stored as hashes.

In: a refresh token and the time. Out: its successor and the session that it belongs to. Invariants: one atomic update
decides who uses a token; the successor is derived from the token under a secret of the installation, so that those who
lose a race within 10 s get the same successor and nobody is signed out by two tabs refreshing at once; a token that
comes again later, or after its successor was used, was stolen or copied: the whole family ends.
Measured over 50 families with 20 concurrent refreshes each: no fork, no false end (docs/adr/0104).
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import PersonId
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import RefreshTokenRow, SignInFamilyRow

from .errors import SessionEnded

GRACE: Final = timedelta(seconds=10)
LIFETIME: Final = timedelta(days=14)
"""Of each token; a session that is used lives on."""
TOKEN_BYTES: Final = 32
ENDED: Final = "The session has ended. Sign in again."


@dataclass(frozen=True)
class Rotated:
    """The next refresh token of a session."""

    token: str = field(repr=False)
    family_id: str
    person_id: PersonId
    lives_s: int


class RefreshTokens:
    """Opens, carries on and ends sessions in the database."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = secret.encode()

    async def open(self, person_id: PersonId, now: datetime, client: str = "") -> Rotated:
        """A new session; `client` is what its owner knows it by."""
        family, token = secrets.token_hex(16), secrets.token_urlsafe(TOKEN_BYTES)
        async with self._database.transaction(IDENTITY) as session:
            session.add(
                SignInFamilyRow(family_id=family, person_id=person_id, created_at=now, last_used_at=now, client=client)
            )
            await session.flush()
            session.add(token_row(token, family, now))
        return Rotated(token, family, person_id, lives_s())

    async def rotate(self, token: str, now: datetime) -> Rotated:
        """The successor of a refresh token. Raises SessionEnded."""
        async with self._database.transaction(IDENTITY) as session:
            rotated = await self._rotate(session, token, now)
        if rotated is None:
            raise SessionEnded(ENDED)
        return rotated

    async def _rotate(self, session: AsyncSession, token: str, now: datetime) -> Rotated | None:
        successor = self._successor(token)
        family_id = await take(session, token, successor, now)
        if family_id is not None:
            session.add(token_row(successor, family_id, now))
        else:
            family_id = await raced_family(session, token, now)
        if family_id is None:
            return None
        person_id = await live_person(session, family_id, now)
        return None if person_id is None else Rotated(successor, family_id, person_id, lives_s())

    async def end(self, token: str, now: datetime) -> None:
        """Ends the session of a refresh token; an unknown token ends nothing."""
        async with self._database.transaction(IDENTITY) as session:
            row = await session.get(RefreshTokenRow, digest(token))
            if row is not None:
                await end_family(session, row.family_id, now, "signed out")

    def _successor(self, token: str) -> str:
        derived = hmac.digest(self._secret, b"successor:" + token.encode(), hashlib.sha256)
        return urlsafe_b64encode(derived).rstrip(b"=").decode()


async def take(session: AsyncSession, token: str, successor: str, now: datetime) -> str | None:
    """Uses a token up, if nobody has and it is still good: its family, or None. One statement, so one winner."""
    statement = (
        update(RefreshTokenRow)
        .where(
            RefreshTokenRow.token_hash == digest(token),
            RefreshTokenRow.used_at.is_(None),
            RefreshTokenRow.expires_at > now,
        )
        .values(used_at=now, successor_hash=digest(successor))
        .returning(RefreshTokenRow.family_id)
    )
    return await session.scalar(statement)


async def raced_family(session: AsyncSession, token: str, now: datetime) -> str | None:
    """The family of a token that was used a moment ago, by another tab of the same client; None otherwise.

    A token that was used longer ago, or whose successor is in use, is a copy: its family ends here.
    """
    row = await session.get(RefreshTokenRow, digest(token))
    if row is None or row.used_at is None or row.successor_hash is None:
        return None
    next_row = await session.get(RefreshTokenRow, row.successor_hash)
    if now - row.used_at <= GRACE and next_row is not None and next_row.used_at is None:
        return row.family_id
    await end_family(session, row.family_id, now, "refresh token used twice")
    return None


async def live_person(session: AsyncSession, family_id: str, now: datetime) -> PersonId | None:
    """Whose session it is; None when it has ended."""
    statement = (
        update(SignInFamilyRow)
        .where(SignInFamilyRow.family_id == family_id, SignInFamilyRow.revoked_at.is_(None))
        .values(last_used_at=now)
        .returning(SignInFamilyRow.person_id)
    )
    person_id = await session.scalar(statement)
    return None if person_id is None else PersonId(person_id)


async def end_family(session: AsyncSession, family_id: str, now: datetime, why: str) -> None:
    """No token of the family is good any more."""
    await session.execute(
        update(SignInFamilyRow)
        .where(SignInFamilyRow.family_id == family_id, SignInFamilyRow.revoked_at.is_(None))
        .values(revoked_at=now, revoked_why=why)
    )


def token_row(token: str, family_id: str, now: datetime) -> RefreshTokenRow:
    return RefreshTokenRow(token_hash=digest(token), family_id=family_id, expires_at=now + LIFETIME)


def digest(token: str) -> str:
    """What is stored of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def lives_s() -> int:
    return int(LIFETIME.total_seconds())
