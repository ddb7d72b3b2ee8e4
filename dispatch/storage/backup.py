"""Backups of the database: one file, written while the server runs, restored whole or not at all.

In: an address whose login sees every row (the embedded superuser, or one with BYPASSRLS: row-level security holds for
the owner too), and a file. Out: the file, or the database as it was. Invariants: a backup file is complete or absent,
and readable by its owner alone; a restore builds a second database and swaps it in at the end, so that a broken file
leaves what is there untouched; grants, policies and owners come back with the rows.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import URL

from .access import role_statements
from .embedded_postgres import APPLICATION, SUPERUSER_URL, find_postgres
from .embedded_servers import EmbeddedServers
from .engine import driver_url
from .errors import BackupFailed, DataInUse
from .outage import storage_errors

MAINTENANCE: Final = "postgres"
"""The database to connect to while another one is swapped; every server has it."""
RESTORE_WHOLE: Final = ("--exit-on-error", "--single-transaction")
LONGEST_REASON: Final = 500
RESTORING: Final = "_restoring"
REPLACED: Final = "_replaced"


@asynccontextmanager
async def embedded_superuser_url(data_dir: Path) -> AsyncIterator[str]:
    """The superuser's address of an installation with embedded servers, which are started when they are not running."""
    try:
        async with EmbeddedServers(data_dir) as urls:
            yield urls.superuser_url
    except DataInUse:
        yield (data_dir / "secrets" / SUPERUSER_URL).read_text()


async def backup(url: str, file: Path) -> None:
    """Writes the database at `url` into `file` (PostgreSQL's custom format, compressed). Raises BackupFailed."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    try:
        await run("pg_dump", driver_url(url), "--format=custom", f"--file={unfinished}")
    except BackupFailed:
        unfinished.unlink()
        raise
    unfinished.replace(file)


async def restore(url: str, file: Path) -> None:
    """Replaces the database at `url` with the backup in `file`. Nobody else may be connected to it.

    Raises BackupFailed, and then the database is as it was; StoreUnavailable when the server is away.
    """
    target = driver_url(url)
    name = str(target.database)
    with storage_errors():
        connection = await connect(target.set(database=MAINTENANCE))
        try:
            await prepare(connection, name)
            await run("pg_restore", target.set(database=name + RESTORING), *RESTORE_WHOLE, str(file))
            await swap(connection, name)
        finally:
            await connection.close()


async def prepare(connection: asyncpg.Connection, name: str) -> None:
    """Makes the roles that a backup refers to, where the server is new, and an empty database beside the old one."""
    owner = await connection.fetchval("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1", name)
    if owner is None:
        raise BackupFailed(f"There is no database {name} to restore into.")
    await make_roles(connection, owner)
    if await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name):
        raise BackupFailed("Somebody is connected to the database. Stop the server, then restore.")
    for leftover in (name + RESTORING, name + REPLACED):
        await connection.execute(f'DROP DATABASE IF EXISTS "{leftover}"')
    await connection.execute(f'CREATE DATABASE "{name}{RESTORING}" TEMPLATE template0 OWNER "{owner}"')


async def make_roles(connection: asyncpg.Connection, owner: str) -> None:
    """Makes the missing roles as the owner, who can then grant them in later migrations."""
    known = frozenset(row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles"))
    async with connection.transaction():
        await connection.execute(f'SET LOCAL ROLE "{owner}"')
        for statement in role_statements(known, APPLICATION):
            await connection.execute(statement)


async def swap(connection: asyncpg.Connection, name: str) -> None:
    """Puts the restored database in the place of the present one, which is dropped."""
    async with connection.transaction():
        await connection.execute(f'ALTER DATABASE "{name}" RENAME TO "{name}{REPLACED}"')
        await connection.execute(f'ALTER DATABASE "{name}{RESTORING}" RENAME TO "{name}"')
    await connection.execute(f'DROP DATABASE "{name}{REPLACED}"')


async def connect(url: URL) -> asyncpg.Connection:
    """A plain connection."""
    return await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))


async def run(program: str, url: URL, *arguments: str) -> None:
    """Runs a PostgreSQL program on a database; the password travels in its environment. Raises BackupFailed."""
    host = url.host or url.query.get("host") or ""
    port = url.port or url.query.get("port") or 5432
    where = [f"--host={host}", f"--port={port}", f"--username={url.username}", f"--dbname={url.database}"]
    process = await asyncio.create_subprocess_exec(
        find_postgres().program(program),
        *where,
        "--no-password",
        *arguments,
        env={"PATH": os.defpath, "PGPASSWORD": url.password or "", "LC_ALL": "C.UTF-8"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode != 0:
        raise BackupFailed(f"{program} failed: {errors.decode(errors='replace').strip()[-LONGEST_REASON:]}")
