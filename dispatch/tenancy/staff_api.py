"""A hospital's staff over the API: who works there, suspending and reinstating.

Invariants: suspending a member takes their roles at this hospital out of force and nothing else: they may still sign
in, and act for whoever else they act for; nobody suspends themselves.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import PersonId
from dispatch.contract.http import PageQuery
from dispatch.contract.people import StaffList, StaffMember
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role, ScopeKind
from dispatch.storage.tables import HospitalRow, PersonRow, RoleGrantRow, StaffRow

from .versions import change, existing


async def views(session: AsyncSession, rows: Sequence[StaffRow]) -> tuple[StaffMember, ...]:
    """Members as the API shows them; somebody whose person is out of reach is shown without a name and roles."""
    people = [row.person_id for row in rows]
    named = select(PersonRow.person_id, PersonRow.display_name).where(PersonRow.person_id.in_(people))
    names = {person_id: name for person_id, name in await session.execute(named)}  # noqa: C416 - rows are no tuples
    held = (
        select(RoleGrantRow.person_id, RoleGrantRow.scope_id, RoleGrantRow.role)
        .where(
            RoleGrantRow.person_id.in_(people),
            RoleGrantRow.scope_kind == ScopeKind.HOSPITAL,
            RoleGrantRow.lost_at.is_(None),
        )
        .order_by(RoleGrantRow.role)
    )
    roles: dict[tuple[str, str], tuple[Role, ...]] = {}
    for person_id, hospital_id, role in await session.execute(held):
        roles[person_id, hospital_id] = (*roles.get((person_id, hospital_id), ()), Role(role))
    return tuple(
        StaffMember(
            staff_id=row.staff_id,
            person_id=PersonId(row.person_id),
            hospital_id=row.hospital_id,
            display_name=names.get(row.person_id, ""),
            roles=roles.get((row.person_id, row.hospital_id), ()),
            suspended_at=row.suspended_at,
            version=row.version,
        )
        for row in rows
    )


async def list_staff(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """One page of a hospital's staff, by id."""
    hospital_id = asked.path["hospital_id"]
    await existing(session, HospitalRow, HospitalRow.hospital_id, hospital_id)
    query = select(StaffRow).where(StaffRow.hospital_id == hospital_id)
    if asked.after:
        query = query.where(StaffRow.staff_id > asked.after[0])
    query = query.order_by(StaffRow.staff_id).limit(asked.query.limit + 1)
    rows, cursor = asked.page((await session.scalars(query)).all(), lambda row: (row.staff_id,))
    return Answer(StaffList(staff=await views(session, rows), next_cursor=cursor))


async def read_staff(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """One member of staff."""
    return await _shown(await existing(session, StaffRow, StaffRow.staff_id, asked.path["staff_id"]), session)


async def set_suspended(suspended: bool, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Takes a member's roles at their hospital out of force, or brings them back."""
    at = asked.at if suspended else None
    row = await change(
        session, StaffRow, StaffRow.staff_id, asked.path["staff_id"], asked.version, suspended_at=at
    )  # fmt: skip
    if row.person_id == asked.principal.person_id:
        raise Refused(ProblemCode.WRONG_STATE, "Nobody suspends or reinstates themselves.")
    held = (RoleGrantRow.person_id == row.person_id, RoleGrantRow.scope_kind == ScopeKind.HOSPITAL)
    here = update(RoleGrantRow).where(*held, RoleGrantRow.scope_id == row.hospital_id)
    await session.execute(here.values(suspended_at=at))
    return await _shown(row, session)


async def _shown(row: StaffRow, session: AsyncSession) -> Answer:
    (body,) = await views(session, [row])
    place = (ScopeKind.HOSPITAL, row.hospital_id)
    return Answer(body, version=row.version, subject=row.staff_id, tenant=place)


HANDLERS: Final[dict[str, Handler]] = {
    "list_staff": list_staff,
    "read_staff": read_staff,
    "suspend_staff": partial(set_suspended, True),
    "reinstate_staff": partial(set_suspended, False),
}
