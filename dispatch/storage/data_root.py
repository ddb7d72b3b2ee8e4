"""The data directory of one installation: its layout, its lock, its secrets.

In: a path. Out: an owned directory tree (mode 0700, or 0710 while servers run under another account). Invariants: one
process at a time holds it (flock, so a killed holder never blocks); a secret is written once, whole, with mode 0600.
"""

import fcntl
import os
import secrets
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from .errors import DataInUse

LOCK_NAME: Final = "lock"
OWNER_ONLY: Final = 0o700
LET_THROUGH: Final = 0o710
"""While servers run under another account. Never narrowed at a start: an old server may still be writing its last."""
SECRET_BYTES: Final = 24


class DataRoot:
    """A data directory held by this process. Use it as `with DataRoot(path) as root`, or `hold()` and `release()`."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self.hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def hold(self) -> None:
        """Makes the directory and takes its lock. Raises DataInUse, naming the holder, when another process has it."""
        self.path.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
        lock = os.open(self.path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 200, 0).decode(errors="replace").strip() or "another process"
            os.close(lock)
            raise DataInUse(
                f"The data directory {self.path} is in use by {holder}. Stop it, or pass another directory."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"process {os.getpid()} ({Path(sys.argv[0]).name or 'python'})".encode(), 0)
        if stat.S_IMODE(self.path.stat().st_mode) not in (OWNER_ONLY, LET_THROUGH):
            self.path.chmod(OWNER_ONLY)
        self._lock = lock

    def release(self) -> None:
        """Lets go of the lock. Safe to call twice."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def folder(self, name: str) -> Path:
        """A folder of the data directory, made with mode 0700 when missing."""
        folder = self.path / name
        folder.mkdir(exist_ok=True, mode=OWNER_ONLY)
        return folder

    def secret(self, name: str) -> str:
        """The named random secret (URL-safe text, 192 bits), made at first use."""
        return secret_text(self.folder("secrets") / name, lambda: secrets.token_urlsafe(SECRET_BYTES))


def secret_text(path: Path, make: Callable[[], str]) -> str:
    """The text of a file with mode 0600; `make()` gives it when the file is missing. A crash leaves all or nothing."""
    try:
        return path.read_text()
    except FileNotFoundError:
        write_secret(path, make())
        return path.read_text()


def write_secret(path: Path, text: str) -> None:
    """Replaces a file with mode 0600 in one step, on disk before it counts."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
