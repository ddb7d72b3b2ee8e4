"""A process that carries out jobs and opens no doors.

In: the settings, the address of the database. Out: jobs done, until it is left. Invariant: on leaving, what it holds is
ended within `GRACE_S`, or given back.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

import structlog

from dispatch.features import Ground, build
from dispatch.jobs import Doorbell, Worker
from dispatch.observability.clock import SystemClock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.providers.chosen import providers_of
from dispatch.settings import TENANT_KEYS, Settings
from dispatch.storage import Database, TenantKeys

GRACE_S: Final = 20.0

_log = structlog.get_logger(__name__)


class WorkerProcess:
    """Use it as `async with WorkerProcess(settings, url)`."""

    def __init__(self, settings: Settings, url: str) -> None:
        clock = SystemClock()
        self._database = Database(url)
        self._providers = providers_of(settings, self._database, clock)
        keys = TenantKeys(settings.data_dir / TENANT_KEYS)
        ground = Ground(self._database, clock, settings, keys, self._providers)
        build(ground)
        self._worker = Worker(self._database, ground.kinds, clock)
        self._doorbell = Doorbell(self._database, clock)
        self._tasks = TaskSupervisor(clock=clock)

    async def __aenter__(self) -> Self:
        self._working = self._tasks.keep_running("worker", self._worker.run)
        self._tasks.keep_running("doorbell", self._doorbell.run)
        _log.info("worker started")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.drain()
        await asyncio.wait([self._working], timeout=GRACE_S)
        await self._tasks.close()
        await self._providers.client.aclose()
        await self._database.close()
