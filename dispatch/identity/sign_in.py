"""Signing in, staying signed in, signing out.

In: an e-mail and a password, or a refresh token. Out: an access token with its principal, and the next refresh token.
Invariants: an unknown e-mail, a wrong password and a suspended person get the same answer after the same work; nobody
can keep somebody else from signing in; roles are read anew at every refresh.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import PersonId
from dispatch.contract.http import Session
from dispatch.contract.roles import Role, ScopeKind
from dispatch.observability.clock import Clock
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import CredentialRow, PersonRow, RoleGrantRow

from .errors import SecondFactorNeeded, SecondFactorRefused, SessionEnded, SignInRefused, SlowDown
from .one_time_codes import OneTimeCodes
from .passwords import Passwords
from .principal import Grant, Principal
from .refresh import ENDED, RefreshTokens, Rotated
from .revocations import Revocations
from .second_factor import SecondFactors
from .throttle import SignInThrottle
from .tokens import AccessTokens


@dataclass(frozen=True)
class IssuedSession:
    """What a client gets: an access token for requests, a refresh token for its cookie jar."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    refresh_lives_s: int
    principal: Principal

    def body(self) -> Session:
        """The HTTP answer; the refresh token travels in a cookie beside it."""
        return Session(access_token=self.access_token, expires_at=self.principal.expires_at, me=self.principal.me())


@dataclass(frozen=True)
class Account:
    """What signing in needs to know of a person."""

    name: str = field(repr=False)
    """The e-mail, as the throttle counts it."""
    person_id: PersonId
    password_hash: str | None = field(repr=False)
    suspended: bool
    second_factor: bool
    roles: tuple[Role, ...]


