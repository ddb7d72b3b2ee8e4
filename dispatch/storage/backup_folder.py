"""A folder of backups: each a manifest, a dump of the database, and the files that the manifest names.

In: a data folder's files, a dump. Out: `NAME.json` (the manifest), `NAME.dump`, `objects/<SHA-256>`. Invariants: a
backup is there when its manifest is, which is written last; an object is complete or absent, named by what is in it,
written once however many backups name it, and never changed; only what no manifest names is deleted. One process at a
time writes (a lock on the folder). Everything here blocks: call it from a thread.

Keys are never in it (`LEFT_OUT`): ADR 0803.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from .errors import BackupFailed

FOLDERS: Final = ("calls", "files", "service_types")
"""What of a data folder is kept: sound and logs, reports and uploads, the installation's own service types."""
LEFT_OUT: Final = {
    "secrets": "Keys beside what they seal undo sealing and erasure. Copy secrets/tenants.json to another place.",
    "postgres": "The dump holds the database.",
}
"""What a manifest says about the rest."""
NAME: Final = r"^kiwimesh-\d{8}T\d{6}Z(-\d+)?$"
TIME: Final = "kiwimesh-%Y%m%dT%H%M%SZ"
UNFINISHED: Final = ".unfinished"
CHUNK_BYTES: Final = 1024 * 1024
OWNER_ONLY: Final = 0o600


def inside(path: str) -> str:
    """A path that leads nowhere else. Raises ValueError."""
    if path.split("/")[0] not in FOLDERS or not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise ValueError("leads out of the folders that are kept")
    return path


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Whole(BaseModel):
    """Bytes, by what is in them."""

    model_config = ConfigDict(frozen=True)

    bytes: int
    sha256: Sha256


class Kept(Whole):
    """A file as it was. `path` is below the data folder."""

    path: Annotated[str, AfterValidator(inside)]
    modified_ns: int


class Manifest(BaseModel):
    """One backup."""

    model_config = ConfigDict(frozen=True)

    format: int = 1
    name: Annotated[str, Field(pattern=NAME)]
    began_at: datetime
    """Before the dump was begun: all that it holds had been on the disk by then."""
    database: Whole
    files: tuple[Kept, ...]
    left_out: dict[str, str] = LEFT_OUT

    @property
    def objects(self) -> dict[str, int]:
        """The sizes of the objects that it names, by SHA-256. The dump is none: it has a file of its own."""
        return {kept.sha256: kept.bytes for kept in self.files}


