"""Giving and taking roles over the API.

Invariants: a role is given in the acting role's own reach alone, and only a role that it may give
(`dispatch.tenancy.roles`); a role in a suspended organisation is not given; the last super admin keeps the role.
"""

import secrets
from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import PersonId
from dispatch.contract.people import GrantQuery, NewGrant, RoleGrant, RoleGrants
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role, ScopeKind
from dispatch.storage.tables import PersonRow, RoleGrantRow, StaffRow

from .organisations import in_force
from .roles import may_give, place_of
from .versions import absent, existing


def view(row: RoleGrantRow) -> RoleGrant:
    """A grant as the API shows it."""
    return RoleGrant(
        grant_id=row.grant_id,
        person_id=PersonId(row.person_id),
        role=Role(row.role),
        scope_kind=ScopeKind(row.scope_kind),
        scope_id=row.scope_id,
        granted_at=row.granted_at,
        lost_at=row.lost_at,
    )


async def list_grants(asked: Asked[None, GrantQuery], session: AsyncSession) -> Answer:
    """One page of grants within reach, by id."""
    query, wanted = select(RoleGrantRow), asked.query
    if wanted.scope_id is not None:
        query = query.where(RoleGrantRow.scope_id == wanted.scope_id)
    if wanted.person_id is not None:
        query = query.where(RoleGrantRow.person_id == wanted.person_id)
    if asked.after:
        query = query.where(RoleGrantRow.grant_id > asked.after[0])
    found: Sequence[RoleGrantRow] = (
        await session.scalars(query.order_by(RoleGrantRow.grant_id).limit(wanted.limit + 1))
    ).all()
    rows, cursor = asked.page(found, lambda row: (row.grant_id,))
    return Answer(RoleGrants(grants=tuple(map(view, rows)), next_cursor=cursor))


async def grant_role(asked: Asked[NewGrant, None], session: AsyncSession) -> Answer:
    """A role for somebody who has an account and whom the acting role reaches."""
    may_give(asked.role, asked.body.role)
    kind, scope_id = place_of(asked.body.role, asked.body.scope_id)
    await in_force(session, kind, scope_id)
    person = await existing(session, PersonRow, PersonRow.person_id, asked.body.person_id)
    person_id = person.merged_into or person.person_id
    if kind is ScopeKind.HOSPITAL:
        await _employ(session, person_id, scope_id)
    row = await _held(session, person_id, asked.body.role, kind, scope_id)
    if row is not None and row.lost_at is None:
        raise Refused(ProblemCode.CONFLICT, "They have this role already.")
    if row is not None:
        row.revoked_at, row.granted_at = None, asked.at
        await session.flush()
        await session.refresh(row)
        return _shown(row)
    grant_id = f"grant-{secrets.token_hex(8)}"
    new = {"grant_id": grant_id, "person_id": person_id, "role": asked.body.role, "granted_at": asked.at}
    await session.execute(insert(RoleGrantRow).values(scope_kind=kind, scope_id=scope_id, **new))
    return _shown(await existing(session, RoleGrantRow, RoleGrantRow.grant_id, grant_id))


async def revoke_grant(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Takes a role away; it counts nowhere any more within a minute."""
    row = await existing(session, RoleGrantRow, RoleGrantRow.grant_id, asked.path["grant_id"])
    role = Role(row.role)
    may_give(asked.role, role)
    if not within(asked, row):
        raise absent()
    if role is Role.SUPER_ADMIN:
        await _not_the_last(session)
    row.revoked_at = row.revoked_at or asked.at
    return Answer(subject=row.grant_id, tenant=(row.scope_kind, row.scope_id))


def within(asked: Asked[None, None], row: RoleGrantRow) -> bool:
    """Whether a grant is for a place that the acting role covers; one's own grants elsewhere are read, not changed."""
    held = (grant for grant in asked.principal.grants if grant.role is asked.role)
    return any(
        grant.kind is ScopeKind.EVERYTHING or (grant.kind, grant.scope_id) == (row.scope_kind, row.scope_id)
        for grant in held
    )


def _shown(row: RoleGrantRow) -> Answer:
    return Answer(view(row), subject=row.grant_id, tenant=(row.scope_kind, row.scope_id))


async def _held(
    session: AsyncSession, person_id: str, role: Role, kind: ScopeKind, scope_id: str
) -> RoleGrantRow | None:
    grant = RoleGrantRow
    place = (grant.scope_kind == kind, grant.scope_id == scope_id)
    query = select(grant).where(grant.person_id == person_id, grant.role == role, *place)
    return await session.scalar(query)


async def _employ(session: AsyncSession, person_id: str, hospital_id: str) -> None:
    """Makes the person a member of the hospital's staff. Raises Refused for a suspended member."""
    query = select(StaffRow).where(StaffRow.person_id == person_id, StaffRow.hospital_id == hospital_id)
    member = await session.scalar(query)
    if member is None:
        new = {"staff_id": f"staff-{secrets.token_hex(8)}", "person_id": person_id, "hospital_id": hospital_id}
        await session.execute(insert(StaffRow).values(**new))
    elif member.suspended_at is not None:
        raise Refused(ProblemCode.WRONG_STATE, "This member of staff is suspended.")


async def _not_the_last(session: AsyncSession) -> None:
    others = select(func.count()).select_from(RoleGrantRow)
    living = (RoleGrantRow.role == Role.SUPER_ADMIN, RoleGrantRow.lost_at.is_(None))
    if (await session.scalar(others.where(*living)) or 0) < 2:
        raise Refused(ProblemCode.WRONG_STATE, "This is the last super admin: nobody could give the role back.")


HANDLERS: Final[dict[str, Handler]] = {
    "list_grants": list_grants,
    "grant_role": grant_role,
    "revoke_grant": revoke_grant,
}
