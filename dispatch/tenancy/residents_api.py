"""A community's residents over the API: registering, reading, changing, suspending.

Invariants: registering makes no account; whoever proves to hold the phone comes in as the resident
(`dispatch.identity.newcomers`); a number names one resident of a community; a suspended resident's role does not count.
"""

import secrets
from functools import partial
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import CommunityId, PersonId
from dispatch.contract.http import PageQuery
from dispatch.contract.people import NewResident, Resident, Residents
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role, ScopeKind
from dispatch.identity import normal_number
from dispatch.storage.tables import CommunityRow, ResidentRow, RoleGrantRow

from .organisations import in_force
from .versions import change, existing


def view(row: ResidentRow) -> Resident:
    """A resident as the API shows them."""
    return Resident(
        resident_id=row.resident_id,
        community_id=CommunityId(row.community_id),
        person_id=PersonId(row.person_id) if row.person_id else None,
        name=row.name,
        flat=row.flat,
        phone=row.phone,
        suspended_at=row.suspended_at,
        version=row.version,
    )


def _shown(row: ResidentRow) -> Answer:
    place = (ScopeKind.COMMUNITY, row.community_id)
    return Answer(view(row), version=row.version, subject=row.resident_id, tenant=place)


async def register(asked: Asked[NewResident, None], session: AsyncSession) -> Answer:
    """A new resident of a community."""
    community_id, resident_id = asked.path["community_id"], f"resident-{secrets.token_hex(8)}"
    await in_force(session, ScopeKind.COMMUNITY, community_id)
    phone = await _free_number(session, asked.body, community_id, resident_id)
    new = {"resident_id": resident_id, "name": asked.body.name, "flat": asked.body.flat, "phone": phone}
    await session.execute(insert(ResidentRow).values(community_id=community_id, **new))
    return _shown(await existing(session, ResidentRow, ResidentRow.resident_id, resident_id))


async def list_residents(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """One page of a community's residents, by id."""
    community_id = asked.path["community_id"]
    await existing(session, CommunityRow, CommunityRow.community_id, community_id)
    query = select(ResidentRow).where(ResidentRow.community_id == community_id)
    if asked.after:
        query = query.where(ResidentRow.resident_id > asked.after[0])
    query = query.order_by(ResidentRow.resident_id).limit(asked.query.limit + 1)
    rows, cursor = asked.page((await session.scalars(query)).all(), lambda row: (row.resident_id,))
    return Answer(Residents(residents=tuple(map(view, rows)), next_cursor=cursor))


async def read(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """One resident."""
    return _shown(await existing(session, ResidentRow, ResidentRow.resident_id, asked.path["resident_id"]))


async def rewrite(asked: Asked[NewResident, None], session: AsyncSession) -> Answer:
    """New values for a resident who was read."""
    resident_id = asked.path["resident_id"]
    before = await existing(session, ResidentRow, ResidentRow.resident_id, resident_id)
    phone = await _free_number(session, asked.body, before.community_id, resident_id)
    new = {"name": asked.body.name, "flat": asked.body.flat, "phone": phone}
    return _shown(await change(session, ResidentRow, ResidentRow.resident_id, resident_id, asked.version, **new))


async def set_suspended(suspended: bool, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Takes a resident's role in their community out of force, or brings it back."""
    at, resident_id = asked.at if suspended else None, asked.path["resident_id"]
    row = await change(session, ResidentRow, ResidentRow.resident_id, resident_id, asked.version, suspended_at=at)
    if row.person_id is not None:
        grant = RoleGrantRow
        role = (
            grant.role == Role.RESIDENT,
            grant.scope_kind == ScopeKind.COMMUNITY,
            grant.scope_id == row.community_id,
        )
        await session.execute(update(grant).where(grant.person_id == row.person_id, *role).values(suspended_at=at))
    return _shown(row)


async def _free_number(session: AsyncSession, body: NewResident, community_id: str, own_id: str) -> str | None:
    """The number in its one spelling. Raises Refused for one that another resident of the community has."""
    if body.phone is None:
        return None
    phone = normal_number(body.phone)
    others = select(ResidentRow.resident_id).where(
        ResidentRow.community_id == community_id, ResidentRow.phone == phone, ResidentRow.resident_id != own_id
    )
    if await session.scalar(others) is not None:
        raise Refused(ProblemCode.CONFLICT, "A resident of this community has this number already.")
    return phone


HANDLERS: Final[dict[str, Handler]] = {
    "register_resident": register,
    "list_residents": list_residents,
    "read_resident": read,
    "change_resident": rewrite,
    "suspend_resident": partial(set_suspended, True),
    "reinstate_resident": partial(set_suspended, False),
}