class BackupFolder:
    """The backups in one folder. `stopped`: asked between two pieces of work; True ends it with BackupFailed."""

    def __init__(self, path: Path, stopped: Callable[[], bool] = lambda: False) -> None:
        self.path = path
        self._stopped = stopped

    def names(self) -> list[str]:
        """The backups that are there, the oldest first."""
        return sorted(file.stem for file in self.path.glob("*.json"))

    def manifest(self, name: str) -> Manifest:
        """What is in a backup. Raises BackupFailed."""
        try:
            return Manifest.model_validate_json((self.path / f"{name}.json").read_bytes())
        except (OSError, ValidationError):
            raise BackupFailed(f"There is no backup {name} in {self.path}.") from None

    def newest(self) -> str:
        """The name of the newest. Raises BackupFailed where there is none."""
        if not (names := self.names()):
            raise BackupFailed(f"There is no backup in {self.path}.")
        return names[-1]

    def dump(self, name: str) -> Path:
        """The database's file of a backup."""
        return self.path / f"{name}.dump"

    def object(self, sha256: str) -> Path:
        """Where an object lies."""
        return self.path / "objects" / sha256

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes here meanwhile. Raises BackupFailed where somebody does."""
        (self.path / "objects").mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise BackupFailed(f"Another process makes a backup in {self.path}.") from None
        finally:
            os.close(lock)

    # --- making ------------------------------------------------------------------------------------------------------

    def keep(self, name: str, data_dir: Path, spare_bytes: int) -> Manifest:
        """Keeps what `data_dir` holds now, and writes the manifest, after the dump was written.

        What has the size and time of the last backup is not read again: logs and sound only grow, and a closed call's
        never. A file that grows is kept as long as it was when it was looked at; one that goes meanwhile is left out.
        Raises BackupFailed where less than `spare_bytes` would be left on the disk.
        """
        names = self.names()
        known = {kept.path: kept for kept in self.manifest(names[-1]).files} if names else {}
        kept = [found for path in files_of(data_dir) if (found := self._kept(data_dir, path, known, spare_bytes))]
        dump = self.dump(name)
        database = Whole(bytes=dump.stat().st_size, sha256=self.sha256(dump))
        made = Manifest(name=name, began_at=time_of(name), database=database, files=tuple(kept))
        write_whole(self.path / f"{name}.json", made.model_dump_json(indent=1).encode())
        return made

    def _kept(self, data_dir: Path, path: Path, known: dict[str, Kept], spare_bytes: int) -> Kept | None:
        self._go_on()
        named = path.relative_to(data_dir).as_posix()
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                before = known.get(named)
                same = before and (before.bytes, before.modified_ns) == (found.st_size, found.st_mtime_ns)
                if before and same and self.object(before.sha256).exists():
                    return before
                if shutil.disk_usage(self.path).free - found.st_size < spare_bytes:
                    raise BackupFailed(f"There is too little room for a backup in {self.path}.")
                whole = self.take(file, found.st_size)
        except FileNotFoundError:
            return None
        return Kept(path=named, modified_ns=found.st_mtime_ns, **whole.model_dump())

    def take(self, source: IO[bytes], most: int) -> Whole:
        """Keeps the first `most` bytes as an object."""
        read, left = hashlib.sha256(), most
        with self.arriving() as file:
            while chunk := source.read(min(left, CHUNK_BYTES)):
                self._go_on()
                read.update(chunk)
                left -= file.write(chunk)
        taken = Whole(bytes=most - left, sha256=read.hexdigest())
        self.arrived(taken.sha256)
        return taken

    @contextmanager
    def arriving(self) -> Iterator[IO[bytes]]:
        """An object that is being written, readable by its owner alone; `arrived` gives it its name."""
        unfinished = self.path / "objects" / UNFINISHED
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def arrived(self, sha256: str) -> None:
        """The object that was written is whole."""
        (self.path / "objects" / UNFINISHED).replace(self.object(sha256))

    def forget(self, keep: int) -> None:
        """Deletes all but the newest `keep` backups, and what then belongs to none."""
        for name in self.names()[:-keep]:
            (self.path / f"{name}.json").unlink(missing_ok=True)
        names = self.names()
        for dump in self.path.glob("*.dump"):
            if names and dump.stem not in names and dump.stem < names[-1]:
                dump.unlink(missing_ok=True)
        named = {sha256 for name in names for sha256 in self.manifest(name).objects}
        for file in (self.path / "objects").iterdir():
            if file.name not in named:
                file.unlink(missing_ok=True)

    # --- reading -----------------------------------------------------------------------------------------------------

    def damaged(self, name: str) -> list[str]:
        """The files of a backup that are missing or changed."""
        manifest = self.manifest(name)
        bad = {sha256 for sha256 in manifest.objects if self.sha256(self.object(sha256)) != sha256}
        found = [kept.path for kept in manifest.files if kept.sha256 in bad]
        whole = self.sha256(self.dump(name)) == manifest.database.sha256
        return found if whole else [self.dump(name).name, *found]

    def put_back(self, manifest: Manifest, data_dir: Path) -> int:
        """Writes the files of a backup below `data_dir`, readable by their owner alone; how many.

        Where there is a file already that is as long or longer, it stays: logs and sound only grow, so it is newer.
        """
        missing = [kept for kept in manifest.files if size_of(data_dir / kept.path) < kept.bytes]
        for kept in missing:
            self._go_on()
            target = data_dir / kept.path
            unfinished = target.with_name(f".{target.name}.restoring")
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(self.object(kept.sha256), unfinished)
            unfinished.chmod(OWNER_ONLY)
            os.utime(unfinished, ns=(kept.modified_ns, kept.modified_ns))
            unfinished.replace(target)
        return len(missing)

    def sha256(self, file: Path) -> str:
        """What is in a file; empty for one that is missing."""
        whole = hashlib.sha256()
        try:
            with file.open("rb") as opened:
                for chunk in iter(lambda: opened.read(CHUNK_BYTES), b""):
                    self._go_on()
                    whole.update(chunk)
        except FileNotFoundError:
            return ""
        return whole.hexdigest()

    def _go_on(self) -> None:
        if self._stopped():
            raise BackupFailed("The backup was stopped.")


def files_of(data_dir: Path) -> Iterator[Path]:
    """The files of a data folder that belong into a backup. Links are not followed."""
    for name in FOLDERS:
        for folder, folders, files in os.walk(data_dir / name):
            folders.sort()
            found = (Path(folder) / file for file in sorted(files))
            yield from (path for path in found if path.is_file() and not path.is_symlink())


def size_of(file: Path) -> int:
    """Bytes; -1 for a file that is not there."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return -1


def name_of(at: datetime, number: str = "") -> str:
    """What a backup that is begun now is called; names sort by time."""
    return f"{at.astimezone(UTC):{TIME}}" + (f"-{number}" if number else "")


def time_of(name: str) -> datetime:
    """When a backup was begun."""
    return datetime.strptime(name[: len("kiwimesh-20260101T000000Z")], TIME).replace(tzinfo=UTC)


def write_whole(file: Path, content: bytes) -> None:
    """Replaces a file in one step, on disk before it counts."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    with suppress(FileNotFoundError):
        unfinished.unlink()
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.replace(file)
