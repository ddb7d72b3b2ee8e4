"""Group commit: appends to many files, one fsync a file and group, and says when bytes are safe.

One thread owns the files. It takes all that has gathered since the last group, writes it, syncs every file once, and
tells the event loop. Invariants: a callback runs only after its bytes are on disk; the order within a file is the order
of `append`; a file that refuses its bytes holds back nobody else's. Bound: `MAX_PENDING_BYTES` not yet on disk, beyond
which `append` refuses and the sender keeps its copy. What a full or failing disk refuses is kept and tried again, so
what was taken in is not forgotten.
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


@dataclass
class _Barrier:
    """Somebody who waits until these files have what was appended before."""

    files: set[Path]
    on_durable: Callable[[], None]


class GroupCommit:
    """The disk side of every journal and log of this node. `close` returns after everything pending is on disk."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pending: deque[_Write] = deque()
        self._pending_bytes = 0
        self._wake = threading.Condition()
        self._closing = False
        self._asking: list[Callable[[], None]] = []
        self._barriers: list[_Barrier] = []
        self._held: dict[Path, list[_Write]] = {}
        """Taken from `_pending`, not yet on disk: for a moment, or for as long as their file refuses them."""
        self._refused: set[Path] = set()
        self._retry_at = 0.0
        self._files: dict[Path, int] = {}
        self._torn: dict[Path, int] = {}
        """Files in the middle of a write, or behind a failed one, with the bytes that are whole."""
        self.failing_since: float | None = None
        """Monotonic time since which the disk refuses a file's writes; None while it works."""
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    @property
    def pending_bytes(self) -> int:
        """Queued and not safe on disk yet."""
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

    @property
    def ended(self) -> bool:
        """Whether nothing is written any more; False after `close` where a write hangs."""
        return not self._thread.is_alive()

    async def flushed(self) -> None:
        """Returns when everything appended so far is on disk."""
        done = asyncio.Event()
        with self._wake:
            self._asking.append(done.set)
            self._wake.notify()
        await done.wait()

    async def close(self) -> None:
        """Writes what is pending and ends the thread."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        await asyncio.to_thread(self._thread.join, 10.0)

    def _run(self) -> None:
        closing = False
        while not closing or self._pending:
            closing = self._take()
            now = time.monotonic()
            again = closing or now >= self._retry_at
            self._commit([path for path in self._held if again or path not in self._refused])
            if again:
                self._retry_at = now + RETRY_S
            if self._refused:
                self.failing_since = self.failing_since or now
            else:
                self.failing_since = None
        for descriptor in self._files.values():
            os.close(descriptor)

    def _take(self) -> bool:
        """Waits for something to do and takes it; True when closing, with everything taken."""
        with self._wake:
            self._wake.wait_for(self._has_work, RETRY_S if self._refused else None)
            for write in self._pending:
                self._held.setdefault(write.path, []).append(write)
            self._pending.clear()
            self._barriers += [_Barrier(set(self._held), asks) for asks in self._asking]
            self._asking.clear()
            return self._closing

    def _has_work(self) -> bool:
        return bool(self._pending or self._asking) or self._closing

    def _commit(self, paths: Iterable[Path]) -> None:
        """Tries each file once, and tells those whose bytes are safe."""
        safe: list[_Write] = []
        for path in paths:
            if self._write(path, (write.data for write in self._held[path])):
                self._refused.discard(path)
                safe += self._held[path]
            else:
                self._refused.add(path)
        self._tell(safe)

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

    def _tell(self, safe: list[_Write]) -> None:
        done = {write.path for write in safe}
        with self._wake:
            self._pending_bytes -= sum(len(write.data) for write in safe)
            for path in done:
                del self._held[path]
            for barrier in self._barriers:
                barrier.files -= done
            met = [barrier.on_durable for barrier in self._barriers if not barrier.files]
            self._barriers = [barrier for barrier in self._barriers if barrier.files]
        callbacks = [write.on_durable for write in safe] + met
        if callbacks and not self._loop.is_closed():
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
