"""Invitations: offers of roles to people who may have no account yet.

In: an offer, later its token with a password. Out: an account with the role, or the role for an account that exists.
Invariants: the token is derived from the invitation's id under a secret of the installation, so that no list, backup or
stored answer gives it away; it works once, for a week; an e-mail that has an account never gets a second one: whoever
holds the token proves that they hold the account, and the role is added to it.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.audit import AuditEntry, record
from dispatch.contract.base import PersonId
from dispatch.contract.people import AcceptInvitation
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import ScopeKind
from dispatch.identity import Identity, IssuedSession, Passwords
from dispatch.observability.clock import Clock
from dispatch.storage import Database
from dispatch.storage.context import IDENTITY
from dispatch.storage.data_root import secret_text
from dispatch.storage.tables import CredentialRow, InvitationRow, PersonRow, RoleGrantRow, StaffRow

from .organisations import in_force

LIFETIME: Final = timedelta(days=7)
TOKEN_SECRET: Final = "secrets/invitations"  # noqa: S105 - where it lies in the data folder


class InvitationTokens:
    """Derives and reads tokens. The secret lies in `file`, and is made at first use."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @cached_property
    def _secret(self) -> bytes:
        return secret_text(self._file, secrets.token_urlsafe).encode()

    def of(self, invitation_id: str) -> str:
        """The token of an invitation."""
        mark = hmac.digest(self._secret, b"invitation:" + invitation_id.encode(), hashlib.sha256)
        return f"{invitation_id}.{urlsafe_b64encode(mark).rstrip(b'=').decode()}"

    def read(self, token: str) -> str:
        """The invitation that a token is for. Raises Refused for one that is not of this installation."""
        invitation_id, _, _ = token.partition(".")
        if not hmac.compare_digest(token.encode(), self.of(invitation_id).encode()):
            raise gone()
        return invitation_id


class Reception:
    """Takes invitations up."""

    def __init__(
        self, database: Database, identity: Identity, passwords: Passwords, tokens: InvitationTokens, clock: Clock
    ) -> None:
        self._database = database
        self._identity = identity
        self._passwords = passwords
        self._tokens = tokens
        self._clock = clock

    async def accept(self, asked: AcceptInvitation, address: str, client: str) -> IssuedSession:
        """A session of the account that now has the role.

        Raises Refused (`not_found` for a token that does not work, `account_exists`, `wrong_state`) and whatever
        signing in to an existing account raises.
        """
        invitation_id = self._tokens.read(asked.token)
        if asked.account is not None:
            session = await self._identity.sign_in(asked.account, asked.password, address, code=asked.code)
            await self._identity.sign_out(session.refresh_token)
            person_id = await self._take_up(invitation_id, session.principal.person_id, None)
        else:
            person_id = await self._take_up(invitation_id, None, await self._passwords.hash(asked.password))
        return await self._identity.open(person_id, client)

    async def _take_up(self, invitation_id: str, person_id: PersonId | None, password_hash: str | None) -> PersonId:
        now = self._clock.now()
        async with self._database.transaction(IDENTITY) as session:
            offer = await session.get(InvitationRow, invitation_id, with_for_update=True)
            if offer is None or not open_at(offer, now):
                raise gone()
            await in_force(session, ScopeKind(offer.scope_kind), offer.scope_id)
            if person_id is None:
                person_id = await _made(session, offer, password_hash or "")
            await _give(session, offer, person_id, now)
            offer.accepted_at = now
            await record(
                session,
                AuditEntry(
                    now,
                    person_id,
                    offer.role,
                    "accept_invitation",
                    "invitations",
                    invitation_id,
                    (offer.scope_kind, offer.scope_id),
                ),
            )
        return person_id


def open_at(offer: InvitationRow, now: datetime) -> bool:
    """Whether an invitation can be taken up."""
    return offer.accepted_at is None and offer.withdrawn_at is None and now < offer.expires_at


def gone() -> Refused:
    """The same for a token that never worked and for one that does not work any more."""
    return Refused(ProblemCode.NOT_FOUND, "This invitation does not work, or not any more. Ask for a new one.")


async def _made(session: AsyncSession, offer: InvitationRow, password_hash: str) -> PersonId:
    """A new account. Raises Refused for an e-mail that has one."""
    if await session.scalar(select(PersonRow.person_id).where(PersonRow.email == offer.email)) is not None:
        raise Refused(ProblemCode.ACCOUNT_EXISTS, "There is an account with this e-mail already.")
    person_id = PersonId(f"person-{secrets.token_hex(8)}")
    session.add(PersonRow(person_id=person_id, display_name=offer.display_name, email=offer.email))
    await session.flush()
    session.add(CredentialRow(person_id=person_id, password_hash=password_hash))
    return person_id


async def _give(session: AsyncSession, offer: InvitationRow, person_id: PersonId, now: datetime) -> None:
    """The role, and the place on the hospital's staff. Raises Refused for a suspended member of it."""
    await session.flush()
    if offer.scope_kind == ScopeKind.HOSPITAL:
        await _employ(session, person_id, offer.scope_id)
    place = {"role": offer.role, "scope_kind": offer.scope_kind, "scope_id": offer.scope_id}
    held = await session.scalar(select(RoleGrantRow).filter_by(person_id=person_id, **place))
    if held is None:
        session.add(
            RoleGrantRow(grant_id=f"grant-{secrets.token_hex(8)}", person_id=person_id, granted_at=now, **place)
        )
    else:
        held.revoked_at = None


async def _employ(session: AsyncSession, person_id: PersonId, hospital_id: str) -> None:
    member = await session.scalar(select(StaffRow).filter_by(person_id=person_id, hospital_id=hospital_id))
    if member is None:
        session.add(StaffRow(staff_id=f"staff-{secrets.token_hex(8)}", person_id=person_id, hospital_id=hospital_id))
    elif member.suspended_at is not None:
        raise Refused(ProblemCode.WRONG_STATE, "This member of staff is suspended.")
