"""The queue in PostgreSQL: claiming, leases, fences, ends.

In: a worker's name, claimed jobs. Out: jobs, or what became of them. Invariants: a row is claimed by one worker at a
time (SKIP LOCKED); every claim raises the fence, and only its holder may end the job; a job whose lease ran out waits
again; one that took its worker with it `MOST_LOST` times is a dead letter. Time is the database's own, so that clocks
of different machines do not matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.storage.prepared import driver_of

from .errors import LeaseLost
from .job import Job, JobId, JobKind, Priority, Tenant

LEASE_S: Final = 10.0
MOST_LOST: Final = 10
SUSPECT: Final = 2
"""After so many losses a job waits for a random time, so that one that kills its worker is parted from those that were
claimed together with it."""
KEPT_DAYS: Final = 7
"""How long the key of a job that is done still stands against a second one."""

CLAIM: Final = """
    WITH next AS (
        SELECT job_id FROM job
        WHERE state = 'waiting' AND priority = $1 AND run_at <= now() AND kind = ANY($2)
        ORDER BY run_at, job_id LIMIT $3 FOR UPDATE SKIP LOCKED)
    UPDATE job SET state = 'running', attempts = attempts + 1, fence = fence + 1, worker = $4,
        lease_until = now() + make_interval(secs => $5)
    FROM next WHERE job.job_id = next.job_id RETURNING job.*,
        CAST(extract(epoch FROM now() - job.failing_since) AS float) AS failing_s,
        CAST(extract(epoch FROM now() - job.created_at) AS float) AS age_s
"""
"""As the driver takes it, as `FINISH`: these two run for every job."""
EXTEND: Final = text("""
    UPDATE job SET lease_until = now() + make_interval(secs => :lease_s) WHERE job_id IN (
        SELECT job_id FROM job JOIN unnest(CAST(:ids AS bigint[]), CAST(:fences AS bigint[])) AS mine (id, claim)
        ON job_id = id AND fence = claim WHERE state = 'running' FOR UPDATE OF job SKIP LOCKED)
""")
RECLAIM: Final = text("""
    UPDATE job SET state = CASE WHEN lost + 1 >= :most THEN 'dead' ELSE 'waiting' END, lease_until = NULL,
        ended_at = CASE WHEN lost + 1 >= :most THEN now() END, error_code = 'worker_lost', error_place = NULL,
        run_at = now() + make_interval(secs => CASE WHEN lost >= :suspect THEN random() * (lost + 1) ^ 2 ELSE 0 END),
        lost = lost + 1
    WHERE job_id IN (
        SELECT job_id FROM job WHERE state = 'running' AND lease_until < now() FOR UPDATE SKIP LOCKED)
    RETURNING job.*, NULL AS failing_s, 0.0 AS age_s
""")
FINISH: Final = """
    UPDATE job SET state = 'done', lease_until = NULL, ended_at = now(), error_code = NULL, error_place = NULL
    WHERE job_id = $1 AND fence = $2 AND state = 'running'
"""
FAIL: Final = text("""
    UPDATE job SET state = CASE WHEN CAST(:wait_s AS float) IS NULL THEN 'dead' ELSE 'waiting' END, lease_until = NULL,
        failing_since = coalesce(failing_since, now()),
        run_at = now() + make_interval(secs => coalesce(CAST(:wait_s AS float), 0)),
        ended_at = CASE WHEN CAST(:wait_s AS float) IS NULL THEN now() END, error_code = :code, error_place = :place
    WHERE job_id = :job_id AND fence = :fence AND state = 'running'
""")
RELEASE: Final = text("""
    UPDATE job SET state = 'waiting', lease_until = NULL, attempts = attempts - 1
    WHERE job_id = :job_id AND fence = :fence AND state = 'running'
""")
FORGET: Final = text("""
    DELETE FROM job WHERE job_id IN (
        SELECT job_id FROM job WHERE state = 'done' AND ended_at < now() - make_interval(days => :days) LIMIT :most)
