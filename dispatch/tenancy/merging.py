"""One human being under two ids: finding likely pairs, merging, and taking a merge back.

In: two people. Out: one of them with both ids, or both again as they were. Invariants: merging deletes nothing and
rewrites no history: grants, places on a staff, residents' records and appointments as a medical director change hands
and are noted, the other record stays and points at the one that counts; both old ids resolve, and both logins, each
with its own second factor, lead to the one person; taking it back returns exactly what changed hands; there is never a
chain of more than one step; nobody makes themselves a medical director.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from dispatch.contract.base import PersonId
from dispatch.contract.people import Match
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage.tables import MedicalDirectorRow, PersonMergeRow, PersonRow, ResidentRow, RoleGrantRow, StaffRow

from .versions import existing

LONGEST_LIST: Final = 100


async def matches(session: AsyncSession) -> tuple[Match, ...]:
    """Pairs that may be one human being: the same name, or one's number in the other's record as a resident."""
    pairs: dict[tuple[str, str], tuple[str, str, list[str]]] = {}
    for why, found in (("the same name", await _same_name(session)), ("the same number", await _same_number(session))):
        for one, other in found:
            first, second = sorted((one, other), key=lambda person: (person.created_at, person.person_id))
            key = (first.person_id, second.person_id)
            pairs.setdefault(key, (first.display_name, second.display_name, []))[2].append(why)
    return tuple(
        Match(
            person_id=PersonId(one), other_id=PersonId(other), display_name=name, other_name=other_name, why=tuple(why)
        )
        for (one, other), (name, other_name, why) in list(pairs.items())[:LONGEST_LIST]
    )


async def _same_name(session: AsyncSession) -> Sequence[tuple[PersonRow, PersonRow]]:
    one, other = aliased(PersonRow), aliased(PersonRow)
    query = (
        select(one, other)
        .join(other, func.lower(one.display_name) == func.lower(other.display_name))
        .where(one.person_id < other.person_id, one.merged_into.is_(None), other.merged_into.is_(None))
        .order_by(func.greatest(one.created_at, other.created_at).desc(), one.person_id, other.person_id)
        .limit(LONGEST_LIST)
    )
    return [(one, other) for one, other in await session.execute(query)]


async def _same_number(session: AsyncSession) -> Sequence[tuple[PersonRow, PersonRow]]:
    one, other = aliased(PersonRow), aliased(PersonRow)
    query = (
        select(one, other)
        .join(ResidentRow, ResidentRow.phone == one.phone)
        .join(other, other.person_id == ResidentRow.person_id)
        .where(one.person_id != other.person_id, one.merged_into.is_(None), other.merged_into.is_(None))
        .distinct()
        .limit(LONGEST_LIST)
    )
    return [(one, other) for one, other in await session.execute(query)]


async def merge(session: AsyncSession, kept_id: str, other_id: str, reason: str, by: PersonId, at: datetime) -> None:
    """`other_id` reads as `kept_id` from now on. Raises Refused where one of them is merged or suspended."""
    kept = await existing(session, PersonRow, PersonRow.person_id, kept_id)
    other = await existing(session, PersonRow, PersonRow.person_id, other_id)
    if kept is other or kept.merged_into or other.merged_into or await _has_others(session, other_id):
        raise Refused(ProblemCode.CONFLICT, "One of these records is part of a merge already. Take that back first.")
    if kept.suspended_at or other.suspended_at:
        raise Refused(ProblemCode.WRONG_STATE, "One of them is suspended; a merge must not let them in again.")
    moved = {
        "role_grant": await _move_grants(session, other_id, kept_id),
        "staff": await _move_staff(session, other_id, kept_id),
        "resident": await _move(session, ResidentRow, ResidentRow.resident_id, other_id, kept_id),
        "medical_director": await _move_appointments(session, other_id, kept_id, by),
    }
    other.merged_into, other.merged_at = kept_id, at
    for person in (kept, other):
        person.version += 1
    new = {"kept_id": kept_id, "merged_id": other_id, "reason": reason, "merged_by": by, "merged_at": at}
    await session.execute(insert(PersonMergeRow).values(merge_id=f"merge-{secrets.token_hex(8)}", moved=moved, **new))


async def unmerge(session: AsyncSession, merged_id: str, at: datetime) -> None:
    """Takes a merge back. Raises Refused for somebody who is not merged."""
    query = select(PersonMergeRow).where(PersonMergeRow.merged_id == merged_id, PersonMergeRow.undone_at.is_(None))
    merged = await session.scalar(query)
    if merged is None:
        raise Refused(ProblemCode.WRONG_STATE, "This record is not merged into another one.")
    for table, key, name in _TABLES:
        back = update(table).where(key.in_(merged.moved.get(name, ()))).values(person_id=merged_id)
        await session.execute(back)
    other = await existing(session, PersonRow, PersonRow.person_id, merged_id)
    kept = await existing(session, PersonRow, PersonRow.person_id, merged.kept_id)
    other.merged_into = other.merged_at = None
    for person in (kept, other):
        person.version += 1
    merged.undone_at = at


async def _has_others(session: AsyncSession, person_id: str) -> bool:
    return bool(await session.scalar(select(exists().where(PersonRow.merged_into == person_id))))


async def _move_grants(session: AsyncSession, from_id: str, to_id: str) -> list[str]:
    """Moves what the other one does not have yet; what both have stays where it is."""
    held = aliased(RoleGrantRow)
    twice = exists().where(
        held.person_id == to_id, held.role == RoleGrantRow.role, held.scope_kind == RoleGrantRow.scope_kind,
        held.scope_id == RoleGrantRow.scope_id,
    )  # fmt: skip
    return await _move(session, RoleGrantRow, RoleGrantRow.grant_id, from_id, to_id, ~twice)


async def _move_staff(session: AsyncSession, from_id: str, to_id: str) -> list[str]:
    works = aliased(StaffRow)
    twice = exists().where(works.person_id == to_id, works.hospital_id == StaffRow.hospital_id)
    return await _move(session, StaffRow, StaffRow.staff_id, from_id, to_id, ~twice)


async def _move_appointments(session: AsyncSession, from_id: str, to_id: str, by: PersonId) -> list[str]:
    """Moves appointments in force to centres for which the other one does not sign yet."""
    signs = aliased(MedicalDirectorRow)
    twice = exists().where(
        signs.person_id == to_id, signs.centre_id == MedicalDirectorRow.centre_id, signs.ended_at.is_(None)
    )
    theirs = (MedicalDirectorRow.person_id == from_id, MedicalDirectorRow.ended_at.is_(None), ~twice)
    if to_id == by and await session.scalar(select(exists().where(*theirs))):
        raise Refused(ProblemCode.NOT_ALLOWED, "Nobody makes themselves a medical director: somebody else has to.")
    return await _move(session, MedicalDirectorRow, MedicalDirectorRow.director_id, from_id, to_id, *theirs[1:])


async def _move(session: AsyncSession, table: Any, key: Any, from_id: str, to_id: str, *only: Any) -> list[str]:
    ids = list(await session.scalars(select(key).where(table.person_id == from_id, *only)))
    await session.execute(update(table).where(key.in_(ids)).values(person_id=to_id))
    return ids


_TABLES: Final[tuple[tuple[Any, Any, str], ...]] = (
    (RoleGrantRow, RoleGrantRow.grant_id, "role_grant"),
    (StaffRow, StaffRow.staff_id, "staff"),
    (ResidentRow, ResidentRow.resident_id, "resident"),
    (MedicalDirectorRow, MedicalDirectorRow.director_id, "medical_director"),
)
