"""How long calls' folders stay on this node's disk, and what goes first when the disk fills up.

A folder may go only when its call is closed, its log is in the database whole (the shipper's marker says so), and it is
not held (`HELD_MARK`). Then
it goes after the tenant's retention, or earlier, oldest first, while the disk has less free space than the settings
want: sound that can still be acknowledged for a new call is worth more than an old recording.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .shipper import MARKER

DAY_S: Final = 86400.0
HELD_MARK: Final = "held"
"""A file in a call's folder: it is under a legal hold, and stays however full the disk is."""


@dataclass(frozen=True)
class KeptFolder:
    """A closed call's folder: when it was closed (Unix time) and what it occupies."""

    path: Path
    closed_at: float
    size: int


def folders_to_delete(
    kept: Iterable[KeptFolder], now: float, retention_s: float, free_bytes: int, wanted_free_bytes: int
) -> list[Path]:
    """Which folders go now: those past their time, then the oldest until enough is free. Pure."""
    going = []
    for folder in sorted(kept, key=lambda folder: folder.closed_at):
        if now - folder.closed_at <= retention_s and free_bytes >= wanted_free_bytes:
            break
        going.append(folder.path)
        free_bytes += folder.size
    return going


def closed_folders(root: Path) -> list[KeptFolder]:
    """All folders under the calls' root that may be deleted."""
    may_go = (folder for folder in root.iterdir() if not (folder / HELD_MARK).exists())
    marked = [(folder, folder / MARKER) for folder in may_go if (folder / MARKER).exists()]
    return [KeptFolder(folder, marker.stat().st_mtime, _size(folder)) for folder, marker in marked]


def clean(root: Path, now: float, retention_s: float, wanted_free_bytes: int) -> int:
    """Deletes what may and should go; says how many folders went."""
    free_bytes = shutil.disk_usage(root).free
    going = folders_to_delete(closed_folders(root), now, retention_s, free_bytes, wanted_free_bytes)
    for path in going:
        shutil.rmtree(path, ignore_errors=True)
    return len(going)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())
