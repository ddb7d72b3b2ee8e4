"""Backups by the clock: made by a worker, the newest kept, and seen by whoever looks after the server."""

from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.backup_schedule import KIND, BackupSchedule, newest, schedule_of
from dispatch.jobs import NewJob
from dispatch.observability import metrics
from dispatch.observability.clock import VirtualClock
from dispatch.providers.files import FolderFiles
from dispatch.settings import Settings
from dispatch.storage import ServerUrls
from tests.payments.test_money import all_done

from .conftest import Shop

pytestmark = pytest.mark.integration


async def test_a_worker_makes_backups_and_keeps_the_newest(
    shop: Shop, fresh_servers: ServerUrls, tmp_path: Path
) -> None:
    folder, clock = tmp_path / "backups", VirtualClock()
    BackupSchedule(folder, 2, lambda: fresh_servers.superuser_url, clock).register(shop.kinds, "30 2 * * *")
    assert metrics.REGISTRY.get_sample_value("kiwimesh_backup_timestamp_seconds") == 0
    for number in range(3):
        async with shop.working():
            await shop.ask(NewJob(KIND, str(number)))
            await all_done(shop)
        await clock.advance(timedelta(days=1).total_seconds())
    files = sorted(folder.iterdir())
    assert len(files) == 2
    assert all(file.read_bytes().startswith(b"PGDMP") and file.stat().st_mode & 0o77 == 0 for file in files)
    assert metrics.REGISTRY.get_sample_value("kiwimesh_backup_timestamp_seconds") == newest(folder)
    assert {row.state for row in await shop.rows() if "@" not in row.idempotency_key} == {"done"}
    assert any(row.idempotency_key.startswith(f"{KIND}@") for row in await shop.rows())


async def test_a_login_that_does_not_see_every_row_makes_no_backup(
    shop: Shop, fresh_servers: ServerUrls, tmp_path: Path
) -> None:
    BackupSchedule(tmp_path, 2, lambda: fresh_servers.database_url, VirtualClock()).register(shop.kinds, "30 2 * * *")
    async with shop.working():
        await shop.ask(NewJob(KIND, "once"))

        async def failed() -> bool:
            return any(row.error_code for row in await shop.rows())

        await shop.until(failed)
    assert newest(tmp_path) is None


def test_nobody_makes_backups_unless_a_folder_is_set(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path, "s", VirtualClock())
    assert schedule_of(Settings(data_dir=tmp_path), VirtualClock(), files) is None
    assert schedule_of(Settings(data_dir=tmp_path, backup_dir=tmp_path), VirtualClock(), files) is not None
