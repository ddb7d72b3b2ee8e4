"""Group commit: appends to many files, one fsync a file and group, and says when bytes are safe.

One thread owns the files. It takes all that has gathered since the last group, writes it, syncs every file once, and
tells the event loop. Invariants: a callback runs only after its bytes are on disk; the order within a file is the order
of `append`. Bound: `MAX_PENDING_BYTES` not yet on disk, beyond which `append` refuses and the sender keeps its copy. On
a full or failing disk the thread keeps the group and tries again, so what was taken in is not forgotten.
"""

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_PENDING_BYTES: Final = 64 * 1024 * 1024
MAX_OPEN_FILES: Final = 512
RETRY_S: Final = 0.5


@dataclass(frozen=True)
class _Write:
    path: Path
    data: bytes
    on_durable: Callable[[], None]


class GroupCommit:
    """The disk side of every journal and log of this node. `close` returns after everything pending is on disk."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pending: deque[_Write] = deque()
        self._pending_bytes = 0
        self._wake = threading.Condition()
        self._closing = False
        self._files: dict[Path, int] = {}
        self._torn: dict[Path, int] = {}
        """Files in the middle of a write, or behind a failed one, with the bytes that are whole."""
        self.failing_since: float | None = None
        """Monotonic time since which the disk refuses writes; None while it works."""
        self.last_group_s = 0.0
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    @property
    def pending_bytes(self) -> int:
        return self._pending_bytes

    def append(self, path: Path, data: bytes, on_durable: Callable[[], None], *, always: bool = False) -> bool:
        """Queues bytes for a file; `on_durable` runs in the event loop once they are safe. False: full, not queued.

        `always` is for a call's log, which is small and whose writer has no second copy: it is queued beyond the bound.
        """
        with self._wake:
            if not always and (self._closing or self._pending_bytes + len(data) > MAX_PENDING_BYTES):
                return False
            self._pending.append(_Write(path, data, on_durable))
            self._pending_bytes += len(data)
            self._wake.notify()
        return True

    async def flushed(self) -> None:
        """Returns when everything appended so far is on disk."""
        done = asyncio.Event()
        with self._wake:
            self._pending.append(_Write(Path(os.devnull), b"", done.set))
            self._wake.notify()
        await done.wait()

    async def close(self) -> None:
        """Writes what is pending and ends the thread."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        await asyncio.to_thread(self._thread.join, 10.0)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._pending and not self._closing:
                    self._wake.wait()
                group = list(self._pending)
                self._pending.clear()
                closing = self._closing
            if group and self._commit(group, closing):
                self._tell(group)
            if closing and not self._pending:
                break
        for descriptor in self._files.values():
            os.close(descriptor)

    def _commit(self, group: list[_Write], closing: bool) -> bool:
        """Writes a group until the disk takes it. False only when closing on a failing disk."""
        started = time.monotonic()
        by_path: dict[Path, list[bytes]] = {}
        for write in group:
            if write.data:
                by_path.setdefault(write.path, []).append(write.data)
        while by_path:
            for path in list(by_path):
                if self._write(path, by_path[path]):
                    del by_path[path]
            if by_path:
                self.failing_since = self.failing_since or time.monotonic()
                if closing:
                    return False
                time.sleep(RETRY_S)
        self.failing_since = None
        self.last_group_s = time.monotonic() - started
        return True

    def _write(self, path: Path, parts: Iterable[bytes]) -> bool:
        """Appends all parts and syncs. What a failed attempt leaves behind, the next one cuts off before it writes."""
        try:
            descriptor = self._open(path)
            if path in self._torn:
                os.ftruncate(descriptor, self._torn[path])
            self._torn[path] = os.fstat(descriptor).st_size
            _write_all(descriptor, b"".join(parts))
            os.fdatasync(descriptor)
        except OSError:
            if path not in self._torn:
                self._files.pop(path, None)
            return False
        del self._torn[path]
        return True

    def _open(self, path: Path) -> int:
        if path not in self._files:
            if len(self._files) >= MAX_OPEN_FILES:
                os.close(self._files.pop(next(iter(self._files))))
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._files[path] = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            _sync_folder(path.parent)
        return self._files[path]

    def _tell(self, group: list[_Write]) -> None:
        with self._wake:
            self._pending_bytes -= sum(len(write.data) for write in group)
        callbacks = [write.on_durable for write in group]
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_run_all, callbacks)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    """Makes a new file's name as durable as its bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _run_all(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        callback()
