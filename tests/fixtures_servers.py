"""A pytest plugin: one real embedded PostgreSQL and Valkey per test session, started when the first test asks for them.

Loaded by tests/conftest.py (`pytest_plugins`). `database_url` is shared by all tests of the session; a
test that counts rows or breaks things asks for `fresh_database_url`, a migrated database of its own.
"""

import asyncio
import fcntl
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from dispatch.identity import passwords
from dispatch.storage import Database, EmbeddedServers, ServerUrls, migrate

TEMPLATE = "kiwimesh_template"
ROOM = 2 * 1024**3
PREFIX = "kiwimesh-tests-"
FRESH_S = 60
CHEAP = {"TIME_COST": 1, "MEMORY_KIB": 8}

numbers = itertools.count(1)
holding: list[int] = []


def memory() -> Path | None:
    """Where files lie in memory, if there is room: disks are slow, and slower when others use them."""
    place = Path("/dev/shm")
    roomy = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > ROOM
    return place if roomy else None


def pytest_configure() -> None:
    """The tests' own folders lie in memory too: an entry that is slow to reach the disk is a refusal, by design."""
    if place := memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))


def quick_folder() -> Path:
    """A new folder that an unprivileged account can reach; in memory where there is room.

    It is held while this process lives, and what a killed process left behind is cleared away here.
    """
    place = memory() or Path(tempfile.gettempdir())
    for left in place.glob(f"{PREFIX}*"):
        if not held(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    folder.chmod(0o755)
    holding.append(lock(folder))
    return folder


def lock(folder: Path) -> int:
    """Holds a folder as long as the descriptor is open. Raises BlockingIOError where somebody else does."""
    descriptor = os.open(folder / ".held", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


def held(folder: Path) -> bool:
    """Whether a living process uses a folder, or has just made it and is about to hold it."""
    try:
        fresh = time.time() - folder.stat().st_mtime < FRESH_S
        os.close(lock(folder))
    except OSError:
        return True
    return fresh


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
