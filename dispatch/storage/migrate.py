"""Brings a database to the present schema and access rules.

In: the owner's address. Out: a database that the application can use. Invariants: one migrator at a time (advisory
lock); all revisions or none (one transaction), but for those that must run outside of one, which part what comes before
from what comes after; then the access rules, whenever the manifest has changed, each table's whole or not at all; a
lock that cannot be had at once is given up and tried again, so that a migration never stops calls that are going on.
A database that a newer version has migrated is left alone: what that version's migrations leave is what this one needs
(docs/operations.md, rules for migrations), so that a server can go back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from dispatch.observability.clock import Clock, SystemClock

from .access import MANIFEST, common_statements, manifest_digest, role_statements, table_statements
from .embedded_postgres import APPLICATION
from .engine import driver_url
from .errors import StoreUnavailable
from .migrations import OUTSIDE, statements
from .outage import storage_errors

SCRIPTS: Final = Path(__file__).with_name("migrations")
LOCK_TIMEOUT: Final = "500ms"
"""Others queue behind whoever waits for a table. Below PostgreSQL's `deadlock_timeout` of 1 s, so that in a circle of
waits it is the migration that gives way, never a request."""
WAITS_S: Final = (1.0, 2.0, 4.0, 8.0)
"""Between tries, when other transactions hold the tables or the database is starting."""
LOCKED_WAITS_S: Final = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Between tries, when requests hold one table."""
MIGRATION_LOCK: Final = 0x6B697769
"""Any number that nobody else uses: "kiwi"."""

_log = structlog.get_logger(__name__)


UNFINISHED: Final = text("""
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace
""")
"""Indexes whose making was cut short; `IF NOT EXISTS` would take them for made."""


@dataclass(frozen=True)
class Step:
    """Revisions that one transaction takes, up to this one; before it, statements outside of any."""

    revision: str
    outside: tuple[str, ...] = ()


async def migrate(owner_url: str, *, clock: Clock | None = None, scripts: Path = SCRIPTS) -> None:
    """Migrates the database at `owner_url`; a database that is up to date is left alone.

    Raises StoreUnavailable when it stays away or its tables stay locked, StoreRefused when the login may not migrate.
    """
    waiting = clock or SystemClock()
    engine = create_async_engine(driver_url(owner_url), poolclass=NullPool, hide_parameters=True)
    for wait_s in WAITS_S:
        try:
            return await _migrate_once(engine, scripts, waiting)
        except StoreUnavailable:
            await waiting.sleep(wait_s)
    return await _migrate_once(engine, scripts, waiting)


async def _migrate_once(engine: AsyncEngine, scripts: Path, clock: Clock) -> None:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with storage_errors():
        async with engine.connect() as connection:
            # Not waited for: a statement that waits would itself be waited for by an index that is made concurrently.
            guard = await connection.execution_options(isolation_level="AUTOCOMMIT")
            if not await guard.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK}):
                raise StoreUnavailable("Another process is migrating this database.")
            steps = await guard.run_sync(steps_to_head, config)
            if steps is None:
                _log.warning("the database is at a newer version's schema; it is left as it is")
                return
            for step in steps:
                await _outside(guard, step.outside)
                await _inside(engine, config, step.revision)
            await _apply_access(guard, clock)


def steps_to_head(connection: Connection, config: Config) -> list[Step] | None:
    """What has to be done to a database, in order. None: it is ahead of this version."""
    here = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    if here and here not in {revision.revision for revision in scripts.walk_revisions()}:
        return None
    steps: list[Step] = []
    for revision in reversed(list(scripts.iterate_revisions("head", here or "base"))):
        sql = Path(revision.path).with_suffix(".sql").read_text()
        if sql.startswith(OUTSIDE):
            steps.append(Step(revision.revision, tuple(statements(sql))))
        elif steps and not steps[-1].outside:
            steps[-1] = Step(revision.revision)
        else:
            steps.append(Step(revision.revision))
    return steps


async def _outside(guard: AsyncConnection, wanted: Sequence[str]) -> None:
    """Statements that hold nobody up while they wait: without a time-out, one by one."""
    if not wanted:
        return
    for name in (await guard.scalars(UNFINISHED)).all():
        if any(f" {name} " in statement for statement in wanted):
            await guard.exec_driver_sql(f'DROP INDEX CONCURRENTLY "{name}"')
    for statement in wanted:
        await guard.exec_driver_sql(statement)


async def _inside(engine: AsyncEngine, config: Config, revision: str) -> None:
    """One transaction, up to a revision."""
    async with engine.begin() as connection:
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        await connection.run_sync(_upgrade, config, revision)


def _upgrade(connection: Connection, config: Config, revision: str) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def _apply_access(guard: AsyncConnection, clock: Clock) -> None:
    """The rules of one table at a time, for each of them locks its table for as long as it is under way."""
    applied = f"access rules {manifest_digest()}"
    comment = await guard.scalar(text("SELECT obj_description('alembic_version'::regclass, 'pg_class')"))
    if comment == applied:
        return
    known = frozenset((await guard.scalars(text("SELECT rolname FROM pg_roles"))).all())
    driver: Any = (await guard.get_raw_connection()).driver_connection
    await driver.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    await _whole(driver, (*role_statements(known, APPLICATION), *common_statements()), clock)
    for access in MANIFEST:
        await _whole(driver, table_statements(access), clock)
    await driver.execute(f"COMMENT ON TABLE alembic_version IS '{applied}'")


async def _whole(driver: Any, wanted: Iterable[str], clock: Clock) -> None:
    """Sends statements together, which makes them one transaction; again while somebody holds the table."""
    sql = ";\n".join(wanted)
    for wait_s in LOCKED_WAITS_S:
        try:
            await driver.execute(sql)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await clock.sleep(wait_s)
        else:
            return
    await driver.execute(sql)
