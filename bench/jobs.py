"""Jobs: what SIGKILLs cost, how many a second, and how long a page waits while much else is queued.

Real worker processes on an embedded PostgreSQL of its own. Chaos: jobs of 0.2 s each, workers killed with SIGKILL while
they hold some; `lost` never took effect, `double_effects` took effect more than once, `recovered_s` is the longest time
from a kill until everything that the killed worker held was done. Rate: jobs whose only work is one row, one worker.
Pages: urgent jobs asked for one by one, 20 a second, while notifications and reports are queued and worked on; from
before the transaction that asks until the effect is written, all clocks being one machine's.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
import click

from dispatch.jobs import Doorbell, NewJob, Priority, enqueue
from dispatch.jobs.queue import LEASE_S
from dispatch.observability.clock import SystemClock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.storage import Database, EmbeddedServers, ServerUrls, migrate
from dispatch.storage.context import WORKER

LEFT: Final = 2
"""Workers that are never killed, so that somebody is there to take up what the killed ones held."""
RATE_JOBS: Final = 1000
PAGES_PER_S: Final = 20.0
PATIENCE_S: Final = 600.0
FILL: Final = """
    INSERT INTO job (kind, idempotency_key, priority, payload, role, correlation_id, exercise)
    SELECT $1, $1 || '-' || g, $2, '{}', 'kiwimesh_worker', 'bench', false FROM generate_series(1, $3) g
"""


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    return [
        click.Option(["--jobs", "count"], type=click.IntRange(1), default=400, show_default=True, help="Under kills."),
        click.Option(["--kills"], type=click.IntRange(0), default=4, show_default=True, help="Of workers."),
        click.Option(["--notifications"], type=click.IntRange(0), default=50_000, show_default=True, help="Queued."),
        click.Option(["--reports"], type=click.IntRange(0), default=10, show_default=True, help="Queued."),
        click.Option(["--pages"], type=click.IntRange(1), default=200, show_default=True, help="Urgent jobs."),
    ]


def run(count: int, kills: int, notifications: int, reports: int, pages: int) -> dict[str, object]:
    """Measure; see the module's docstring for what the figures mean."""
    return asyncio.run(_measure(count, kills, notifications, reports, pages))


async def _measure(count: int, kills: int, notifications: int, reports: int, pages: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="kiwimesh-bench-") as folder:
        async with EmbeddedServers(Path(folder) / "data") as urls:
            await migrate(urls.owner_url)
            async with _site(urls) as site:
                chaos = await _chaos(site, count, kills)
                rate = await _rate(site)
                idle = await _pages(site, "idle", pages)
                await site.fill("bench.notify", Priority.NORMAL, notifications)
                await site.fill("bench.report", Priority.BULK, reports)
                busy = await _pages(site, "busy", pages)
                left = await site.value("SELECT count(*) FROM job WHERE state = 'waiting'")
    return {
        **chaos,
        "jobs_per_s": round(rate),
        "page_p99_ms": _ms(busy, 0.99),
        "page_p50_ms": _ms(busy, 0.5),
        "idle_page_p99_ms": _ms(idle, 0.99),
        "still_queued": left,
    }


@dataclass
class _Site:
    """The database and the workers on it."""

    urls: ServerUrls
    database: Database
    admin: asyncpg.Pool
    workers: list[tuple[str, subprocess.Popen[str]]] = field(default_factory=list)

    async def hire(self) -> None:
        """One more worker process; returns when it works."""
        command = [sys.executable, "-m", "bench._job_worker"]
        environment = os.environ | {"DATABASE_URL": self.urls.database_url}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
        assert process.stdout is not None
        name = await asyncio.to_thread(process.stdout.readline)
        self.workers.append((name.strip(), process))

    def kill(self) -> str:
        """SIGKILL to the longest serving; its name."""
        name, process = self.workers.pop(0)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return name

    async def fill(self, kind: str, priority: Priority, count: int) -> None:
        await self.admin.execute(FILL, kind, int(priority), count)

    async def value(self, query: str, *values: object) -> Any:
        return await self.admin.fetchval(query, *values)

    async def until(self, met: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not await met():  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.02)

    async def until_done(self, kind: str, count: int) -> None:
        async def done() -> bool:
            query = "SELECT count(*) FROM job WHERE kind = $1 AND state = 'done'"
            return bool(await self.value(query, kind) >= count)

        await self.until(done)


