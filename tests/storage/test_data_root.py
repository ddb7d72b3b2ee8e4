"""A data folder has one holder, whatever else happens to the folder and to its files."""

import errno
import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.observability.clock import VirtualClock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.storage import DataInUse, DataRoot, DataUnfit
from dispatch.storage.data_root import LOOK_AGAIN_S, write_secret

pytestmark = pytest.mark.unit


async def test_who_waits_has_the_folder_as_soon_as_it_is_free(tmp_path: Path) -> None:
    first, second, clock = DataRoot(tmp_path), DataRoot(tmp_path), VirtualClock()
    first.hold()
    async with TaskSupervisor() as tasks:
        waiting = tasks.start("waiting", second.hold_when_free(clock))
        await clock.advance(10)
        assert not waiting.done()
        first.release()
        await clock.advance(LOOK_AGAIN_S)
        await waiting
    with pytest.raises(DataInUse):
        first.hold()
    second.release()


def test_a_holder_that_is_killed_lets_go_at_once(tmp_path: Path) -> None:
    code = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], 0), fcntl.LOCK_EX); print(1, flush=True); input()"
    command = [sys.executable, "-c", code, str(tmp_path)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(DataInUse, match="another process"):
            DataRoot(tmp_path).hold()
        holder.kill()
        holder.wait()
        with DataRoot(tmp_path):
            pass


def test_a_full_disk_keeps_nobody_from_taking_the_calls_over(tmp_path: Path) -> None:
    (tmp_path / "holder").symlink_to("/dev/full")  # where every write ends with ENOSPC
    with DataRoot(tmp_path), pytest.raises(DataInUse, match="another process"):
        DataRoot(tmp_path).hold()


def test_nobody_gets_the_folder_by_deleting_files_that_look_like_leftovers(tmp_path: Path) -> None:
    with DataRoot(tmp_path):
        for file in tmp_path.iterdir():
            file.unlink()
        with pytest.raises(DataInUse, match="another process"):
            DataRoot(tmp_path).hold()


async def test_a_folder_that_was_moved_away_from_its_holder_is_not_begun_anew(tmp_path: Path) -> None:
    first, second, clock = DataRoot(tmp_path / "data"), DataRoot(tmp_path / "data"), VirtualClock()
    first.hold()
    async with TaskSupervisor() as tasks:
        waiting = tasks.start("waiting", second.hold_when_free(clock))
        await clock.advance(1)
        (tmp_path / "data").rename(tmp_path / "elsewhere")
        await clock.advance(1)
        assert not waiting.done()
        assert not (tmp_path / "data").exists()
        first.release()
        await clock.advance(LOOK_AGAIN_S)
        with pytest.raises(DataUnfit, match="moved away"):
            await waiting


def test_a_file_system_without_such_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: int, _operation: int) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(DataUnfit, match="local disk"):
        DataRoot(tmp_path).hold()


def test_a_secret_that_the_disk_does_not_take_leaves_the_old_one_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write_secret(tmp_path / "key", "old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_secret(tmp_path / "key", "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("key", "old")]
