"""`kiwimesh bench migration`: small, but the whole of it; and the runner's steps outside a transaction."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from bench import migration
from dispatch.storage import ServerUrls, migrate
from tests.fixtures_servers import execute
from tests.migration_rules import offences

pytestmark = pytest.mark.integration

INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_bench_mark')"


def test_no_request_fails_while_a_migration_runs_and_nobody_waits_long() -> None:
    figures = migration.run(rows=2000, rate=20, seconds=0.5)
    assert (figures["failed"], figures["foreign_keys_before"]) == (0, figures["foreign_keys_after"])
    assert figures["longest_lock_wait_s"] <= 2  # type: ignore[operator]
    assert figures["migration_s"]


def test_the_planted_migrations_keep_to_the_rules() -> None:
    assert {revision: offences(sql.lstrip("\n")) for revision, sql in migration.PLANTED.items()} == {
        revision: [] for revision in migration.PLANTED
    }


async def test_an_index_whose_making_was_cut_short_is_made_again(
    fresh_servers: ServerUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration, "PLANTED", {name: migration.PLANTED[name] for name in ("9001", "9002")})
    scripts = await asyncio.to_thread(migration.planted, tmp_path)
    await execute(
        fresh_servers.superuser_url,
        "ALTER TABLE booking ADD COLUMN bench_mark text",
        "CREATE INDEX ix_bench_mark ON booking (bench_mark)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_bench_mark'::regclass",
        "ALTER TABLE booking RENAME bench_mark TO bench_old",
    )
    await migrate(fresh_servers.owner_url, scripts=scripts)
    connection = await asyncpg.connect(fresh_servers.superuser_url.replace("+asyncpg", ""))
    try:
        assert await connection.fetchval(INDEX) is True
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9002"
    finally:
        await connection.close()
