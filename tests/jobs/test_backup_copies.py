"""Copies of backups in a bucket, over the wire of S3: whole or not there, and read back on another machine."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch import backup_copies
from dispatch.backup_copies import BackupCopies
from dispatch.backup_schedule import KIND, BackupSchedule
from dispatch.jobs import NewJob
from dispatch.observability.clock import SystemClock, VirtualClock
from dispatch.providers.errors import ProviderError
from dispatch.providers.files import FileKey, S3Files, S3Place
from dispatch.providers.wire import new_client
from dispatch.settings import Settings
from dispatch.storage import BackupFailed, PostgresTimelineStore, ServerUrls
from dispatch.storage.backup import restore
from tests.payments.test_money import all_done, due_now
from tests.providers.servers import ACCESS, SECRET, ProviderServer
from tests.storage.conftest import new_world, settle
from tests.storage.entries import store_keys, whole_call
from tests.storage.test_backup import everything

from .conftest import Shop

pytestmark = pytest.mark.integration

SMALL = 1000
"""Bytes of a part."""


@pytest.fixture
async def server() -> AsyncIterator[ProviderServer]:
    async with ProviderServer().running() as running:
        yield running


@pytest.fixture
async def copies(server: ProviderServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BackupCopies]:
    monkeypatch.setattr(backup_copies, "PART_BYTES", SMALL)
    async with new_client() as client:
        place = S3Place(server.url, "bucket", "eu-west-1", ACCESS, SECRET)
        yield BackupCopies(S3Files(client, place, SystemClock()))


def dump(folder: Path, name: str, size: int = 2500) -> Path:
    file = folder / name
    file.write_bytes(random.Random(name).randbytes(size))
    return file


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 2500])
async def test_what_is_read_back_is_what_was_copied(copies: BackupCopies, tmp_path: Path, size: int) -> None:
    whole = dump(tmp_path, "kiwimesh-1.dump", size)
    await copies.add(whole, keep=2)
    assert await copies.fetch("", tmp_path / "back.dump") == whole.name
    assert (tmp_path / "back.dump").read_bytes() == whole.read_bytes()
    assert (tmp_path / "back.dump").stat().st_mode & 0o77 == 0


async def test_the_newest_copies_are_kept_and_the_parts_of_older_ones_go(
    copies: BackupCopies, server: ProviderServer, tmp_path: Path
) -> None:
    for number in (1, 2, 3, 3):
        await copies.add(dump(tmp_path, f"kiwimesh-{number}.dump"), keep=2)
    assert [copy.name for copy in (await copies.index()).copies] == ["kiwimesh-2.dump", "kiwimesh-3.dump"]
    assert len(server.files) == 1 + 2 * 3
    with pytest.raises(BackupFailed, match="no such copy"):
        await copies.fetch("kiwimesh-1.dump", tmp_path / "back.dump")
    assert await copies.fetch("kiwimesh-2.dump", tmp_path / "back.dump") == "kiwimesh-2.dump"


async def test_a_copy_that_could_not_be_deleted_at_once_does_not_lie_there_for_ever(
    copies: BackupCopies, server: ProviderServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_files: S3Files, _key: FileKey) -> None:
        raise ProviderError("the storage does not answer")

    await copies.add(dump(tmp_path, "kiwimesh-1.dump"), keep=1)
    second = dump(tmp_path, "kiwimesh-2.dump")
    with monkeypatch.context() as away:
        away.setattr(S3Files, "delete", refuse)
        with pytest.raises(ProviderError):
            await copies.add(second, keep=1)
    assert [key for key in server.files if "kiwimesh-1.dump" in key]
    await copies.add(second, keep=1)
    assert not [key for key in server.files if "kiwimesh-1.dump" in key]
    assert await copies.fetch("", tmp_path / "back.dump") == second.name


async def test_a_copy_that_was_broken_off_is_no_copy(
    copies: BackupCopies, server: ProviderServer, tmp_path: Path
) -> None:
    server.failures.extend([404, 500])  # no index yet; the first part fails
    whole = dump(tmp_path, "kiwimesh-1.dump")
    with pytest.raises(ProviderError):
        await copies.add(whole, keep=2)
    assert (await copies.index()).copies == ()
    await copies.add(whole, keep=2)
    assert [copy.name for copy in (await copies.index()).copies] == [whole.name]


async def test_a_copy_that_somebody_changed_is_not_taken_for_the_backup(
    copies: BackupCopies, server: ProviderServer, tmp_path: Path
) -> None:
    await copies.add(dump(tmp_path, "kiwimesh-1.dump"), keep=2)
    second = next(key for key in server.files if key.endswith("00001"))
    server.files[second] = bytes(SMALL)
    with pytest.raises(BackupFailed, match="not what was written"):
        await copies.fetch("", tmp_path / "back.dump")
    assert names(tmp_path) == ["kiwimesh-1.dump"]


async def test_a_scheduled_backup_is_copied_and_comes_back_from_the_bucket_into_a_database(
    shop: Shop, fresh_servers: ServerUrls, server: ProviderServer, copies: BackupCopies, tmp_path: Path
) -> None:
    world = new_world()
    await settle(shop.database, world)
    await PostgresTimelineStore(shop.database, store_keys()).append(whole_call("call-1", world.ours))
    folder, clock = tmp_path / "backups", VirtualClock()
    schedule = BackupSchedule(folder, 2, lambda: fresh_servers.superuser_url, clock, copies)
    schedule.register(shop.kinds, "30 2 * * *")
    server.failures.extend([404, 503])
    async with shop.working():
        await shop.ask(NewJob(KIND, "nightly"))

        async def failed_once() -> bool:
            return any(row.attempts == 1 and row.state == "waiting" and row.error_code for row in await shop.rows())

        await shop.until(failed_once)
        await clock.advance(timedelta(minutes=5).total_seconds())
        await due_now(shop)
        await all_done(shop)
    fetched = tmp_path / "fetched.dump"
    assert names(folder) == [await copies.fetch("", fetched)]
    await shop.database.close()
    before = await everything(fresh_servers)
    await restore(fresh_servers.superuser_url, fetched)
    after = await everything(fresh_servers)
    assert after[1:] == before[1:]
    assert after[0] == before[0] | {"job": after[0]["job"]}
    assert after[0]["timeline_entry"] == 9


def test_copies_need_a_folder_and_a_bucket(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="backup_dir"):
        Settings(data_dir=tmp_path, backup_dir=tmp_path, backup_copy=True)
    Settings(data_dir=tmp_path, backup_dir=tmp_path, backup_copy=True, s3_secret_key="k")  # type: ignore[arg-type]
