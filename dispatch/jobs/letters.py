"""Dead letters: seeing them and trying them again, for the API and the command line.

In: a session of an administrator or of the worker role. Out: rows. Invariant: only a job that was given up is requeued,
and it begins anew; its key still keeps a second one away.
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
