"""A real worker as a process of its own, with the kinds of job that `bench jobs` asks for.

In: DATABASE_URL. Out: rows of `bench_effect`, one for each time that a job took effect; on standard output its name.
`bench.slow` takes 0.2 s before it takes effect, so that a kill falls into it; `bench.report` keeps the database busy.
"""

import asyncio
import os
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.jobs import Job, JobKinds, Run, Worker, in_one_transaction
from dispatch.observability.clock import SystemClock
from dispatch.observability.heap import settle_heap
from dispatch.observability.supervision import TaskSupervisor
from dispatch.storage import Database

SLOW_S: Final = 0.2
EFFECT: Final = text("INSERT INTO bench_effect (key, at) VALUES (:key, clock_timestamp())")
REPORT: Final = text(
    "SELECT count(*), sum(g), avg(g * random()) FROM generate_series(1, 1500000) g GROUP BY g % 7 ORDER BY 1"
)


async def effect(job: Job, session: AsyncSession) -> None:
    """What a job leaves behind."""
    await session.execute(EFFECT, {"key": job.idempotency_key})


async def slow(run: Run) -> None:
    """Work that takes a while, and then its effect."""
    await asyncio.sleep(SLOW_S)
    async with run.finish() as session:
        await effect(run.job, session)


async def report(run: Run) -> None:
    """A heavy query, and then its effect."""
    async with run.transaction() as session:
        await session.execute(REPORT)
    async with run.finish() as session:
        await effect(run.job, session)


def kinds() -> JobKinds:
    """What this worker knows."""
    known = JobKinds()
    for kind in ("bench.nothing", "bench.page", "bench.notify"):
        known.register(kind, in_one_transaction(effect))
    known.register("bench.slow", slow)
    known.register("bench.report", report)
    return known


async def main() -> None:
    """Works until it is killed."""
    database = Database(os.environ["DATABASE_URL"])
    worker = Worker(database, kinds(), SystemClock())
    settle_heap()
    print(worker.name, flush=True)
    async with TaskSupervisor() as tasks:
        await tasks.keep_running("worker", worker.run)


if __name__ == "__main__":
    asyncio.run(main())
