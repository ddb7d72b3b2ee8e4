"""A process that carries out jobs and takes no calls.

In: the settings, the address of the database. Out: jobs done, until it is left; where `worker_port` is set, its health
and figures over HTTP. Invariant: on leaving, what it holds is ended within `GRACE_S`, or given back.
"""

import asyncio
from contextlib import AsyncExitStack
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self

import structlog

from dispatch.contract.console import Health
from dispatch.contract.http import HealthReport, PartHealth
from dispatch.features import Ground, build, service_types
from dispatch.jobs import Doorbell, Worker
from dispatch.observability.clock import SystemClock
from dispatch.observability.loop_lag import sample_loop_lag
from dispatch.observability.supervision import TaskSupervisor
from dispatch.providers.chosen import providers_of
from dispatch.settings import TENANT_KEYS, Settings
from dispatch.storage import Database, TenantKeys
from dispatch.transport.worker_doors import worker_doors

GRACE_S: Final = 20.0
AWAY: Final = "The database is away. Jobs wait in it; nothing is lost."

_log = structlog.get_logger(__name__)


class WorkerProcess:
    """Use it as `async with WorkerProcess(settings, url)`."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._clock = clock = SystemClock()
        self._settings = settings
        self._database = Database(url, "jobs")
        self._providers = providers_of(settings, self._database, clock)
        keys = TenantKeys(settings.data_dir / TENANT_KEYS)
        ground = Ground(self._database, clock, settings, keys, self._providers, service_types(settings))
        build(ground)
        self._worker = Worker(self._database, ground.kinds, clock)
        self._doorbell = Doorbell(self._database, clock)
        self._tasks = TaskSupervisor(clock=clock)
        self._doors = AsyncExitStack()
        self.port: int | None = None
        """Where its health and figures are."""

    async def __aenter__(self) -> Self:
        if self._settings.worker_port is not None:
            doors = worker_doors(self._settings.host, self._settings.worker_port, self.health)
            self.port = await self._doors.enter_async_context(doors)
        self._working = self._tasks.keep_running("worker", self._worker.run)
        self._tasks.keep_running("doorbell", self._doorbell.run)
        self._tasks.keep_running("loop lag", lambda: sample_loop_lag(self._clock))
        _log.info("worker started", port=self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.drain()
        await asyncio.wait([self._working], timeout=GRACE_S)
        await self._doors.aclose()
        await self._tasks.close()
        await self._providers.client.aclose()
        await self._database.close()

    async def health(self) -> HealthReport:
        """Ready while it can reach its database."""
        ready = await self._database.answers()
        part = PartHealth(name="database", state=Health.OK if ready else Health.DEGRADED, message="" if ready else AWAY)
        return HealthReport(ready=ready, version=version("kiwimesh"), parts=(part,))