@asynccontextmanager
async def _site(urls: ServerUrls) -> AsyncIterator[_Site]:
    admin = await asyncpg.create_pool(urls.superuser_url.replace("+asyncpg", ""), min_size=1)
    await admin.execute("CREATE TABLE bench_effect (key text, at timestamptz)")
    await admin.execute("GRANT INSERT ON bench_effect TO kiwimesh_worker")
    site = _Site(urls, Database(urls.database_url), admin)
    try:
        yield site
    finally:
        while site.workers:
            site.kill()
        await admin.close()
        await site.database.close()


async def _chaos(site: _Site, count: int, kills: int) -> dict[str, object]:
    """Work with a kill now and then."""
    for _ in range(LEFT + kills):
        await site.hire()
    began = time.monotonic()
    await site.fill("bench.slow", Priority.NORMAL, count)
    async with asyncio.TaskGroup() as group:
        taken_up = [await _kill_one(site, group, count * (number + 1) // (kills + 2)) for number in range(kills)]
    recovered = [task.result() for task in taken_up]
    await site.until_done("bench.slow", count)
    took_s = time.monotonic() - began
    effects = "SELECT count(*) FROM (SELECT key FROM bench_effect WHERE key LIKE 'bench.slow-%' GROUP BY key {}) e"
    return {
        "jobs": count,
        "kills": kills,
        "lost": count - await site.value(effects.format("")),
        "double_effects": await site.value(effects.format("HAVING count(*) > 1")),
        "recovered_s": round(max(recovered, default=0.0), 2),
        "lease_s": LEASE_S,
        "chaos_s": round(took_s, 2),
    }


async def _kill_one(site: _Site, group: asyncio.TaskGroup, after: int) -> asyncio.Task[float]:
    """Kills a worker when so many jobs are done; the seconds until what it held was done."""
    await site.until_done("bench.slow", after)
    held: list[int] = []
    while not held:
        name, process = site.workers[0]
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(0.05)  # a commit that is under way gets through
        found = await site.admin.fetch("SELECT job_id FROM job WHERE worker = $1 AND state = 'running'", name)
        held = [row["job_id"] for row in found]
        if not held:
            process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.01)
    site.kill()
    return group.create_task(_taken_up(site, held))


async def _taken_up(site: _Site, held: list[int]) -> float:
    killed = time.monotonic()

    async def done() -> bool:
        query = "SELECT count(*) FROM job WHERE job_id = ANY($1) AND state = 'done'"
        return bool(await site.value(query, held) == len(held))

    await site.until(done)
    return time.monotonic() - killed


async def _rate(site: _Site) -> float:
    """Small jobs a second with one worker."""
    while len(site.workers) > 1:
        site.kill()
    began = time.monotonic()
    await site.fill("bench.nothing", Priority.NORMAL, RATE_JOBS)
    await site.until_done("bench.nothing", RATE_JOBS)
    return RATE_JOBS / (time.monotonic() - began)


async def _pages(site: _Site, name: str, count: int) -> list[float]:
    """Seconds from asking for each page to its effect."""
    asked: dict[str, float] = {}
    async with TaskSupervisor() as tasks:
        tasks.keep_running("doorbell", Doorbell(site.database, SystemClock()).run)
        for number in range(count):
            key = f"{name}-{number}"
            asked[key] = time.time()
            async with site.database.transaction(WORKER) as session:
                await enqueue(session, NewJob("bench.page", key, priority=Priority.URGENT))
            await asyncio.sleep(max(0.0, asked[key] + 1 / PAGES_PER_S - time.time()))
        await site.until_done("bench.page", count if name == "idle" else 2 * count)
    found = await site.admin.fetch("SELECT key, at FROM bench_effect WHERE key = ANY($1)", list(asked))
    return sorted(row["at"].timestamp() - asked[row["key"]] for row in found)


def _ms(sorted_s: list[float], share: float) -> float:
    return round(1000 * sorted_s[min(len(sorted_s) - 1, int(share * len(sorted_s)))], 1)
