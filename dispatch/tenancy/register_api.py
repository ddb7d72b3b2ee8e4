"""The register of all people over the API, for super admins: reading, suspending, merging."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import PersonId
from dispatch.contract.http import PageQuery
from dispatch.contract.people import Matches, Merge, People, Person
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage.tables import PersonRow

from . import merging
from .versions import change, existing


async def views(session: AsyncSession, rows: Sequence[PersonRow]) -> tuple[Person, ...]:
    """People as the API shows them, with the ids that were merged into theirs."""
    merged = select(PersonRow.merged_into, PersonRow.person_id).where(
        PersonRow.merged_into.in_([row.person_id for row in rows])
    )
    others: dict[str | None, tuple[PersonId, ...]] = {}
    for kept_id, person_id in await session.execute(merged.order_by(PersonRow.person_id)):
        others[kept_id] = (*others.get(kept_id, ()), PersonId(person_id))
    return tuple(
        Person(
            person_id=PersonId(row.person_id),
            display_name=row.display_name,
            email=row.email,
            phone=row.phone,
            also_known_as=others.get(row.person_id, ()),
            suspended_at=row.suspended_at,
            version=row.version,
        )
        for row in rows
    )


async def list_people(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    """One page of people, by id; merged records are not people of their own."""
    query = select(PersonRow).where(PersonRow.merged_into.is_(None))
    if asked.after:
        query = query.where(PersonRow.person_id > asked.after[0])
    query = query.order_by(PersonRow.person_id).limit(asked.query.limit + 1)
    rows, cursor = asked.page((await session.scalars(query)).all(), lambda row: (row.person_id,))
    return Answer(People(people=await views(session, rows), next_cursor=cursor))


async def read_person(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """One person, by any of their ids."""
    return await _shown(asked.path["person_id"], session)


async def set_suspended(suspended: bool, asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Shows somebody out everywhere, or lets them in again."""
    person_id = asked.path["person_id"]
    if person_id == asked.principal.person_id:
        raise Refused(ProblemCode.WRONG_STATE, "Nobody suspends or reinstates themselves.")
    at = asked.at if suspended else None
    await change(session, PersonRow, PersonRow.person_id, person_id, asked.version, suspended_at=at)
    return await _shown(person_id, session)


async def list_matches(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Records that may be one human being."""
    del asked
    return Answer(Matches(matches=await merging.matches(session)))


async def merge_people(asked: Asked[Merge, None], session: AsyncSession) -> Answer:
    """Two records become one human being."""
    kept_id, merge = asked.path["person_id"], asked.body
    await merging.merge(session, kept_id, merge.other_id, merge.reason, asked.principal.person_id, asked.at)
    await session.flush()
    return await _shown(kept_id, session)


async def unmerge_person(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """A merged record is a human being of its own again."""
    await merging.unmerge(session, asked.path["person_id"], asked.at)
    await session.flush()
    return await _shown(asked.path["person_id"], session)


async def _shown(person_id: str, session: AsyncSession) -> Answer:
    row = await existing(session, PersonRow, PersonRow.person_id, person_id)
    if row.merged_into is not None:
        row = await existing(session, PersonRow, PersonRow.person_id, row.merged_into)
    (body,) = await views(session, [row])
    return Answer(body, version=row.version, subject=person_id)


HANDLERS: Final[dict[str, Handler]] = {
    "list_people": list_people,
    "read_person": read_person,
    "suspend_person": partial(set_suspended, True),
    "reinstate_person": partial(set_suspended, False),
    "list_matches": list_matches,
    "merge_people": merge_people,
    "unmerge_person": unmerge_person,
}
