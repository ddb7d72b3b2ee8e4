"""Dead letters: seeing them, trying them again, laying them aside, for the API and the command line.

In: a session of an administrator or of the worker role. Out: rows. Invariants: only a job that was given up is requeued
or laid aside; requeued, it begins anew; its key still keeps a second one away.
"""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.storage.tables import JobRow

from .enqueue import ENQUEUED
from .job import JobId, JobKind


async def list_jobs(
    session: AsyncSession, state: str, kind: JobKind | None, limit: int, before: JobId | None = None
) -> Sequence[JobRow]:
    """Up to `limit` jobs in a state, the latest first."""
    query = select(JobRow).where(JobRow.state == state).order_by(JobRow.job_id.desc()).limit(limit)
    if kind is not None:
        query = query.where(JobRow.kind == kind)
    if before is not None:
        query = query.where(JobRow.job_id < before)
    return (await session.scalars(query)).all()


async def requeue(session: AsyncSession, job_id: JobId) -> JobRow | None:
    """A dead letter waits again, due at once; None when there is none with this id."""
    again = (
        update(JobRow)
        .where(JobRow.job_id == job_id, JobRow.state == "dead")
        .values(state="waiting", attempts=0, lost=0, failing_since=None, run_at=func.now(), ended_at=None)
        .returning(JobRow)
    )
    found = (await session.scalars(again)).one_or_none()
    session.info[ENQUEUED] = found is not None
    return found


async def requeue_kind(session: AsyncSession, kind: JobKind) -> int:
    """All dead letters of a kind wait again; how many."""
    found = [await requeue(session, JobId(job_id)) for job_id in await _dead(session, kind)]
    return len(found)


async def lay_aside(session: AsyncSession, job_id: JobId) -> bool:
    """A dead letter that nobody needs any more, such as a page of this morning, counts as ended; its error stays."""
    ended = update(JobRow).where(JobRow.job_id == job_id, JobRow.state == "dead").values(state="done")
    return (await session.scalars(ended.returning(JobRow.job_id))).one_or_none() is not None


async def lay_kind_aside(session: AsyncSession, kind: JobKind) -> int:
    """All dead letters of a kind count as ended; how many."""
    return sum([await lay_aside(session, JobId(job_id)) for job_id in await _dead(session, kind)])


async def _dead(session: AsyncSession, kind: JobKind) -> Sequence[int]:
    query = select(JobRow.job_id).where(JobRow.state == "dead", JobRow.kind == kind).order_by(JobRow.job_id)
    return (await session.scalars(query)).all()
