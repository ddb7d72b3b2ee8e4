"""Medical directors over the API: who may sign protocols for a centre.

Invariants: the centre's supervisor appoints people of the centre, a super admin anybody with an account; nobody
appoints themselves; an appointment gives nothing but reading and signing protocols of that centre, and ends at once.
"""

import secrets
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import CentreId, PersonId
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.protocols import DirectorQuery, MedicalDirector, MedicalDirectors, NewMedicalDirector
from dispatch.storage.tables import DispatchCentreRow, MedicalDirectorRow, PersonRow

Director = MedicalDirectorRow


def view(row: MedicalDirectorRow) -> MedicalDirector:
    """An appointment as the API shows it."""
    return MedicalDirector(
        director_id=row.director_id,
        person_id=PersonId(row.person_id),
        centre_id=CentreId(row.centre_id),
        appointed_by=PersonId(row.appointed_by),
        appointed_at=row.appointed_at,
        ended_at=row.ended_at,
    )


async def appoint(asked: Asked[NewMedicalDirector, None], session: AsyncSession) -> Answer:
    """Lets somebody within reach sign for a centre within reach."""
    wanted, me = asked.body, asked.principal.person_id
    centre = await session.scalar(select(DispatchCentreRow).where(DispatchCentreRow.centre_id == wanted.centre_id))
    person = await session.scalar(select(PersonRow).where(PersonRow.person_id == wanted.person_id))
    if centre is None or person is None:
        raise absent()
    person_id = person.merged_into or person.person_id
    if person_id == me:
        raise Refused(ProblemCode.NOT_ALLOWED, "Nobody appoints themselves: somebody else has to.")
    mine = select(Director).where(Director.person_id == person_id, Director.centre_id == centre.centre_id)
    if await session.scalar(mine.where(Director.ended_at.is_(None))) is not None:
        raise Refused(ProblemCode.CONFLICT, "They sign for this centre already.")
    director_id = f"director-{secrets.token_hex(8)}"
    given = {"person_id": person_id, "centre_id": centre.centre_id, "appointed_by": me, "appointed_at": asked.at}
    await session.execute(insert(Director).values(director_id=director_id, **given))
    made = MedicalDirectorRow(director_id=director_id, **given)
    return Answer(view(made), subject=director_id, centre_id=centre.centre_id)


async def list_directors(asked: Asked[None, DirectorQuery], session: AsyncSession) -> Answer:
    """One page of appointments within reach, by id."""
    query, wanted = select(Director), asked.query
    if wanted.centre_id is not None:
        query = query.where(Director.centre_id == wanted.centre_id)
    if wanted.mine:
        query = query.where(Director.person_id == asked.principal.person_id, Director.ended_at.is_(None))
    if asked.after:
        query = query.where(Director.director_id > asked.after[0])
    found = (await session.scalars(query.order_by(Director.director_id).limit(wanted.limit + 1))).all()
    rows, cursor = asked.page(found, lambda row: (row.director_id,))
    return Answer(MedicalDirectors(directors=tuple(map(view, rows)), next_cursor=cursor))


async def dismiss(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """They sign no longer. Dismissing again changes nothing."""
    director_id, me = asked.path["director_id"], asked.principal.person_id
    row = await session.scalar(select(Director).where(Director.director_id == director_id))
    if row is None or row.person_id == me:
        raise absent()
    if row.ended_at is None:
        await session.execute(update(Director).where(Director.director_id == director_id).values(ended_at=asked.at))
    return Answer(subject=director_id, centre_id=row.centre_id)


def absent() -> Refused:
    """The same for what does not exist and for what is somebody else's."""
    return Refused(ProblemCode.NOT_FOUND, "There is no such record.")


HANDLERS: Final[dict[str, Handler]] = {
    "appoint_medical_director": appoint,
    "list_medical_directors": list_directors,
    "dismiss_medical_director": dismiss,
}
