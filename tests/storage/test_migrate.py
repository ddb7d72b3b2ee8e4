"""Migrations: safe to repeat, safe to run together, the same schema as the models, on other people's servers too."""

import asyncio
import importlib.util
import shutil

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from dispatch.observability.clock import VirtualClock
from dispatch.storage import Database, EmbeddedServers, PostgresTimelineStore, ServerUrls, StoreUnavailable, migrate
from dispatch.storage.engine import driver_url
from dispatch.storage.migrate import MIGRATION_LOCK, WAITS_S
from dispatch.storage.tables import Row
from tests.fixtures_servers import execute, quick_folder
from tests.storage.conftest import new_world, settle
from tests.storage.entries import store_keys, whole_call
from tests.storage.test_access import faults

pytestmark = pytest.mark.integration


async def test_the_migrated_schema_is_the_one_that_the_models_describe(servers: ServerUrls):
    engine = create_async_engine(servers.owner_url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts={"compare_type": True}), Row.metadata)
        )
    await engine.dispose()
    assert differences == []


async def test_migrating_again_changes_nothing(fresh_servers: ServerUrls):
    await migrate(fresh_servers.owner_url)
    assert await faults(fresh_servers.owner_url) == []


async def test_changed_access_rules_are_put_back(fresh_servers: ServerUrls):
    await execute(
        fresh_servers.owner_url,
        "DROP POLICY call_operator ON call",
        "GRANT DELETE ON call TO kiwimesh_operator",
        "COMMENT ON TABLE alembic_version IS 'access rules of an older release'",
    )
    await migrate(fresh_servers.owner_url)
    assert await faults(fresh_servers.owner_url) == []


async def test_an_older_version_starts_on_the_database_that_a_newer_one_has_migrated(fresh_servers: ServerUrls):
    await execute(fresh_servers.owner_url, "UPDATE alembic_version SET version_num = '9999'")
    await migrate(fresh_servers.owner_url)
    assert await faults(fresh_servers.owner_url) == []


class SlowNeighbour(VirtualClock):
    """Counts the waits, and lets go of the neighbour's lock at the first one."""

    def __init__(self, neighbour: asyncpg.Connection | None) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._neighbour = neighbour

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self._neighbour is not None:
            await self._neighbour.close()


async def test_a_migration_that_meets_another_one_waits_and_goes_on(fresh_servers: ServerUrls):
    neighbour = await asyncpg.connect(fresh_servers.owner_url.replace("+asyncpg", ""))
    await neighbour.execute(f"SELECT pg_advisory_lock({MIGRATION_LOCK})")
    clock = SlowNeighbour(neighbour)
    await migrate(fresh_servers.owner_url, clock=clock)
    assert clock.waits == [WAITS_S[0]]


async def test_a_database_that_stays_away_is_given_up_after_some_tries(tmp_path):
    clock = SlowNeighbour(None)
    with pytest.raises(StoreUnavailable):
        await migrate(f"postgresql://nobody:x@/nothing?host={tmp_path}", clock=clock)
    assert clock.waits == list(WAITS_S)


async def an_installation_with_one_login(urls: ServerUrls) -> None:
    """One login for everything, as many hosters give: no superuser, it owns its database and may make roles."""
    await execute(
        urls.superuser_url,
        "DROP OWNED BY kiwimesh_app",
        "DROP ROLE kiwimesh_app",
        "CREATE ROLE alice LOGIN CREATEROLE PASSWORD 'wonderland'",
        "CREATE DATABASE shop OWNER alice",
    )
    address = driver_url(urls.superuser_url).set(username="alice", password="wonderland", database="shop")
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    await migrate(plain)
    database, world = Database(plain), new_world()
    await settle(database, world)
    store = PostgresTimelineStore(database, store_keys())
    await store.append(whole_call("call", world.ours))
    assert len(await store.entries("call", scope=world.scope)) == 9
    assert await store.entries("call", scope=world.foreign_scope) == ()
    await database.close()


@pytest.mark.parametrize("source", ["bundled", "machine"])
def test_a_server_of_ones_own_with_a_single_login_works(source, monkeypatch):
    """On PostgreSQL 15 too, where the machine has it: there, roles and their members work differently."""
    if source == "machine" and shutil.which("postgres"):
        bundled = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if "postgres" in name else bundled(name))
    folder = quick_folder()

    async def run() -> None:
        async with EmbeddedServers(folder / "data") as urls:
            await an_installation_with_one_login(urls)

    try:
        asyncio.run(run())
    finally:
        shutil.rmtree(folder)


def test_an_address_is_understood_as_people_write_it():
    url = driver_url("postgresql://u:p@db.example/kiwimesh?sslmode=require")
    assert url.drivername == "postgresql+asyncpg"
    assert dict(url.query) == {"ssl": "require"}
    assert driver_url("postgres://u:p@db.example/kiwimesh").drivername == "postgresql+asyncpg"
