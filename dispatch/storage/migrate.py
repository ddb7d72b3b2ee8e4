"""Brings a database to the present schema and access rules.

In: the owner's address. Out: a database that the application can use. Invariants: one migrator at a time (advisory
lock); everything or nothing (one transaction); a lock that cannot be had in 3 s is given up and tried again, so that a
migration never stops the calls that are going on; the access rules are applied anew whenever the manifest has changed.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from dispatch.observability.clock import Clock, SystemClock

from .access import manifest_digest, manifest_statements, role_statements
from .embedded_postgres import APPLICATION
from .engine import driver_url
from .errors import StoreUnavailable
from .outage import storage_errors

SCRIPTS: Final = Path(__file__).with_name("migrations")
LOCK_TIMEOUT: Final = "3s"
WAITS_S: Final = (1.0, 2.0, 4.0, 8.0)
"""Between tries, when other transactions hold the tables or the database is starting."""
MIGRATION_LOCK: Final = 0x6B697769
"""Any number that nobody else uses: "kiwi"."""


async def migrate(owner_url: str, *, clock: Clock | None = None) -> None:
    """Migrates the database at `owner_url`; a database that is up to date is left alone.

    Raises StoreUnavailable when it stays away or its tables stay locked, StoreRefused when the login may not migrate.
    """
    waiting = clock or SystemClock()
    engine = create_async_engine(driver_url(owner_url), poolclass=NullPool, hide_parameters=True)
    for wait_s in WAITS_S:
        try:
            return await _migrate_once(engine)
        except StoreUnavailable:
            await waiting.sleep(wait_s)
    return await _migrate_once(engine)


async def _migrate_once(engine: AsyncEngine) -> None:
    with storage_errors():
        async with engine.begin() as connection:
            await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.run_sync(_upgrade)
            await _apply_access(connection)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _apply_access(connection: AsyncConnection) -> None:
    applied = f"access rules {manifest_digest()}"
    comment = await connection.scalar(text("SELECT obj_description('alembic_version'::regclass, 'pg_class')"))
    if comment == applied:
        return
    known = frozenset((await connection.scalars(text("SELECT rolname FROM pg_roles"))).all())
    for statement in (*role_statements(known, APPLICATION), *manifest_statements()):
        await connection.exec_driver_sql(statement)
    await connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{applied}'")
