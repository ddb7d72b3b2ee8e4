"""A pytest plugin: one real embedded PostgreSQL and Valkey per test session, started when the first test asks for them.

Loaded by tests/conftest.py (`pytest_plugins`). `database_url` is shared by all tests of the session; a
test that counts rows or breaks things asks for `fresh_database_url`, a migrated database of its own.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from dispatch.identity import passwords
from dispatch.storage import Database, EmbeddedServers, ServerUrls, migrate

TEMPLATE = "kiwimesh_template"
ROOM = 2 * 1024**3
CHEAP = {"TIME_COST": 1, "MEMORY_KIB": 8}

numbers = itertools.count(1)


def quick_folder() -> Path:
    """A new folder that an unprivileged account can reach; in memory where there is room, because disks are slow."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="kiwimesh-test-", dir=memory if roomy else None))
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def quick_passwords() -> Iterator[dict[str, int]]:
    """Cheap hashes for passwords that protect nobody; a test's server makes 20 at its start. Yields the real costs."""
    with pytest.MonkeyPatch.context() as patch:
        real = {name: getattr(passwords, name) for name in CHEAP}
        for name, cost in CHEAP.items():
            patch.setattr(passwords, name, cost)
        yield real


@pytest.fixture(scope="session")
def servers(quick_passwords: dict[str, int]) -> Iterator[ServerUrls]:
    """Both servers, migrated. Nothing here has to survive a power cut, so nothing waits for the disk."""
    folder = quick_folder()
    embedded = EmbeddedServers(folder / "data")
    urls = asyncio.run(embedded.start())
    try:
        asyncio.run(execute(urls.superuser_url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"))
        asyncio.run(migrate(urls.owner_url))
        asyncio.run(execute(urls.superuser_url, f"CREATE DATABASE {TEMPLATE} TEMPLATE kiwimesh"))
        yield urls
    finally:
        asyncio.run(embedded.stop())
        shutil.rmtree(folder, ignore_errors=True)


async def execute(url: str, *statements: str) -> None:
    """Runs statements one by one, each in its own transaction."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def renamed(url: str, database: str) -> str:
    """The same address with another database."""
    return url.replace("/kiwimesh?", f"/{database}?")


@pytest.fixture(scope="session")
def database_url(servers: ServerUrls) -> str:
    """The application's address of the session's database."""
    return servers.database_url


@pytest.fixture(scope="session")
def redis_url(servers: ServerUrls) -> str:
    """The address of the session's broker."""
    return servers.redis_url


@pytest.fixture
def fresh_servers(servers: ServerUrls) -> ServerUrls:
    """Addresses of a migrated, empty database for one test, and of the session's broker."""
    name = f"fresh_{next(numbers)}"
    asyncio.run(execute(servers.superuser_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER kiwimesh_owner"))
    return ServerUrls(
        database_url=renamed(servers.database_url, name),
        owner_url=renamed(servers.owner_url, name),
        superuser_url=renamed(servers.superuser_url, name),
        redis_url=servers.redis_url,
    )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The session's database, opened for one test."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def fresh_database(fresh_servers: ServerUrls) -> AsyncIterator[Database]:
    """A migrated, empty database, opened for one test."""
    opened = Database(fresh_servers.database_url)
    yield opened
    await opened.close()
