"""Copies of backups in object storage: in parts, so that a large one needs little memory and each part arrives in time.

In: a complete backup file. Out: objects below `installation/kiwimesh/backups/`, and the same file again, anywhere.
Invariants: the index names a copy only when all of it is there; what is fetched is, byte for byte, what was copied
(SHA-256), or there is no file; nothing is deleted but the parts of copies that the index has forgotten, and they are
deleted at last, however often the storage does not answer. A bucket is one installation's; one job at a time writes it.
"""

import asyncio
import hashlib
import math
import os
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from dispatch.providers.errors import AddressGone
from dispatch.providers.files import FileKey, Files
from dispatch.storage import BackupFailed

PART_BYTES: Final = 8 * 1024 * 1024
BYTES: Final = "application/octet-stream"


class Part(BaseModel):
    """Base of what stands in the index."""

    model_config = ConfigDict(frozen=True)


class Copy(Part):
    """One backup as it lies there."""

    name: str
    parts: int
    sha256: str


class Index(Part):
    """All copies, the oldest first."""

    copies: tuple[Copy, ...] = ()
    leaving: tuple[Copy, ...] = ()
    """Forgotten, with parts that may still be there."""


class BackupCopies:
    """The copies of one installation. Everything here raises ProviderError when the storage does not answer."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def index(self) -> Index:
        """What is there."""
        try:
            return Index.model_validate_json(await self._files.get(key_of("index.json")))
        except AddressGone:
            return Index()

    async def add(self, file: Path, keep: int) -> None:
        """Copies a backup, and deletes all but the newest `keep`. One that is there already is left as it is."""
        index = await self.index()
        if file.name not in {copy.name for copy in index.copies}:
            index = await self._added(index, file, keep)
        await self._clear(index)

    async def _added(self, index: Index, file: Path, keep: int) -> Index:
        whole, parts = hashlib.sha256(), await asyncio.to_thread(parts_of, file)
        for number in range(parts):
            content = await asyncio.to_thread(read_part, file, number)
            whole.update(content)
            await self._files.put(part_key(file.name, number), content, BYTES)
        made = Copy(name=file.name, parts=parts, sha256=whole.hexdigest())
        copies = sorted((*index.copies, made), key=lambda copy: copy.name)
        return await self._kept(Index(copies=tuple(copies[-keep:]), leaving=(*index.leaving, *copies[:-keep])))

    async def _clear(self, index: Index) -> None:
        """Deletes what is leaving; what cannot be deleted now leaves at the next try."""
        for copy in index.leaving:
            for number in range(copy.parts):
                await self._files.delete(part_key(copy.name, number))
        if index.leaving:
            await self._kept(Index(copies=index.copies))

    async def _kept(self, index: Index) -> Index:
        await self._files.put(key_of("index.json"), index.model_dump_json().encode(), "application/json")
        return index

    async def fetch(self, name: str, file: Path) -> str:
        """Writes a copy (the newest, where `name` is empty) into `file`; its name. Raises BackupFailed."""
        copies = [copy for copy in (await self.index()).copies if copy.name == (name or copy.name)]
        if not copies:
            raise BackupFailed("There is no such copy.")
        copy, whole = copies[-1], hashlib.sha256()
        unfinished = file.with_name(f".{file.name}.unfinished")
        await asyncio.to_thread(begin, unfinished)
        for number in range(copy.parts):
            content = await self._files.get(part_key(copy.name, number))
            whole.update(content)
            await asyncio.to_thread(append, unfinished, content)
        if whole.hexdigest() != copy.sha256:
            await asyncio.to_thread(unfinished.unlink)
            raise BackupFailed(f"The copy {copy.name} is not what was written. Fetch another one.")
        await asyncio.to_thread(unfinished.replace, file)
        return copy.name


def key_of(name: str) -> FileKey:
    """Where something of the copies lies."""
    return FileKey("installation", "kiwimesh", f"backups/{name}")


def part_key(name: str, number: int) -> FileKey:
    """Where a part of a copy lies."""
    return key_of(f"{name}/{number:05}")


def parts_of(file: Path) -> int:
    """In how many parts a file goes."""
    return max(1, math.ceil(file.stat().st_size / PART_BYTES))


def read_part(file: Path, number: int) -> bytes:
    """One part of a file."""
    with file.open("rb") as opened:
        opened.seek(number * PART_BYTES)
        return opened.read(PART_BYTES)


def begin(file: Path) -> None:
    """An empty file, readable by its owner alone."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))


def append(file: Path, content: bytes) -> None:
    """Puts a part behind those that were written."""
    with file.open("ab") as opened:
        opened.write(content)
