"""The second factor of staff: enrolling an authenticator app, confirming it, asking for it at sign-in.

In: a person, a code, the time. Out: an enrolment, a verdict. Invariants: a factor counts from its confirmation by a
right code; a code is taken once, also when it arrives twice at the same moment; whoever is signed in, or holds the
token of somebody who is, guesses no faster than at the door.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import PersonId
from dispatch.contract.roles import Role
from dispatch.storage import Database, stepped_into
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import CredentialRow, PersonRow

from .errors import SecondFactorRefused
from .throttle import SignInThrottle
from .totp import enrolment_uri, matching_step, new_secret

SIGNED_IN: Final = "signed in"
"""Where the tries come from, instead of an address: a stolen token may be used from many."""
STRICTEST: Final = Role.SUPER_ADMIN
"""Whose waits apply to everybody here: nobody has to prove this often."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs; shown once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


class SecondFactors:
    """Authenticator apps of people with a password."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._throttle = SignInThrottle()

    async def enrol(self, person_id: PersonId) -> Enrolment:
        """A new secret, which counts once `confirm` has seen a code.

        Raises SecondFactorRefused when another one counts already, or there is no password that it could add to.
        """
        secret = new_secret()
        statement = (
            update(CredentialRow)
            .where(CredentialRow.person_id == person_id, CredentialRow.totp_confirmed_at.is_(None))
            .values(totp_secret=secret, totp_last_step=0)
        )
        async with self._database.transaction(IDENTITY) as session:
            changed = (await session.scalars(statement.returning(CredentialRow.person_id))).one_or_none()
            person = await session.get(PersonRow, person_id)
        if changed is None or person is None:
            raise SecondFactorRefused("There is a second factor already, or no password to add one to.")
        return Enrolment(secret, enrolment_uri(secret, person.email or person_id))

    async def confirm(self, person_id: PersonId, code: str, now: datetime) -> None:
        """Turns the factor on. Raises SecondFactorRefused for a wrong code."""
        async with self._database.transaction(IDENTITY) as session:
            await self.prove(session, person_id, code, now)
            await session.execute(
                update(CredentialRow).where(CredentialRow.person_id == person_id).values(totp_confirmed_at=now)
            )

    async def remove(self, person_id: PersonId, code: str, now: datetime) -> None:
        """Turns the factor off. Raises SecondFactorRefused for a wrong code."""
        async with self._database.transaction(IDENTITY) as session:
            await self.prove(session, person_id, code, now)
            await session.execute(
                update(CredentialRow)
                .where(CredentialRow.person_id == person_id)
                .values(totp_secret=None, totp_confirmed_at=None)
            )

    async def enrolled(self, session: AsyncSession, person_id: PersonId) -> bool:
        """Whether somebody has a confirmed authenticator app."""
        query = select(CredentialRow.totp_confirmed_at).where(CredentialRow.person_id == person_id)
        async with stepped_into(session, IDENTITY):
            return await session.scalar(query) is not None

    async def prove(self, session: AsyncSession, person_id: PersonId, code: str, now: datetime) -> None:
        """Takes a code of somebody who is signed in; it is used once what the session does is done.

        Raises SecondFactorRefused, also for the next one too soon.
        """
        wait_s = self._throttle.wait_s(person_id, SIGNED_IN, now)
        if wait_s > 0:
            raise SecondFactorRefused(f"Too many wrong codes. Try again in {wait_s:.0f} s.")
        self._throttle.failed(person_id, SIGNED_IN, now, (STRICTEST,))  # before: of many at once, few are looked at
        async with stepped_into(session, IDENTITY):
            await _take(session, person_id, code, now)
        self._throttle.succeeded(person_id, SIGNED_IN)

    async def check(self, person_id: PersonId, code: str, now: datetime) -> None:
        """Takes a code, once. Raises SecondFactorRefused for a wrong, old or used one. The caller limits the tries."""
        async with self._database.transaction(IDENTITY) as session:
            await _take(session, person_id, code, now)


async def _take(session: AsyncSession, person_id: PersonId, code: str, now: datetime) -> None:
    credential = await session.get(CredentialRow, person_id, with_for_update=True)
    if credential is not None and credential.totp_secret is not None:
        step = matching_step(credential.totp_secret, code, now, credential.totp_last_step)
        if step is not None:
            credential.totp_last_step = step
            return
    raise SecondFactorRefused("This code is not right, or was used before.")
