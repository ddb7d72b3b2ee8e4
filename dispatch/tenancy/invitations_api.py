"""Inviting people over the API."""

import secrets
from datetime import datetime
from functools import partial

from sqlalchemy import insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import PersonId
from dispatch.contract.http import PageQuery
from dispatch.contract.people import Invitation, InvitationLink, Invitations, NewInvitation
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role, ScopeKind
from dispatch.storage.tables import InvitationRow

from .invitations import LIFETIME, InvitationTokens, open_at
from .organisations import in_force
from .roles import may_give, place_of
from .versions import existing


def view(row: InvitationRow) -> Invitation:
    """An invitation as the API shows it."""
    return Invitation(
        invitation_id=row.invitation_id,
        email=row.email,
        display_name=row.display_name,
        role=Role(row.role),
        scope_kind=ScopeKind(row.scope_kind),
        scope_id=row.scope_id,
        invited_by=PersonId(row.invited_by),
        created_at=row.created_at,
        expires_at=row.expires_at,
        accepted_at=row.accepted_at,
        withdrawn_at=row.withdrawn_at,
    )


async def invite(asked: Asked[NewInvitation, None], session: AsyncSession) -> Answer:
    """A new invitation, open for a week."""
    may_give(asked.role, asked.body.role)
    kind, scope_id = place_of(asked.body.role, asked.body.scope_id)
    await in_force(session, kind, scope_id)
    invitation_id = f"invitation-{secrets.token_hex(8)}"
    new = {
        "invitation_id": invitation_id,
        "email": asked.body.email.strip().lower(),
        "display_name": asked.body.display_name,
        "role": asked.body.role,
        "scope_kind": kind,
        "scope_id": scope_id,
        "invited_by": asked.principal.person_id,
        "created_at": asked.at,
        "expires_at": asked.at + LIFETIME,
    }
    await session.execute(insert(InvitationRow).values(**new))
    return Answer(view(await _one(session, invitation_id)), subject=invitation_id, tenant=(kind, scope_id))


async def list_invitations(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """One page of invitations, the newest first."""
    row, query = InvitationRow, select(InvitationRow)
    if asked.after:
        made_at, last_id = datetime.fromisoformat(asked.after[0]), asked.after[1]
        query = query.where(tuple_(row.created_at, row.invitation_id) < tuple_(made_at, last_id))
    query = query.order_by(row.created_at.desc(), row.invitation_id.desc()).limit(asked.query.limit + 1)
    found = (await session.scalars(query)).all()
    rows, cursor = asked.page(found, lambda row: (row.created_at.isoformat(), row.invitation_id))
    return Answer(Invitations(invitations=tuple(map(view, rows)), next_cursor=cursor))


async def read_link(tokens: InvitationTokens, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """The token of an invitation that is still open."""
    row = await _one(session, asked.path["invitation_id"])
    if not open_at(row, asked.at):
        raise Refused(ProblemCode.WRONG_STATE, "This invitation was taken up or back, or has run out.")
    link = InvitationLink(token=tokens.of(row.invitation_id), expires_at=row.expires_at)
    return Answer(link, tenant=(row.scope_kind, row.scope_id))


async def withdraw(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Takes an offer back; one that was taken up stays so."""
    row = await _one(session, asked.path["invitation_id"])
    row.withdrawn_at = row.withdrawn_at or asked.at
    return Answer(tenant=(row.scope_kind, row.scope_id))


async def _one(session: AsyncSession, invitation_id: str) -> InvitationRow:
    return await existing(session, InvitationRow, InvitationRow.invitation_id, invitation_id)


def handlers(tokens: InvitationTokens) -> dict[str, Handler]:
    """The handlers, with the secret that links are made of."""
    return {
        "invite": invite,
        "list_invitations": list_invitations,
        "read_invitation_link": partial(read_link, tokens),
        "withdraw_invitation": withdraw,
    }
