"""A disk that fails in the middle of a write: nothing acknowledged is lost, nothing is written twice, work goes on."""

import asyncio
import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dispatch.calls.disk import GroupCommit

pytestmark = pytest.mark.unit

WAIT_S = 60


async def test_what_a_failed_write_left_behind_is_cut_off_before_the_next_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.calls.disk.RETRY_S", 0.01)
    failures = {"write": 2, "fdatasync": 1, "ftruncate": 2}
    for name in failures:
        monkeypatch.setattr(os, name, failing(name, getattr(os, name), failures))
    disk = GroupCommit(asyncio.get_running_loop())
    safe: list[int] = []
    for number in range(20):
        assert disk.append(tmp_path / "call" / "sound", bytes([number]) * 100, partial(safe.append, number))
    await disk.flushed()
    await disk.close()
    assert failures == {"write": 0, "fdatasync": 0, "ftruncate": 0}
    assert safe == list(range(20))
    assert (tmp_path / "call" / "sound").read_bytes() == b"".join(bytes([number]) * 100 for number in range(20))


async def test_a_file_that_never_takes_its_bytes_holds_back_no_other_calls_acknowledgement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.calls.disk.RETRY_S", 0.01)
    blocked = tmp_path / "one call"
    blocked.write_text("a file where a folder must be")
    disk = GroupCommit(asyncio.get_running_loop())
    safe: list[str] = []
    arrived = asyncio.Event()
    assert disk.append(blocked / "sound", b"first", partial(safe.append, "blocked"))
    assert disk.append(tmp_path / "another call" / "sound", b"second", arrived.set)
    await asyncio.wait_for(arrived.wait(), WAIT_S)
    await until(lambda: disk.failing_since is not None)
    assert (safe, disk.pending_bytes) == ([], len(b"first"))
    blocked.unlink()
    await asyncio.wait_for(disk.flushed(), WAIT_S)
    await until(lambda: disk.failing_since is None)
    assert (safe, disk.pending_bytes) == (["blocked"], 0)
    assert (blocked / "sound").read_bytes() == b"first"
    await disk.close()


async def until(true: Callable[[], bool]) -> None:
    """The disk's thread says that bytes are safe before it says how the disk is."""
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 - the thread tells nobody
            await asyncio.sleep(0.01)


def failing(name: str, works: object, failures: dict[str, int]) -> object:
    """A call of the system's that fails so many times; a write leaves half of its bytes behind."""

    def call(descriptor: int, *args: object) -> object:
        if not failures[name]:
            return works(descriptor, *args)  # type: ignore[operator]
        failures[name] -= 1
        if name == "write":
            works(descriptor, bytes(args[0])[: len(bytes(args[0])) // 2])  # type: ignore[operator, call-overload]
        raise OSError(errno.EIO, "the disk is in a bad way")

    return call
