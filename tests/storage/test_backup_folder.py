"""A folder of backups: what is in it is whole, what has not changed is kept once, and nothing leads out of it."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from dispatch.storage import BackupFailed
from dispatch.storage.backup_folder import BackupFolder, Manifest, files_of, name_of, time_of
from dispatch.storage.whole_backup import tell_again

pytestmark = pytest.mark.unit

BEGAN = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two calls, a report, and keys."""
    folder = tmp_path / "data"
    written = {
        "calls/one/caller.audio": b"sound of one",
        "calls/one/key": b"wrapped",
        "calls/two/caller.audio": b"sound of two",
        "files/hospital/h1/report.csv": b"a;b",
        "secrets/tenants.json": b"a key",
        "postgres/base/1": b"rows",
    }
    for name, content in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "calls" / "link").symlink_to(folder / "secrets" / "tenants.json")
    return folder


@pytest.fixture
def backups(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "backups")


def kept(backups: BackupFolder, data: Path, days: int = 0) -> str:
    """A backup with a dump of no database; its name."""
    name = name_of(BEGAN + timedelta(days=days))
    with backups.alone():
        backups.dump(name).write_bytes(b"dump")
        backups.keep(name, data, 0)
    return name


def objects(backups: BackupFolder) -> set[str]:
    return {file.name for file in (backups.path / "objects").iterdir()}


def test_everything_comes_back_but_keys_and_the_manifest_says_why(
    data: Path, backups: BackupFolder, tmp_path: Path
) -> None:
    name = kept(backups, data)
    manifest = backups.manifest(name)
    assert {file.path for file in manifest.files} == {
        "calls/one/caller.audio", "calls/one/key", "calls/two/caller.audio", "files/hospital/h1/report.csv",
    }  # fmt: skip
    assert "secrets" in manifest.left_out
    assert b"a key" not in b"".join(file.read_bytes() for file in backups.path.rglob("*") if file.is_file())
    assert backups.put_back(manifest, tmp_path / "new") == 4
    for file in files_of(data):
        again = tmp_path / "new" / file.relative_to(data)
        assert again.read_bytes() == file.read_bytes()
        assert again.stat().st_mode & 0o77 == 0
        assert again.stat().st_mtime_ns == file.stat().st_mtime_ns
    assert all(file.stat().st_mode & 0o77 == 0 for file in (backups.path / "objects").iterdir())


def test_what_has_not_changed_is_neither_kept_twice_nor_read_again(data: Path, backups: BackupFolder) -> None:
    kept(backups, data)
    before = objects(backups)
    with (data / "calls/two/caller.audio").open("ab") as grown:
        grown.write(b" and more")
    closed, stood = data / "calls/one/caller.audio", (data / "calls/one/caller.audio").stat()
    closed.write_bytes(b"another, as long"[: stood.st_size])
    os.utime(closed, ns=(stood.st_atime_ns, stood.st_mtime_ns))
    kept(backups, data, days=1)
    assert len(objects(backups) - before) == 1


def test_a_file_that_grows_meanwhile_is_kept_as_it_was_looked_at(backups: BackupFolder, tmp_path: Path) -> None:
    sound = tmp_path / "growing"
    sound.write_bytes(b"acknowledged, and written since")
    with backups.alone(), sound.open("rb") as file:
        whole = backups.take(file, len(b"acknowledged"))
    assert backups.object(whole.sha256).read_bytes() == b"acknowledged"


def test_old_backups_go_with_what_only_they_had(data: Path, backups: BackupFolder) -> None:
    kept(backups, data)
    (data / "calls/one/caller.audio").unlink()
    second = kept(backups, data, days=1)
    backups.forget(1)
    assert backups.names() == [second]
    assert objects(backups) == set(backups.manifest(second).objects)
    assert len(list(backups.path.glob("*.dump"))) == 1
    assert backups.damaged(second) == []


def test_a_backup_that_is_missing_a_byte_is_not_put_back(data: Path, backups: BackupFolder) -> None:
    name = kept(backups, data)
    sound = next(file for file in backups.manifest(name).files if file.path == "calls/two/caller.audio")
    backups.object(sound.sha256).write_bytes(b"sound of tw")
    assert backups.damaged(name) == ["calls/two/caller.audio"]
    backups.dump(name).unlink()
    assert backups.damaged(name) == [f"{name}.dump", "calls/two/caller.audio"]


def test_what_is_on_the_disk_already_and_longer_stays(data: Path, backups: BackupFolder) -> None:
    name = kept(backups, data)
    with (data / "calls/two/caller.audio").open("ab") as grown:
        grown.write(b" and more")
    (data / "calls/one/caller.audio").write_bytes(b"cut")
    assert backups.put_back(backups.manifest(name), data) == 1
    assert (data / "calls/two/caller.audio").read_bytes() == b"sound of two and more"
    assert (data / "calls/one/caller.audio").read_bytes() == b"sound of one"


@pytest.mark.parametrize(
    "path", ["secrets/tenants.json", "../x", "calls/../../x", "/etc/passwd", "calls//x", "calls/./x"]
)
def test_a_manifest_leads_nowhere_but_into_the_folders_that_are_kept(
    path: str, data: Path, backups: BackupFolder
) -> None:
    name = kept(backups, data)
    told = json.loads((backups.path / f"{name}.json").read_bytes())
    told["files"][0]["path"] = path
    with pytest.raises(ValidationError):
        Manifest.model_validate(told)
    (backups.path / f"{name}.json").write_text(json.dumps(told))
    with pytest.raises(BackupFailed, match="no backup"):
        backups.manifest(name)


def test_a_disk_that_calls_need_is_not_filled_with_backups(data: Path, backups: BackupFolder) -> None:
    with backups.alone(), pytest.raises(BackupFailed, match="too little room"):
        backups.keep(name_of(BEGAN), data, spare_bytes=10**18)
    assert backups.names() == []


def test_two_do_not_write_one_folder_at_a_time(backups: BackupFolder) -> None:
    with backups.alone(), pytest.raises(BackupFailed, match="Another process"), backups.alone():
        pass
    with backups.alone():
        pass


def test_work_ends_soon_when_nobody_waits_for_it_any_more(data: Path, backups: BackupFolder) -> None:
    name = kept(backups, data)
    stopped = BackupFolder(backups.path, lambda: True)
    with pytest.raises(BackupFailed, match="stopped"):
        stopped.damaged(name)


def test_calls_that_closed_after_the_dump_was_begun_tell_the_database_again(tmp_path: Path) -> None:
    for call, at in {"before": BEGAN - timedelta(minutes=1), "after": BEGAN + timedelta(minutes=1)}.items():
        mark = tmp_path / call / "shipped"
        mark.parent.mkdir()
        mark.touch()
        os.utime(mark, (at.timestamp(), at.timestamp()))
    assert tell_again(tmp_path, "shipped", BEGAN.timestamp()) == 1
    assert [path.name for path in tmp_path.iterdir() if (path / "shipped").exists()] == ["before"]


def test_names_sort_by_time_and_tell_it() -> None:
    names = [name_of(BEGAN), name_of(BEGAN, "7"), name_of(BEGAN + timedelta(seconds=1))]
    assert sorted(names) == names
    assert {time_of(name) for name in names[:2]} == {BEGAN}
