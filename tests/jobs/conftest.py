"""A worker on a database of its own, and waiting for what it does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from dispatch.jobs import DeadLetter, Doorbell, JobKinds, NewJob, Worker, enqueue
from dispatch.observability.clock import SystemClock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.storage import Database
from dispatch.storage.context import WORKER
from dispatch.storage.tables import JobRow

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PATIENCE_S = 30.0


@dataclass
class Shop:
    """The queue of one test."""

    database: Database
    kinds: JobKinds = field(default_factory=JobKinds)
    dead: list[DeadLetter] = field(default_factory=list)

    @asynccontextmanager
    async def working(self, **more: object) -> AsyncIterator[Worker]:
        """A running worker and doorbell."""
        worker = Worker(self.database, self.kinds, SystemClock(), on_dead=self.dead.append, **more)  # type: ignore[arg-type]
        async with TaskSupervisor() as tasks:
            tasks.keep_running("worker", worker.run)
            tasks.keep_running("doorbell", Doorbell(self.database, SystemClock()).run)
            yield worker

    async def ask(self, *jobs: NewJob) -> None:
        async with self.database.transaction(WORKER) as session:
            for job in jobs:
                await enqueue(session, job)

    async def rows(self) -> list[JobRow]:
        async with self.database.transaction(WORKER) as session:
            return list(await session.scalars(select(JobRow).order_by(JobRow.job_id)))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def until(self, met: Callable[[], Awaitable[bool]], within_s: float = PATIENCE_S) -> None:
        """Waits until a condition holds; a time-out ends it otherwise."""
        async with asyncio.timeout(within_s):
            while not await met():  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.01)

    async def until_states(self, *wanted: str) -> None:
        async def met() -> bool:
            return await self.states() == list(wanted)

        await self.until(met)

    async def make_due(self) -> None:
        """As if the waits were over."""
        async with self.database.transaction(WORKER) as session:
            await session.execute(update(JobRow).values(run_at=LONG_AGO))

    async def lose_the_worker(self) -> None:
        """As if whoever holds a lease had died a minute ago."""
        async with self.database.transaction(WORKER) as session:
            gone = datetime.now(UTC) - timedelta(minutes=1)
            await session.execute(update(JobRow).where(JobRow.state == "running").values(lease_until=gone))


@pytest.fixture
async def shop(fresh_database: Database) -> Shop:
    return Shop(fresh_database)
