"""A worker: claims due jobs, carries them out, keeps their leases, and says what became of each.

In: the database, the kinds of this process. Out: jobs that are done, that wait for another try, or that are dead.
Invariants: every priority has slots of its own, so that a page to a crew never waits behind reports; beyond the free
slots no more is claimed than `AHEAD_S` seconds' work, and of urgent jobs and bulk nothing; a worker that dies loses
nothing (its leases run out and others claim again), and what it did in a transaction counts only if its fence still
held at the commit; one that is told to stop gives back what it has not ended.
"""

import asyncio
import random
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.observability.logs import asked_by, correlated
from dispatch.observability.supervision import error_place
from dispatch.storage import Database, StorageError
from dispatch.storage.context import WORKER

from . import queue
from .doorbell import listen
from .enqueue import enqueue
from .errors import JobError, LeaseLost
from .job import Job, JobId, NewJob, Priority, exercising
from .kinds import JobKinds, Kind

SLOTS: Final[Mapping[Priority, int]] = {Priority.URGENT: 4, Priority.NORMAL: 3, Priority.BULK: 1}
"""Jobs at once in one worker: together no more than its connections to the database."""
AHEAD_S: Final = 0.25
MOST_AHEAD: Final = 32
"""A claim costs as much as a small job, so these are claimed ahead: as many as this worker does in so many seconds."""
POLL_S: Final = 1.0
GATHER_S: Final = 0.005
"""After a job has ended: waits that long for others to end too, so that one claim fills several slots."""
HOLD_OFF_S: Final = 1.0
"""The longest that a free slot of another queue is kept empty while urgent jobs are worked on."""
SWEEP_S: Final = 1.0
SCHEDULE_S: Final = 30.0
FIGURES_S: Final = 5.0
BEATS: Final = 3
"""Heartbeats within one lease."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DeadLetter:
    """A job that was given up, for the error tracker: ids and codes, no personal data."""

    job: Job
    code: str
    place: str
    error: BaseException | None = field(default=None, repr=False)


def report_dead(letter: DeadLetter) -> None:
    """A line of level error in the log, and so an event for the error tracker."""
    job = letter.job
    person_id, role, tenant_id = asker_of(job)
    _log.error(
        "job given up",
        job_id=job.job_id,
        kind=job.kind,
        code=letter.code,
        error_place=letter.place,
        attempt=job.attempts,
        person_id=person_id,
        role=role,
        tenant_id=tenant_id,
        correlation_id=job.correlation_id,
        exc_info=letter.error,
    )


def asker_of(job: Job) -> tuple[str, str, str]:
    """Person, role and tenant of whoever asked for a job; empty where it was the server itself."""
    return job.person_id or "", job.role, job.tenant.id if job.tenant else ""


@dataclass
class Held:
    """A claimed job in the hands of its handler (see `kinds.Run`)."""

    job: Job
    _database: Database = field(repr=False)
    finished: bool = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A transaction that does not end the job."""
        async with self._database.transaction(WORKER) as session:
            yield session

    @asynccontextmanager
    async def finish(self) -> AsyncIterator[AsyncSession]:
        """The transaction that ends the job. Raises LeaseLost."""
        async with self._database.transaction(WORKER) as session:
            await queue.finish(session, self.job)
            yield session
        self.finished = True


@dataclass
class Lane:
    """One queue in a worker's hands."""

    priority: Priority
    slots: int
    since: float
    """Monotonic; from when on `ended` counts."""
    ended: int = 0
    ahead: int = 0
    """How many jobs may be claimed beyond the slots; when no more than half of it is left, it is time to claim."""
    backlog: deque[Job] = field(default_factory=deque)
    """Claimed, not begun; no more than `MOST_AHEAD` and the slots."""
    running: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def low(self) -> bool:
        return len(self.backlog) <= self.ahead // 2

    def room(self, now: float) -> int:
        """How many jobs to claim."""
        if now - self.since >= AHEAD_S:
            self.ahead = ahead_of(self.priority, self.ended, now - self.since)
            self.since, self.ended = now, 0
        return self.slots + self.ahead - len(self.running) - len(self.backlog) if self.low else 0


def ahead_of(priority: Priority, ended: int, seconds: float) -> int:
    """How many jobs to claim beyond the slots, after so many were done in so many seconds."""
    return min(MOST_AHEAD, int(AHEAD_S * ended / seconds)) if priority is Priority.NORMAL else 0


