"""Residents who come in by phone: one person for a phone, however many communities have registered it.

In: a number that somebody has just proved to hold. Out: whose it is. Invariants: a number that is a person's stays that
person's; otherwise one person is made, however many residents' records name the number; records that nobody has claimed
become theirs, with the resident's role; a suspended record gives nothing.
"""

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import PersonId
from dispatch.contract.roles import Role, ScopeKind
from dispatch.storage.tables import CommunityRow, PersonRow, ResidentRow, RoleGrantRow


def unclaimed(phone: str) -> tuple[ColumnElement[bool], ...]:
    """Residents' records with this number that are nobody's yet."""
    return ResidentRow.phone == phone, ResidentRow.person_id.is_(None), ResidentRow.suspended_at.is_(None)


async def holder_of(session: AsyncSession, phone: str, now: datetime) -> PersonId | None:
    """Whose number it is, made on the spot for a registered resident; None when it is nobody's."""
    # Rows are locked in one order, so that two codes redeemed at once make one person.
    query = select(ResidentRow).where(*unclaimed(phone)).order_by(ResidentRow.resident_id).with_for_update()
    residents = (await session.scalars(query)).all()
    person = await session.scalar(select(PersonRow).where(PersonRow.phone == phone))
    if person is not None and person.suspended_at is not None:
        return None
    if person is None and not residents:
        return None
    person_id = person.merged_into or person.person_id if person else await _made(session, residents[0].name, phone)
    for resident in residents:
        resident.person_id = person_id
        await _make_resident(session, person_id, resident.community_id, now)
    return PersonId(person_id)


async def _made(session: AsyncSession, name: str, phone: str) -> str:
    person_id = f"person-{secrets.token_hex(8)}"
    session.add(PersonRow(person_id=person_id, display_name=name, phone=phone))
    await session.flush()
    return person_id


async def _make_resident(session: AsyncSession, person_id: str, community_id: str, now: datetime) -> None:
    """The role, unless they have it; in a suspended community it does not count yet."""
    grant = RoleGrantRow
    place = (grant.role == Role.RESIDENT, grant.scope_kind == ScopeKind.COMMUNITY, grant.scope_id == community_id)
    held = await session.scalar(select(grant).where(grant.person_id == person_id, *place))
    if held is not None:
        held.revoked_at = None
        return
    community = await session.get_one(CommunityRow, community_id)
    await session.execute(
        insert(grant).values(
            grant_id=f"grant-{secrets.token_hex(8)}",
            person_id=person_id,
            role=Role.RESIDENT,
            scope_kind=ScopeKind.COMMUNITY,
            scope_id=community_id,
            granted_at=now,
            scope_suspended_at=community.suspended_at,
        )
    )
