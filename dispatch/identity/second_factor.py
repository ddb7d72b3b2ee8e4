"""The second factor of staff: enrolling an authenticator app, confirming it, asking for it at sign-in.

In: a person, a code, the time, mostly within the transaction of what they do. Out: an enrolment, a verdict. Invariants:
what is done to a factor is written with its audit entry or not at all; a factor counts from its confirmation by a
right code; a code is taken once, also when it arrives twice at the same moment; whoever is signed in, or holds the
token of somebody who is, guesses no faster than at the door.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
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

    async def enrol(self, session: AsyncSession, person_id: PersonId) -> Enrolment:
        """A new secret, which counts once `confirm` has seen a code.

        Raises SecondFactorRefused when another one counts already, or there is no password that it could add to.
        """
        secret = new_secret()
        statement = (
            update(CredentialRow)
            .where(CredentialRow.person_id == person_id, CredentialRow.totp_confirmed_at.is_(None))
            .values(totp_secret=secret, totp_last_step=0)
        )
        async with stepped_into(session, IDENTITY):
            changed = (await session.scalars(statement.returning(CredentialRow.person_id))).one_or_none()
            email = await session.scalar(select(PersonRow.email).where(PersonRow.person_id == person_id))
        if changed is None:
            raise SecondFactorRefused("There is a second factor already, or no password to add one to.")
        return Enrolment(secret, enrolment_uri(secret, email or person_id))

    async def confirm(self, session: AsyncSession, person_id: PersonId, code: str, now: datetime) -> None:
        """Turns the factor on. Raises SecondFactorRefused for a wrong code."""
        async with stepped_into(session, IDENTITY):
            await self._taken(session, person_id, CredentialRow.person_id == person_id, code, now)
            await _change(session, person_id, totp_confirmed_at=now)

    async def remove(self, session: AsyncSession, person_id: PersonId, code: str, now: datetime) -> None:
        """Turns the factor off that the code is of. Raises SecondFactorRefused for a wrong code."""
        login = await self.prove(session, person_id, code, now)
        async with stepped_into(session, IDENTITY):
            await _change(session, login, totp_secret=None, totp_confirmed_at=None)

    async def enrolled(self, session: AsyncSession, person_id: PersonId) -> bool:
        """Whether somebody has a confirmed authenticator app, for any of their logins."""
        async with stepped_into(session, IDENTITY):
            return bool(await session.scalar(select(exists().where(confirmed_of(person_id)))))

    async def prove(self, session: AsyncSession, person_id: PersonId, code: str, now: datetime) -> str:
        """Takes a code of somebody who is signed in; it is used once what the session does is done.

        Whoever was merged from two records has two logins, and may have an app for each: either will do. Returns the id
        of the record whose app it was. Raises SecondFactorRefused, also for the next code too soon.
        """
        async with stepped_into(session, IDENTITY):
            return await self._taken(session, person_id, confirmed_of(person_id), code, now)

    async def check(self, person_id: PersonId, code: str, now: datetime) -> None:
        """Takes a code, once. Raises SecondFactorRefused for a wrong, old or used one. The caller limits the tries."""
        async with self._database.transaction(IDENTITY) as session:
            await _take(session, CredentialRow.person_id == person_id, code, now)

    async def _taken(
        self, session: AsyncSession, person_id: PersonId, of: ColumnElement[bool], code: str, now: datetime
    ) -> str:
        wait_s = self._throttle.wait_s(person_id, SIGNED_IN, now)
        if wait_s > 0:
            raise SecondFactorRefused(f"Too many wrong codes. Try again in {wait_s:.0f} s.")
        self._throttle.failed(person_id, SIGNED_IN, now, (STRICTEST,))  # before: of many at once, few are looked at
        login = await _take(session, of, code, now)
        self._throttle.succeeded(person_id, SIGNED_IN)
        return login


def confirmed_of(person_id: str) -> ColumnElement[bool]:
    """The logins with a confirmed app of a person, and of the records that were merged into theirs."""
    theirs = select(PersonRow.person_id).where(
        or_(PersonRow.person_id == person_id, PersonRow.merged_into == person_id)
    )
    return and_(CredentialRow.totp_confirmed_at.is_not(None), CredentialRow.person_id.in_(theirs))


async def _take(session: AsyncSession, of: ColumnElement[bool], code: str, now: datetime) -> str:
    columns = (CredentialRow.person_id, CredentialRow.totp_secret, CredentialRow.totp_last_step)
    query = select(*columns).where(of, CredentialRow.totp_secret.is_not(None)).order_by(CredentialRow.person_id)
    for login, secret, last_step in await session.execute(query.with_for_update()):
        step = matching_step(secret or "", code, now, last_step)
        if step is not None:
            await _change(session, login, totp_last_step=step)
            return login
    raise SecondFactorRefused("This code is not right, or was used before.")


async def _change(session: AsyncSession, login: str, **values: object) -> None:
    await session.execute(update(CredentialRow).where(CredentialRow.person_id == login).values(**values))
