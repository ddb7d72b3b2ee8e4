"""The data directory of one installation: its layout, its lock, its secrets.

In: a path. Out: an owned directory tree (mode 0700, or 0710 while servers run under another account). Invariants: one
process at a time holds it; a secret is written once, whole, with mode 0600.

Who holds it owns the calls in it. The lock is the kernel's (flock), so that it ends with its holder, however that one
ends, at once and without a clock; and it is on the directory itself, because a file can be deleted by somebody who
takes it for a leftover, and then two processes would hold two files of one name.
"""

import fcntl
import os
import secrets
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from dispatch.observability.clock import Clock

from .errors import DataInUse, DataUnfit

HOLDER_NAME: Final = "holder"
"""A file that says in words who holds the directory. It is no lock: nothing depends on what it says."""
LONGEST_HOLDER: Final = 200
"""Bytes of it that are read: it may be anything by now."""
LOOK_AGAIN_S: Final = 0.1
"""How often somebody who waits for the directory asks for it."""
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
        """Makes the directory and takes its lock.

        Raises DataInUse, naming the holder, when another process has it; DataUnfit where the file system cannot do it.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
        with self._opened() as folder:
            if not self._locked(folder):
                raise DataInUse(
                    f"The data directory {self.path} is in use by {self.holder}. Stop it, or pass another directory."
                )
            self._keep(folder)

    async def hold_when_free(self, clock: Clock) -> None:
        """Waits until nobody holds the directory that is there now, and takes it; writes nothing before.

        Raises DataUnfit when another directory has come to its place meanwhile: the first one may still be held.
        """
        with self._opened() as folder:
            while not self._locked(folder):
                await clock.sleep(LOOK_AGAIN_S)
            if not (_is(self.path, folder)):
                raise DataUnfit(f"The data directory {self.path} was moved away while this process waited for it.")
            self._keep(folder)

    def release(self) -> None:
        """Lets go of the lock. Safe to call twice."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def holder(self) -> str:
        """Who holds the directory, as they said themselves."""
        try:
            with (self.path / HOLDER_NAME).open("rb") as file:
                told = file.read(LONGEST_HOLDER)
        except OSError:
            told = b""
        return told.decode(errors="replace").strip("\0 \n") or "another process"

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The directory as a file, closed again unless the lock on it is kept. Children do not inherit it."""
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield folder
        finally:
            if self._lock != folder:
                os.close(folder)

    def _locked(self, folder: int) -> bool:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise DataUnfit(
                f"The file system of {self.path} cannot lock a folder ({error.strerror}). "
                "Put the data directory on a local disk, or on a block volume."
            ) from None
        return True

    def _keep(self, folder: int) -> None:
        self._lock = folder
        with suppress(OSError):  # On a full disk callers are still relayed: nobody is turned away for want of a note.
            self._say_who()
        if stat.S_IMODE(self.path.stat().st_mode) not in (OWNER_ONLY, LET_THROUGH):
            self.path.chmod(OWNER_ONLY)

    def _say_who(self) -> None:
        program = Path(sys.argv[0]).name or "python"
        told = os.open(self.path / HOLDER_NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(told, "w") as file:
            file.write(f"process {os.getpid()} ({program}) on {socket.gethostname()}")

    def folder(self, name: str) -> Path:
        """A folder of the data directory, made with mode 0700 when missing."""
        folder = self.path / name
        folder.mkdir(exist_ok=True, mode=OWNER_ONLY)
        return folder

    def secret(self, name: str) -> str:
        """The named random secret (URL-safe text, 192 bits), made at first use."""
        return secret_text(self.folder("secrets") / name, lambda: secrets.token_urlsafe(SECRET_BYTES))


def _is(path: Path, folder: int) -> bool:
    """Whether a path still leads to this open directory."""
    try:
        return os.path.samestat(path.stat(), os.fstat(folder))
    except FileNotFoundError:
        return False


def secret_text(path: Path, make: Callable[[], str]) -> str:
    """The text of a file with mode 0600; `make()` gives it when the file is missing. A crash leaves all or nothing."""
    try:
        return path.read_text()
    except FileNotFoundError:
        write_secret(path, make())
        return path.read_text()


def write_secret(path: Path, text: str) -> None:
    """Replaces a file with mode 0600 in one step, on disk before it counts. Raises OSError, and leaves nothing then."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
