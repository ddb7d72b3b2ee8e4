"""Copies of backups in a bucket, over the wire of S3: whole or not there, and read back on another machine."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dispatch import backup_copies
from dispatch.backup_copies import BackupCopies, parts_of, wholes_of
from dispatch.backup_schedule import KIND, BackupSchedule, Plan
from dispatch.jobs import NewJob
from dispatch.observability.clock import SystemClock, VirtualClock
from dispatch.providers.errors import ProviderError
from dispatch.providers.files import FileKey, S3Files, S3Place
from dispatch.providers.wire import new_client
from dispatch.settings import Settings
from dispatch.storage import BackupFailed, PostgresTimelineStore, ServerUrls
from dispatch.storage.backup_folder import BackupFolder, name_of
from dispatch.storage.whole_backup import restore_whole
from tests.payments.test_money import all_done, due_now
from tests.providers.servers import ACCESS, SECRET, ProviderServer
from tests.storage.conftest import new_world, settle
from tests.storage.entries import store_keys, whole_call
from tests.storage.test_backup import everything

from .conftest import Shop

pytestmark = pytest.mark.integration

SMALL = 1000
"""Bytes of a part."""
BEGAN = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


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


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "backups")


def backed_up(folder: BackupFolder, number: int, size: int = 2500) -> str:
    """A backup with a dump of no database, a file of its own, and one that all have; its name."""
    data, name = folder.path.parent / "data" / "calls", name_of(BEGAN + timedelta(days=number))
    data.mkdir(parents=True, exist_ok=True)
    (data / "all").write_bytes(random.Random("all").randbytes(SMALL))
    (data / "own").write_bytes(random.Random(name).randbytes(size))
    with folder.alone():
        folder.dump(name).write_bytes(random.Random(number).randbytes(1500))
        folder.keep(name, data.parent, 0)
    return name


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 2500])
async def test_what_is_read_back_is_what_was_copied(
    copies: BackupCopies, folder: BackupFolder, tmp_path: Path, size: int
) -> None:
    name = backed_up(folder, 1, size)
    await copies.add(folder, name, keep=2)
    back = BackupFolder(tmp_path / "back")
    for _ in range(2):
        assert await copies.fetch("", back) == name
        assert back.damaged(name) == []
        assert back.manifest(name) == folder.manifest(name)
    assert all(file.stat().st_mode & 0o77 == 0 for file in back.path.rglob("*") if file.is_file())


async def test_only_what_is_not_there_is_sent(
    copies: BackupCopies, folder: BackupFolder, server: ProviderServer
) -> None:
    await copies.add(folder, backed_up(folder, 1), keep=5)
    sent = [path for path, _ in server.asked]
    await copies.add(folder, backed_up(folder, 2), keep=5)
    again = [path for path, _ in server.asked[len(sent) :] if path in sent and "index.json" not in path]
    assert len(set(again)) <= parts_of((await copies.index()).copies[0].manifest), "no more than the manifest is read"


async def test_the_newest_copies_are_kept_and_what_only_older_ones_had_goes(
    copies: BackupCopies, server: ProviderServer, folder: BackupFolder, tmp_path: Path
) -> None:
    names = [backed_up(folder, number) for number in (1, 2, 3)]
    for name in (*names, names[-1]):
        await copies.add(folder, name, keep=2)
    index = await copies.index()
    assert [copy.name for copy in index.copies] == names[1:]
    wanted = {copy.manifest for copy in index.copies}.union(*(wholes_of(folder.manifest(name)) for name in names[1:]))
    assert len(server.files) == 1 + sum(parts_of(whole) for whole in wanted)
    with pytest.raises(BackupFailed, match="no such copy"):
        await copies.fetch(names[0], BackupFolder(tmp_path / "back"))
    assert await copies.fetch(names[1], BackupFolder(tmp_path / "back")) == names[1]


async def test_a_copy_that_could_not_be_deleted_at_once_does_not_lie_there_for_ever(
    copies: BackupCopies, server: ProviderServer, folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_files: S3Files, _key: FileKey) -> None:
        raise ProviderError("the storage does not answer")

    first, second = backed_up(folder, 1), backed_up(folder, 2)
    await copies.add(folder, first, keep=1)
    old = folder.manifest(first).database.sha256
    with monkeypatch.context() as away:
        away.setattr(S3Files, "delete", refuse)
        with pytest.raises(ProviderError):
            await copies.add(folder, second, keep=1)
    assert [key for key in server.files if old in key]
    await copies.add(folder, second, keep=1)
    assert not [key for key in server.files if old in key]


async def test_a_copy_that_was_broken_off_is_no_copy_and_goes_on_where_it_stopped(
    copies: BackupCopies, server: ProviderServer, folder: BackupFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_copies, "SAVED_EVERY", 1)
    name = backed_up(folder, 1)
    dump = folder.manifest(name).database.sha256
    server.failures.extend([404, 0, 0, 0, 500])  # no index; two parts of the dump, the index; then nothing
    with pytest.raises(ProviderError):
        await copies.add(folder, name, keep=2)
    assert (await copies.index()).copies == ()
    begun = len(server.asked)
    await copies.add(folder, name, keep=2)
    assert [copy.name for copy in (await copies.index()).copies] == [name]
    assert not [path for path, _ in server.asked[begun:] if dump in path], "the dump had arrived"
    assert await copies.fetch("", BackupFolder(tmp_path / "back")) == name


async def test_a_copy_that_somebody_changed_is_not_taken_for_the_backup(
    copies: BackupCopies, server: ProviderServer, folder: BackupFolder, tmp_path: Path
) -> None:
    await copies.add(folder, backed_up(folder, 1), keep=2)
    second = next(key for key in server.files if key.endswith("00001"))
    server.files[second] = bytes(SMALL)
    back = BackupFolder(tmp_path / "back")
    with pytest.raises(BackupFailed, match="not what was written"):
        await copies.fetch("", back)
    assert back.names() == []


async def test_a_scheduled_backup_is_copied_and_comes_back_from_the_bucket_into_a_database(
    shop: Shop, fresh_servers: ServerUrls, server: ProviderServer, copies: BackupCopies, tmp_path: Path
) -> None:
    world = new_world()
    await settle(shop.database, world)
    await PostgresTimelineStore(shop.database, store_keys()).append(whole_call("call-1", world.ours))
    clock, sound = VirtualClock(), tmp_path / "data" / "calls" / "call-1" / "caller.audio"
    sound.parent.mkdir(parents=True)
    sound.write_bytes(b"sound")
    plan = Plan(tmp_path / "backups", 2, lambda: fresh_servers.superuser_url, tmp_path / "data")
    BackupSchedule(plan, clock, copies).register(shop.kinds, "30 2 * * *")
    server.failures.extend([404, 503])
    async with shop.working():
        await shop.ask(NewJob(KIND, "nightly"))

        async def failed_once() -> bool:
            return any(row.attempts == 1 and row.state == "waiting" and row.error_code for row in await shop.rows())

        await shop.until(failed_once)
        await clock.advance(timedelta(minutes=5).total_seconds())
        await due_now(shop)
        await all_done(shop)
    back = BackupFolder(tmp_path / "back")
    assert BackupFolder(plan.folder).names() == [await copies.fetch("", back)]
    await shop.database.close()
    before = await everything(fresh_servers)
    done = await restore_whole(fresh_servers.superuser_url, back.path, back.newest(), tmp_path / "new", "shipped")
    assert (done.files, (tmp_path / "new" / "calls" / "call-1" / "caller.audio").read_bytes()) == (1, b"sound")
    after = await everything(fresh_servers)
    assert after[1:] == before[1:]
    assert after[0] == before[0] | {"job": after[0]["job"]}
    assert after[0]["timeline_entry"] == 9


def test_copies_need_a_folder_and_a_bucket(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="backup_dir"):
        Settings(data_dir=tmp_path, backup_dir=tmp_path, backup_copy=True)
    Settings(data_dir=tmp_path, backup_dir=tmp_path, backup_copy=True, s3_secret_key="k")  # type: ignore[arg-type]