""")
FIGURES: Final = text("""
    SELECT kind, priority, state, count(*) AS jobs, extract(epoch FROM now() - min(run_at)) AS oldest_s,
        extract(epoch FROM now() - min(failing_since)) AS failing_s
    FROM job WHERE state IN ('waiting', 'running', 'dead') GROUP BY 1, 2, 3
""")


@dataclass(frozen=True)
class Figure:
    """How many jobs of a kind are in a state, for how long the oldest has been due, and the first been failing."""

    kind: JobKind
    priority: Priority
    state: str
    count: int
    oldest_s: float
    failing_s: float


async def claim(
    session: AsyncSession,
    worker: str,
    priority: Priority,
    kinds: Sequence[JobKind],
    most: int,
    lease_s: float = LEASE_S,
) -> list[Job]:
    """Takes up to `most` due jobs, those that wait longest first."""
    rows = await (await driver_of(session)).fetch(CLAIM, int(priority), list(kinds), most, worker, lease_s)
    return list(map(_job, rows))


async def extend(session: AsyncSession, jobs: Iterable[Job], lease_s: float = LEASE_S) -> None:
    """Keeps the leases of jobs that are being worked on. One that is just being ended is passed over."""
    held = list(jobs)
    values = {"ids": [job.job_id for job in held], "fences": [job.fence for job in held], "lease_s": lease_s}
    await session.execute(EXTEND, values)


async def reclaim(session: AsyncSession) -> list[tuple[Job, bool]]:
    """Gives back the jobs whose worker is gone; True for those that are given up."""
    return [
        (_job(dict(row._mapping)), row.state == "dead")
        for row in await session.execute(RECLAIM, {"most": MOST_LOST, "suspect": SUSPECT})
    ]


async def finish(session: AsyncSession, job: Job) -> None:
    """Ends a job in the transaction of its effects. Raises LeaseLost."""
    if await (await driver_of(session)).execute(FINISH, job.job_id, job.fence) != "UPDATE 1":
        raise LeaseLost(f"job {job.job_id} is somebody else's now")


async def fail(session: AsyncSession, job: Job, wait_s: float | None, code: str, place: str) -> None:
    """Another try after `wait_s` seconds, or none (None: a dead letter). Raises LeaseLost."""
    await _mine(session, FAIL, job, wait_s=wait_s, code=code, place=place)


async def release(session: AsyncSession, job: Job) -> None:
    """Gives an unfinished job back at once, as if it had not been tried. Raises LeaseLost."""
    await _mine(session, RELEASE, job)


async def forget_old(session: AsyncSession, most: int = 10_000) -> None:
    """Deletes jobs that were done long ago."""
    await session.execute(FORGET, {"days": KEPT_DAYS, "most": most})


async def clean_up(job: Job, session: AsyncSession) -> None:
    """The nightly job that forgets old ones."""
    del job
    await forget_old(session)


async def figures(session: AsyncSession) -> list[Figure]:
    """What waits, runs, or is dead."""
    return [
        Figure(
            row.kind, Priority(row.priority), row.state, row.jobs, float(row.oldest_s or 0), float(row.failing_s or 0)
        )
        for row in await session.execute(FIGURES)
    ]


async def _mine(session: AsyncSession, statement: Any, job: Job, **values: object) -> None:
    changed: Any = await session.execute(statement, {"job_id": job.job_id, "fence": job.fence, **values})
    if changed.rowcount != 1:
        raise LeaseLost(f"job {job.job_id} is somebody else's now")


def _job(row: Mapping[str, Any]) -> Job:
    return Job(
        job_id=JobId(row["job_id"]),
        kind=row["kind"],
        idempotency_key=row["idempotency_key"],
        payload=row["payload"],
        tenant=Tenant(row["tenant_kind"], row["tenant_id"]) if row["tenant_kind"] else None,
        priority=Priority(row["priority"]),
        role=row["role"],
        person_id=row["person_id"],
        correlation_id=row["correlation_id"],
        exercise=row["exercise"],
        attempts=row["attempts"],
        fence=row["fence"],
        failing_s=row["failing_s"],
        age_s=row["age_s"],
    )


def due(moment: datetime) -> str:
    """A due moment as part of a repeated job's key."""
    return moment.isoformat(timespec="minutes")
