"""What administrators ask about jobs over the API."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.jobs import JobPage, JobQuery, JobState, JobView
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage.tables import JobRow

from . import letters
from .job import JobId, Priority


async def list_jobs(asked: Asked[None, JobQuery], session: AsyncSession) -> Answer:
    """A page of jobs."""
    wanted = asked.query
    before = JobId(int(asked.after[0])) if asked.after else None
    found = await letters.list_jobs(session, wanted.state.value, wanted.kind, wanted.limit + 1, before)
    rows, cursor = asked.page(found, lambda row: (str(row.job_id),))
    return Answer(JobPage(jobs=tuple(map(view, rows)), next_cursor=cursor))


async def requeue_job(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """A dead letter waits again."""
    number = asked.path["job_id"]
    known = number.isascii() and number.isdigit() and len(number) <= 18
    row = await letters.requeue(session, JobId(int(number))) if known else None
    if row is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no job of this id that was given up.")
    return Answer(view(row))


def view(row: JobRow) -> JobView:
    """A row as administrators see it."""
    return JobView(
        job_id=str(row.job_id),
        kind=row.kind,
        state=JobState(row.state),
        queue=Priority(row.priority).name.lower(),
        tenant_kind=row.tenant_kind,
        tenant_id=row.tenant_id,
        role=row.role,
        correlation_id=row.correlation_id,
        attempts=row.attempts,
        error_code=row.error_code,
        error_place=row.error_place[-200:] if row.error_place else None,
        run_at=row.run_at,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


HANDLERS: Final[dict[str, Handler]] = {"list_jobs": list_jobs, "requeue_job": requeue_job}
