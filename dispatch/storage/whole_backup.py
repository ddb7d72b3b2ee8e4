"""Backups of a whole installation, but for its keys: the database, calls' sound and logs, files.

In: the address of the database, a data folder. Out: a backup in a folder of backups, or the installation as it was.
Invariants: the database is dumped first and the files are copied then, so that nothing it names is missing; a restore
looks at every byte before it changes anything; what the dump is too old to know of a call, the call's log on disk tells
the database again, at the next start of the server.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

from .backup import backup, restore
from .backup_folder import BackupFolder, Manifest
from .errors import BackupFailed

SKEW: Final = timedelta(hours=1)
"""By which the clocks of those who write calls and those who make backups may differ."""
CALLS: Final = "calls"
NAMED: Final = 3
"""How many damaged files are named."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    name: str
    files: int
    """How many were put back; others were there already."""
    told_again: int
    """Calls whose logs go to the database once more."""


async def make(url: str, data_dir: Path, path: Path, name: str, spare_bytes: int) -> Manifest:
    """Adds a backup to the folder at `path`. A dump of this name that is there already, of an earlier try, is taken.

    Raises BackupFailed, OSError.
    """
    folder = BackupFolder(path)
    if not (data_dir / CALLS).is_dir():
        raise BackupFailed(f"There are no calls in {data_dir}: it is not the data folder of the server.")
    with folder.alone():
        if not folder.dump(name).exists():
            await backup(url, folder.dump(name))
        return await blocking(path, lambda folder: folder.keep(name, data_dir, spare_bytes))


async def forget(path: Path, keep: int) -> None:
    """Deletes all but the newest backups of a folder."""
    with BackupFolder(path).alone():
        await blocking(path, lambda folder: folder.forget(keep))


async def restore_whole(url: str, path: Path, name: str, data_dir: Path, marker: str) -> Restored:
    """Puts a backup back. Nobody else may hold the data folder or the database.

    `marker`: the file in a closed call's folder that says that the database has its log. Raises BackupFailed, OSError.
    """
    manifest = BackupFolder(path).manifest(name)
    if damaged := await blocking(path, lambda folder: folder.damaged(name)):
        named = ", ".join(damaged[:NAMED])
        raise BackupFailed(f"{len(damaged)} files of the backup {name} are missing or changed: {named}.")
    files = await blocking(path, lambda folder: folder.put_back(manifest, data_dir))
    await restore(url, BackupFolder(path).dump(name))
    since = (manifest.began_at - SKEW).timestamp()
    return Restored(name, files, await asyncio.to_thread(tell_again, data_dir / CALLS, marker, since))


def tell_again(calls: Path, marker: str, since: float) -> int:
    """Takes the mark from calls that were marked later than a moment (Unix time); how many."""
    found = [mark for mark in calls.glob(f"*/{marker}") if mark.stat().st_mtime >= since]
    for mark in found:
        with suppress(FileNotFoundError):
            mark.unlink()
    return len(found)


async def blocking(path: Path, work: Callable[[BackupFolder], Result]) -> Result:
    """Work on a folder of backups in a thread; it ends soon where nobody waits for it any more."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, BackupFolder(path, stop.is_set))
    finally:
        stop.set()
