"""The second factor of staff: enrolling an authenticator app, confirming it, asking for it at sign-in.

In: a person, a code, the time. Out: an enrolment, a verdict. Invariants: a factor counts from its confirmation by a
right code; a code is taken once, also when it arrives twice at the same moment.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update

from dispatch.contract.base import PersonId
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import CredentialRow, PersonRow

from .errors import SecondFactorRefused
from .totp import enrolment_uri, matching_step, new_secret


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs; shown once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


class SecondFactors:
    """Authenticator apps of people with a password."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        await self.check(person_id, code, now)
        async with self._database.transaction(IDENTITY) as session:
            await session.execute(
                update(CredentialRow).where(CredentialRow.person_id == person_id).values(totp_confirmed_at=now)
            )

    async def remove(self, person_id: PersonId, code: str, now: datetime) -> None:
        """Turns the factor off. Raises SecondFactorRefused for a wrong code."""
        await self.check(person_id, code, now)
        async with self._database.transaction(IDENTITY) as session:
            await session.execute(
                update(CredentialRow)
                .where(CredentialRow.person_id == person_id)
                .values(totp_secret=None, totp_confirmed_at=None)
            )

    async def enrolled(self, person_id: PersonId) -> bool:
        """Whether somebody has a confirmed authenticator app."""
        query = select(CredentialRow.totp_confirmed_at).where(CredentialRow.person_id == person_id)
        async with self._database.transaction(IDENTITY) as session:
            return await session.scalar(query) is not None

    async def check(self, person_id: PersonId, code: str, now: datetime) -> None:
        """Takes a code, once. Raises SecondFactorRefused for a wrong, old or used one."""
        async with self._database.transaction(IDENTITY) as session:
            credential = await session.get(CredentialRow, person_id, with_for_update=True)
            if credential is not None and credential.totp_secret is not None:
                step = matching_step(credential.totp_secret, code, now, credential.totp_last_step)
                if step is not None:
                    credential.totp_last_step = step
                    return
        raise SecondFactorRefused("This code is not right, or was used before.")
