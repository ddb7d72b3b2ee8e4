"""Backups by the clock: made by a worker, the newest kept, and seen by whoever looks after the server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dispatch.backup_schedule import KIND, BackupSchedule, Plan, newest, schedule_of
from dispatch.jobs import NewJob
from dispatch.observability import metrics
from dispatch.observability.clock import VirtualClock
from dispatch.providers.files import FolderFiles
from dispatch.settings import Settings
from dispatch.storage import BackupFailed, ServerUrls
from dispatch.storage.backup_folder import BackupFolder, name_of
from dispatch.storage.whole_backup import make
from tests.payments.test_money import all_done

from .conftest import Shop

pytestmark = pytest.mark.integration


async def test_a_worker_makes_backups_and_keeps_the_newest(
    shop: Shop, fresh_servers: ServerUrls, tmp_path: Path
) -> None:
    folder, clock = tmp_path / "backups", VirtualClock()
    (tmp_path / "data" / "calls").mkdir(parents=True)
    plan = Plan(folder, 2, lambda: fresh_servers.superuser_url, tmp_path / "data")
    BackupSchedule(plan, clock).register(shop.kinds, "30 2 * * *")
    assert metrics.REGISTRY.get_sample_value("kiwimesh_backup_timestamp_seconds") == 0
    for number in range(3):
        async with shop.working():
            await shop.ask(NewJob(KIND, str(number)))
            await all_done(shop)
        await clock.advance(timedelta(days=1).total_seconds())
    backups = BackupFolder(folder)
    dumps = sorted(folder.glob("*.dump"))
    assert [file.stem for file in dumps] == backups.names()
    assert len(dumps) == 2
    assert all(file.read_bytes().startswith(b"PGDMP") and file.stat().st_mode & 0o77 == 0 for file in dumps)
    assert [backups.damaged(name) for name in backups.names()] == [[], []]
    assert metrics.REGISTRY.get_sample_value("kiwimesh_backup_timestamp_seconds") == newest(folder)
    assert {row.state for row in await shop.rows() if "@" not in row.idempotency_key} == {"done"}
    assert any(row.idempotency_key.startswith(f"{KIND}@") for row in await shop.rows())


async def test_a_login_that_does_not_see_every_row_makes_no_backup(
    shop: Shop, fresh_servers: ServerUrls, tmp_path: Path
) -> None:
    (tmp_path / "calls").mkdir()
    plan = Plan(tmp_path, 2, lambda: fresh_servers.database_url, tmp_path)
    BackupSchedule(plan, VirtualClock()).register(shop.kinds, "30 2 * * *")
    async with shop.working():
        await shop.ask(NewJob(KIND, "once"))

        async def failed() -> bool:
            return any(row.error_code for row in await shop.rows())

        await shop.until(failed)
    assert newest(tmp_path) is None
    assert [(row.state, row.error_code) for row in await shop.rows() if row.error_code] == [
        ("waiting", "backup_failed")
    ], "it is tried again: what was wrong may have been put right by then"


async def test_a_worker_that_does_not_see_the_calls_makes_no_backup_without_them(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="no calls"):
        await make("postgresql://nobody@127.0.0.1/none", tmp_path, tmp_path / "backups", name_of(datetime.now(UTC)), 0)
    assert not (tmp_path / "backups").exists()


def test_nobody_makes_backups_unless_a_folder_is_set(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path, "s", VirtualClock())
    assert schedule_of(Settings(data_dir=tmp_path), VirtualClock(), files) is None
    assert schedule_of(Settings(data_dir=tmp_path, backup_dir=tmp_path), VirtualClock(), files) is not None