class Identity:
    """Sessions of people. `verify` asks nobody and works while the database is away."""

    def __init__(
        self, database: Database, tokens: AccessTokens, refresh: RefreshTokens, passwords: Passwords, clock: Clock
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._refresh = refresh
        self._passwords = passwords
        self._clock = clock
        self._throttle = SignInThrottle()
        self._revocations = Revocations(database)
        self._factors = SecondFactors(database)

    async def sign_in(
        self, email: str, password: str, address: str, *, code: str | None = None, client: str = ""
    ) -> IssuedSession:
        """A new session. `address` is the client's, for the throttle; `client` is what the list of sessions shows.

        Raises SignInRefused, SecondFactorNeeded, SecondFactorRefused, SlowDown, IdentityBusy, or StoreUnavailable.
        """
        account_name, now = email.strip().lower(), self._clock.now()
        wait_s = self._throttle.wait_s(account_name, address, now)
        if wait_s > 0:
            raise SlowDown(wait_s)
        account = await self._account(account_name)
        right = await self._passwords.matches(account.password_hash if account else None, password)
        if not right or account is None or account.suspended:
            self._throttle.failed(account_name, address, now, account.roles if account else ())
            raise SignInRefused("E-mail and password do not belong together.")
        if account.second_factor:
            await self._check_second_factor(account, code, address, now)
        self._throttle.succeeded(account_name, address)
        return await self.open(account.person_id, client)

    async def open(self, person_id: PersonId, client: str = "") -> IssuedSession:
        """A new session for somebody who has just proved who they are. Raises SessionEnded for one who is suspended."""
        now = self._clock.now()
        return await self._issue(await self._refresh.open(person_id, now, client), now)

    async def sign_in_by_phone(self, codes: OneTimeCodes, ticket: str, code: str, *, client: str = "") -> IssuedSession:
        """A new session for whoever holds the phone that `codes` sent a code to. Raises SignInRefused."""
        return await self.open(await codes.redeem(ticket, code), client)

    async def refresh(self, refresh_token: str) -> IssuedSession:
        """The same session with fresh tokens. Raises SessionEnded or StoreUnavailable."""
        now = self._clock.now()
        return await self._issue(await self._refresh.rotate(refresh_token, now), now)

    async def sign_out(self, refresh_token: str) -> None:
        """Ends the session of a refresh token. An unknown one is fine."""
        await self._refresh.end(refresh_token, self._clock.now())

    def verify(self, token: str, now: datetime | None = None) -> Principal:
        """Who an access token speaks for. Raises TokenExpired, TokenRefused, or SessionEnded for who was shown out."""
        principal = self._tokens.verify(token, now or self._clock.now())
        if not self.welcome(principal):
            raise SessionEnded(ENDED)
        return self._revocations.remaining(principal)

    def welcome(self, principal: Principal) -> bool:
        """Whether a session goes on: False within 60 s of being suspended or signed out elsewhere.

        A token that has merely run out is no reason to go.
        """
        return not self._revocations.cover(principal)

    def barred(self, principal: Principal, *roles: Role) -> bool:
        """Whether somebody may not act any more: True within 60 s of being suspended, or losing the last of `roles`."""
        if self._revocations.suspended(principal):
            return True
        return not self._revocations.remaining(principal).roles.intersection(roles)

    async def keep_fresh(self) -> None:
        """Learns who has been shown out, every 15 s, for ever; run it as one task of the process."""
        await self._revocations.keep_fresh(self._clock)

    async def _check_second_factor(self, account: Account, code: str | None, address: str, now: datetime) -> None:
        if code is None:
            raise SecondFactorNeeded("This account wants the code of its authenticator app.")
        try:
            await self._factors.check(account.person_id, code, now)
        except SecondFactorRefused:
            self._throttle.failed(account.name, address, now, account.roles)
            raise

    async def _issue(self, rotated: Rotated, now: datetime) -> IssuedSession:
        async with self._database.transaction(IDENTITY) as session:
            principal = await load_principal(session, rotated.person_id, rotated.family_id, now)
        if principal is None:
            raise SessionEnded(ENDED)
        token, holder = self._tokens.issue(principal, now)
        return IssuedSession(token, rotated.token, rotated.lives_s, holder)

    async def _account(self, email: str) -> Account | None:
        held = (
            select(func.coalesce(func.array_agg(RoleGrantRow.role), []))
            .where(
                or_(RoleGrantRow.person_id == PersonRow.person_id, RoleGrantRow.person_id == PersonRow.merged_into),
                RoleGrantRow.lost_at.is_(None),
            )
            .scalar_subquery()
        )
        query = (
            select(
                PersonRow.person_id,
                CredentialRow.password_hash,
                PersonRow.suspended_at,
                CredentialRow.totp_confirmed_at,
                held,
            )
            .outerjoin(CredentialRow, CredentialRow.person_id == PersonRow.person_id)
            .where(PersonRow.email == email)
        )
        async with self._database.transaction(IDENTITY) as session:
            found = (await session.execute(query)).one_or_none()
        if found is None:
            return None
        person_id, password_hash, suspended_at, confirmed_at, roles = found
        return Account(
            email, PersonId(person_id), password_hash, suspended_at is not None, confirmed_at is not None,
            tuple(map(Role, roles)),
        )  # fmt: skip


async def load_principal(
    session: AsyncSession, person_id: PersonId, session_id: str, now: datetime
) -> Principal | None:
    """A person with their present roles, under the id that counts; None for one who is suspended or gone."""
    person = await session.get(PersonRow, person_id)
    if person is not None and person.suspended_at is None and person.merged_into is not None:
        person = await session.get(PersonRow, person.merged_into)
    if person is None or person.suspended_at is not None:
        return None
    query = select(RoleGrantRow).where(RoleGrantRow.person_id == person.person_id, RoleGrantRow.lost_at.is_(None))
    grants = (await session.scalars(query.order_by(RoleGrantRow.granted_at, RoleGrantRow.grant_id))).all()
    return Principal(
        person_id=PersonId(person.person_id),
        display_name=person.display_name,
        grants=tuple(Grant(Role(grant.role), ScopeKind(grant.scope_kind), grant.scope_id) for grant in grants),
        session_id=session_id,
        expires_at=now,
    )
