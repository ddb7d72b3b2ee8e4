"""Backups: what comes back is what was there, with its access rules."""

import stat

import asyncpg
import pytest

from dispatch.storage import (
    BackupFailed,
    Database,
    EmbeddedServers,
    PostgresTimelineStore,
    ServerUrls,
    StoreUnavailable,
    migrate,
)
from dispatch.storage.backup import backup, embedded_superuser_url, restore
from tests.fixtures_servers import execute
from tests.storage.conftest import new_world, settle
from tests.storage.entries import store_keys, whole_call

pytestmark = pytest.mark.integration

POLICIES = "SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
PRIVILEGES = """
    SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
    WHERE table_schema = 'public' ORDER BY 1, 2, 3
"""
OWNERS = """
    SELECT relname, pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity FROM pg_class
    WHERE relnamespace = 'public'::regnamespace ORDER BY 1
"""
TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"


async def everything(urls: ServerUrls) -> list[object]:
    """Row counts, policies, privileges, owners."""
    connection = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""))
    try:
        rules = [[tuple(row) for row in await connection.fetch(q)] for q in (POLICIES, PRIVILEGES, OWNERS)]
        counts = {
            row["relname"]: await connection.fetchval(f'SELECT count(*) FROM "{row["relname"]}"')
            for row in await connection.fetch(TABLES)
        }
        return [counts, *rules]
    finally:
        await connection.close()


async def fill(urls: ServerUrls) -> None:
    database, world = Database(urls.database_url), new_world()
    await settle(database, world)
    await PostgresTimelineStore(database, store_keys()).append(whole_call("call-1", world.ours))
    await database.close()


async def test_a_destroyed_database_comes_back_with_its_rows_and_its_access_rules(fresh_servers, tmp_path):
    await fill(fresh_servers)
    before = await everything(fresh_servers)
    assert before[0]["timeline_entry"] == 9
    await backup(fresh_servers.superuser_url, tmp_path / "b.dump")
    await execute(fresh_servers.superuser_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    assert await everything(fresh_servers) != before
    await restore(fresh_servers.superuser_url, tmp_path / "b.dump")
    assert await everything(fresh_servers) == before
    await migrate(fresh_servers.owner_url)
    assert await everything(fresh_servers) == before


async def test_a_backup_comes_back_in_an_installation_of_another_machine(fresh_servers, tmp_path):
    await fill(fresh_servers)
    before = await everything(fresh_servers)
    await backup(fresh_servers.superuser_url, tmp_path / "b.dump")
    async with EmbeddedServers(tmp_path / "elsewhere") as urls:
        await restore(urls.superuser_url, tmp_path / "b.dump")
        assert await everything(urls) == before
        await execute(urls.owner_url, "COMMENT ON TABLE alembic_version IS 'older access rules'")
        await migrate(urls.owner_url)
        assert await everything(urls) == before


async def test_a_broken_backup_leaves_the_database_as_it_was(fresh_servers, tmp_path):
    await fill(fresh_servers)
    before = await everything(fresh_servers)
    await backup(fresh_servers.superuser_url, tmp_path / "b.dump")
    whole = (tmp_path / "b.dump").read_bytes()
    (tmp_path / "b.dump").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(BackupFailed):
        await restore(fresh_servers.superuser_url, tmp_path / "b.dump")
    assert await everything(fresh_servers) == before


async def test_a_restore_under_a_running_server_is_refused(fresh_servers, tmp_path):
    await fill(fresh_servers)
    await backup(fresh_servers.superuser_url, tmp_path / "b.dump")
    database = Database(fresh_servers.database_url)
    async with database.engine.connect():
        with pytest.raises(BackupFailed, match="Stop the server"):
            await restore(fresh_servers.superuser_url, tmp_path / "b.dump")
    await database.close()


async def test_a_backup_that_cannot_see_every_row_fails_instead_of_being_incomplete(fresh_servers, tmp_path):
    with pytest.raises(BackupFailed, match=r"row-level security|permission denied"):
        await backup(fresh_servers.owner_url, tmp_path / "b.dump")
    assert list(tmp_path.iterdir()) == []


async def test_a_backup_is_readable_by_its_owner_alone(fresh_servers, tmp_path):
    await backup(fresh_servers.superuser_url, tmp_path / "b.dump")
    assert stat.S_IMODE((tmp_path / "b.dump").stat().st_mode) == 0o600


async def test_a_server_that_is_away_says_so(tmp_path):
    with pytest.raises(StoreUnavailable):
        await restore(f"postgresql://nobody:x@/nothing?host={tmp_path}", tmp_path / "b.dump")


async def test_an_installation_can_be_backed_up_while_it_runs_and_while_it_does_not(tmp_path):
    data = tmp_path / "data"
    async with EmbeddedServers(data) as urls, embedded_superuser_url(data) as url:
        assert url == urls.superuser_url
    async with embedded_superuser_url(data) as url:
        await backup(url, tmp_path / "b.dump")
    assert (tmp_path / "b.dump").exists()
