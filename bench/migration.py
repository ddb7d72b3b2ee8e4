"""A migration under load: what requests notice while the schema changes beneath them.

Real HTTP requests at a steady rate (open loop) to the product's API over a filled database: one creates a booking, four
list them. Meanwhile planted migrations run by the product's own runner: a column and a foreign key are added, an index
is made, the key is validated, everything is taken away again, and all access rules are applied anew. `failed`: no
answer within 5 s, or another status than success. `longest_lock_wait_s`: of anybody, looked at every 10 ms;
`foreign_keys_*`: of the whole schema.
"""

import asyncio
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg
import click

from dispatch.storage import ServerUrls, migrate
from dispatch.storage.migrate import SCRIPTS
from dispatch.storage.migrations import OUTSIDE

from ._booking_world import booking_world
from ._http_peers import BODY, headers, our_app, site, token

WITHIN_S: Final = 5.0
LOOK_S: Final = 0.01
LISTS: Final = 4
"""Lists for each booking that is created."""
PLANTED: Final = {
    "9001": """
ALTER TABLE booking ADD COLUMN bench_mark text NOT NULL DEFAULT '';
CREATE TABLE bench_kind (kind text PRIMARY KEY);
ALTER TABLE booking ADD COLUMN bench_kind text;
ALTER TABLE booking ADD CONSTRAINT fk_bench FOREIGN KEY (bench_kind) REFERENCES bench_kind (kind) NOT VALID;
""",
    "9002": f"""{OUTSIDE}
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_bench_mark ON booking (bench_mark, requested_at);
ALTER TABLE booking VALIDATE CONSTRAINT fk_bench;
""",
    "9003": """
ALTER TABLE booking DROP CONSTRAINT fk_bench;
-- contract after 9002: the bench is over
ALTER TABLE booking DROP COLUMN bench_kind;
-- contract after 9002: the bench is over
ALTER TABLE booking DROP COLUMN bench_mark;
-- contract after 9002: the bench is over
DROP TABLE bench_kind;
""",
}
"""SQL by revision; it keeps to the rules of docs/operations.md."""
REVISION: Final = """from dispatch.storage.migrations import run_sql

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    run_sql(__file__)
"""
WAITING: Final = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)
    FROM pg_locks WHERE NOT granted AND locktype <> 'virtualxid'
"""
"""Whoever waits for a virtual transaction is the index that is being made; it holds nobody up."""
FOREIGN_KEYS: Final = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
OLD_RULES: Final = "COMMENT ON TABLE alembic_version IS 'access rules of an older release'"


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    return [
        click.Option(["--rows"], type=click.IntRange(0), default=100_000, show_default=True, help="Bookings stored."),
        click.Option(["--rate"], type=click.IntRange(1), default=200, show_default=True, help="Requests a second."),
        click.Option(["--seconds"], type=click.FloatRange(0.5), default=5.0, show_default=True, help="Before, after."),
    ]


def run(rows: int, rate: int, seconds: float) -> dict[str, object]:
    """Measure; see the module's docstring for what the figures mean."""
    return asyncio.run(_measure(rows, rate, seconds))


@dataclass
class Load:
    """What became of the requests."""

    failed: Counter[str] = field(default_factory=Counter)
    """By what came instead of an answer."""
    ms: dict[str, list[float]] = field(default_factory=lambda: {"before": [], "during": [], "after": []})
    phase: str = "before"
    longest_wait_s: float = 0.0

    def p99(self, phase: str) -> float:
        taken = sorted(self.ms[phase]) or [0.0]
        return round(taken[min(len(taken) - 1, int(0.99 * len(taken)))], 1)


async def _measure(rows: int, rate: int, seconds: float) -> dict[str, object]:
    async with AsyncExitStack() as stack, booking_world(rows) as world:
        tokens, bearer = token()
        url = await site(our_app(world.database, tokens), stack)
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(WITHIN_S)))
        keys = await world.superuser(FOREIGN_KEYS)
        load, over = Load(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_requests(_asker(http, url, bearer), rate, load, over))
            group.create_task(_locks(world.urls, load, over))
            await asyncio.sleep(seconds)
            load.phase = "during"
            took_s = await _migrate(world.urls)
            load.phase = "after"
            await asyncio.sleep(seconds)
            over.set()
        keys_after = await world.superuser(FOREIGN_KEYS)
    return {
        "requests": sum(map(len, load.ms.values())) + load.failed.total(),
        "rate_per_s": rate,
        "failed": load.failed.total(),
        "failures": dict(load.failed),
        "during": len(load.ms["during"]),
        "longest_lock_wait_s": round(load.longest_wait_s, 3),
        "foreign_keys_before": keys,
        "foreign_keys_after": keys_after,
        "migration_s": round(took_s, 2),
        **{f"p99_{phase}_ms": load.p99(phase) for phase in load.ms},
    }


async def _migrate(urls: ServerUrls) -> float:
    """Runs the planted migrations as `kiwimesh db upgrade` runs the real ones; the seconds that it took."""
    folder = Path(tempfile.mkdtemp(prefix="kiwimesh-bench-"))
    try:
        scripts = await asyncio.to_thread(planted, folder)
        owner = await asyncpg.connect(urls.owner_url.replace("+asyncpg", ""))
        await owner.execute(OLD_RULES)
        await owner.close()
        began = time.monotonic()
        await migrate(urls.owner_url, scripts=scripts)
        return time.monotonic() - began
    finally:
        await asyncio.to_thread(shutil.rmtree, folder)


def planted(folder: Path) -> Path:
    """The real migrations, and ours behind them."""
    scripts = folder / "migrations"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    before = max(path.name[:4] for path in (scripts / "versions").glob("*.sql"))
    for revision, sql in PLANTED.items():
        (scripts / "versions" / f"{revision}_bench.sql").write_text(sql.lstrip("\n"))
        (scripts / "versions" / f"{revision}_bench.py").write_text(REVISION.format(revision=revision, before=before))
        before = revision
    return scripts


def _asker(http: aiohttp.ClientSession, url: str, bearer: str) -> Callable[[int], Any]:
    def ask(number: int) -> Any:
        told = headers(bearer, secrets.token_hex(12))
        if number % (LISTS + 1):
            return http.get(f"{url}/v1/bookings", headers=told)
        return http.post(f"{url}/v1/bookings", json=BODY, headers=told)

    return ask


async def _requests(ask: Callable[[int], Any], rate: int, load: Load, over: asyncio.Event) -> None:
    """Asks at the rate, whatever became of those before."""

    async def one(number: int) -> None:
        phase, asked = load.phase, time.perf_counter()
        try:
            async with ask(number) as answer:
                await answer.read()
                answer.raise_for_status()
        except aiohttp.ClientResponseError as error:
            load.failed[f"status {error.status}"] += 1
        except (aiohttp.ClientError, TimeoutError) as error:
            load.failed[type(error).__name__] += 1
        else:
            load.ms[phase].append((time.perf_counter() - asked) * 1000)

    began, number = time.perf_counter(), 0
    async with asyncio.TaskGroup() as group:
        while not over.is_set():
            group.create_task(one(number))
            number += 1
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))


async def _locks(urls: ServerUrls, load: Load, over: asyncio.Event) -> None:
    """Looks who waits for a lock, and for how long."""
    connection = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""))
    try:
        while not over.is_set():
            load.longest_wait_s = max(load.longest_wait_s, float(await connection.fetchval(WAITING)))
            await asyncio.sleep(LOOK_S)
    finally:
        await connection.close()