class Worker:
    """Carries jobs out until `drain()` or cancellation. `run()` is one task of the process."""

    def __init__(
        self, database: Database, kinds: JobKinds, clock: Clock, *, lease_s: float = queue.LEASE_S,
        slots: Mapping[Priority, int] = SLOTS, on_dead: Callable[[DeadLetter], None] = report_dead,
        draw: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self.name: Final = secrets.token_hex(6)
        self._database = database
        self._kinds = kinds
        self._clock = clock
        self._lease_s = lease_s
        self._slots = slots
        self._on_dead = on_dead
        self._draw = draw
        self._held: dict[JobId, Job] = {}
        self._wakes = {priority: asyncio.Event() for priority in slots}
        self._draining = False

    async def run(self) -> None:
        """Works until told to stop. Raises StorageError when the database is away; started again, it goes on."""
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(work, name=f"jobs {name}")
                for name, work in {
                    "ear": listen(self._database, self._clock, self.wake),
                    "leases": self._repeat(self._lease_s / BEATS, self._extend),
                    "sweep": self._repeat(SWEEP_S, self._reclaim),
                    "schedule": self._repeat(SCHEDULE_S, self._schedule),
                    "figures": self._repeat(FIGURES_S, self._figures),
                }.items()
            ]
            async with asyncio.TaskGroup() as serving:
                for priority in self._slots:
                    serving.create_task(self._serve(priority), name=f"jobs {priority.name.lower()}")
            for task in background:
                task.cancel()

    def wake(self) -> None:
        """Something may be due."""
        for event in self._wakes.values():
            event.set()

    def drain(self) -> None:
        """Claims nothing more; `run` returns when what is held has ended."""
        self._draining = True
        self.wake()

    # --- claiming ------------------------------------------------------------------------------------------------

    async def _serve(self, priority: Priority) -> None:
        """Keeps the slots of one queue filled. What was claimed ahead and not begun is given back at the end."""
        lane = Lane(priority, self._slots[priority], self._clock.monotonic())
        try:
            async with asyncio.TaskGroup() as group:
                while not self._draining:
                    await self._fill(lane, group)
        finally:
            for job in lane.backlog:
                self._held.pop(job.job_id, None)
                await asyncio.shield(self._give_back(job))

    async def _fill(self, lane: Lane, group: asyncio.TaskGroup) -> None:
        """Claims what there is room for, and puts it into slots."""
        wake = self._wakes[lane.priority]
        wake.clear()
        await self._give_way(lane.priority)
        lane.backlog.extend(await self._claim(lane.priority, lane.room(self._clock.monotonic())))
        for _ in range(min(lane.slots - len(lane.running), len(lane.backlog))):
            task = group.create_task(self._work_off(lane), name=f"jobs {lane.priority.name.lower()} slot")
            lane.running.add(task)
            task.add_done_callback(lane.running.discard)
            task.add_done_callback(lambda _: wake.set())
        await self._until_woken(wake)

    async def _work_off(self, lane: Lane) -> None:
        """One slot: a job after the other while any is claimed."""
        while lane.backlog and not self._draining:
            job = lane.backlog.popleft()
            await self._carry_out(job)
            lane.ended += 1
            if lane.low:
                self._wakes[lane.priority].set()
            await self._give_way(lane.priority)

    async def _claim(self, priority: Priority, most: int) -> list[Job]:
        if most <= 0:
            return []
        async with self._database.transaction(WORKER) as session:
            jobs = await queue.claim(session, self.name, priority, self._kinds.names, most, self._lease_s)
        self._held.update({job.job_id: job for job in jobs})
        return jobs

    async def _give_way(self, priority: Priority) -> None:
        """Nothing else is begun while urgent jobs are worked on, for a while: they share the processor."""
        if priority is Priority.URGENT:
            return
        waited_s = 0.0
        while waited_s < HOLD_OFF_S and any(job.priority is Priority.URGENT for job in self._held.values()):
            await self._clock.sleep(GATHER_S)
            waited_s += GATHER_S

    async def _until_woken(self, wake: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await wake.wait()
        await self._clock.sleep(GATHER_S)

    # --- carrying out --------------------------------------------------------------------------------------------

    async def _carry_out(self, job: Job) -> None:
        """One try of one job; its errors end here."""
        kind = self._kinds.of(job.kind)
        began = self._clock.monotonic()
        with correlated(job.correlation_id), exercising(job.exercise):
            asked_by(*asker_of(job))
            outcome = await self._tried(job, kind)
        self._held.pop(job.job_id, None)
        metrics.JOB_SECONDS.labels(job.kind).observe(self._clock.monotonic() - began)
        metrics.JOBS_ENDED.labels(job.kind, outcome).inc()

    async def _tried(self, job: Job, kind: Kind) -> str:
        held, began = Held(job, self._database), self._clock.monotonic()
        try:
            async with asyncio.timeout(kind.longest_s):
                await kind.handler(held)
                if not held.finished:
                    async with held.finish():
                        pass
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(job))
            raise
        except LeaseLost:
            return "lease_lost"
        except Exception as error:  # noqa: BLE001 - the boundary: one job fails, and is reported
            return await self._failed(job, kind, error, began)
        return "done"

    async def _failed(self, job: Job, kind: Kind, error: Exception, began: float) -> str:
        """Another try later, or a dead letter."""
        code = getattr(error, "code", None) or type(error).__name__
        wait_s = self._wait_s(kind, job, error, self._clock.monotonic() - began)
        place = error_place(error)
        try:
            async with self._database.transaction(WORKER) as session:
                await queue.fail(session, job, wait_s, str(code), place)
        except (StorageError, JobError):
            return "lease_lost"  # the lease runs out and somebody claims it again
        if wait_s is None:
            self._on_dead(DeadLetter(job, str(code), place, error))
            return "dead"
        _log.warning("job failed", job_id=job.job_id, kind=job.kind, code=str(code), error_place=place)
        return "failed"

    def _wait_s(self, kind: Kind, job: Job, error: Exception, took_s: float) -> float | None:
        """Until the next try, as the kind's patience has it; None for none."""
        helps = getattr(error, "retryable", True if isinstance(error, OSError) else None)
        if helps is False:
            return None
        failing_s = 0.0 if job.failing_s is None else job.failing_s + took_s
        asked_s = float(getattr(error, "retry_after_s", None) or 0.0)
        return kind.backoff_of(job).next_s(
            job.attempts, failing_s, self._draw(), asked_s=asked_s, foreseen=helps is not None
        )

    async def _give_back(self, job: Job) -> None:
        """On being stopped: others may go on with it at once."""
        with suppress(StorageError, JobError):
            async with self._database.transaction(WORKER) as session:
                await queue.release(session, job)

    # --- keeping ----------------------------------------------------------------------------------------------------

    async def _repeat(self, every_s: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await work()
            await self._clock.sleep(every_s)

    async def _extend(self) -> None:
        if self._held:
            async with self._database.transaction(WORKER) as session:
                await queue.extend(session, self._held.values(), self._lease_s)

    async def _reclaim(self) -> None:
        async with self._database.transaction(WORKER) as session:
            reclaimed = await queue.reclaim(session)
        for job, given_up in reclaimed:
            _log.warning("job of a lost worker waits again", job_id=job.job_id, kind=job.kind, attempt=job.attempts)
            if given_up:
                self._on_dead(DeadLetter(job, "worker_lost", ""))
        if reclaimed:
            self.wake()

    async def _schedule(self) -> None:
        """Asks for the next run of everything that repeats; its key makes it one, however many workers ask."""
        now = self._clock.now()
        async with self._database.transaction(WORKER) as session:
            for item in self._kinds.repeated:
                at = item.cron.after(now)
                key = f"{item.name}@{queue.due(at)}"
                await enqueue(session, NewJob(item.kind, key, item.payload, None, item.priority, at))

    async def _figures(self) -> None:
        async with self._database.transaction(WORKER) as session:
            found = await queue.figures(session)
        metrics.JOBS.clear()
        metrics.JOBS_OLDEST.clear()
        metrics.JOBS_FAILING.clear()
        for item in found:
            lane = item.priority.name.lower()
            metrics.JOBS.labels(lane, item.kind, item.state).set(item.count)
            if item.state == "waiting":
                metrics.JOBS_OLDEST.labels(lane, item.kind).set(max(item.oldest_s, 0))
                metrics.JOBS_FAILING.labels(lane, item.kind).set(item.failing_s)
