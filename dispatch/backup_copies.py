"""Copies of backups in object storage: only what is not there yet, and in parts, so that no step takes much memory.

In: a folder of backups. Out: objects below `installation/kiwimesh/backups/`, and the same folder again, anywhere.
Invariants: the index names a copy only when all of it is there; what is fetched is, byte for byte, what was copied
(SHA-256), or there is no backup; a copy that is broken off goes on where it stopped; nothing is deleted but what no
copy of the index names, and that is deleted at last, however often the storage does not answer. A bucket is one
installation's; one job at a time writes it.
"""

import asyncio
import hashlib
import math
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from dispatch.providers.errors import AddressGone
from dispatch.providers.files import FileKey, Files
from dispatch.storage import BackupFailed
from dispatch.storage.backup_folder import BackupFolder, Manifest, Whole, write_whole

PART_BYTES: Final = 8 * 1024 * 1024
SAVED_EVERY: Final = 256 * 1024 * 1024
"""Bytes after which the index says what has arrived of a copy that is not whole yet."""
BYTES: Final = "application/octet-stream"


class Part(BaseModel):
    """Base of what stands in the index."""

    model_config = ConfigDict(frozen=True)


class Copy(Part):
    """One backup as it lies there: its manifest names the rest."""

    name: str
    manifest: Whole


class Index(Part):
    """All copies, the oldest first."""

    copies: tuple[Copy, ...] = ()
    arrived: tuple[Whole, ...] = ()
    """Of a copy that is not whole yet."""
    leaving: tuple[Whole, ...] = ()
    """Named by no copy, and perhaps still there."""


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

    async def add(self, folder: BackupFolder, name: str, keep: int) -> None:
        """Copies a backup, and deletes all but the newest `keep`. One that is there already is left as it is."""
        index = await self._cleared(await self.index())
        if name not in {copy.name for copy in index.copies}:
            index = await self._added(index, folder, name, keep)
            await self._cleared(index)

    async def _added(self, index: Index, folder: BackupFolder, name: str, keep: int) -> Index:
        file = folder.path / f"{name}.json"
        listed = Whole(bytes=file.stat().st_size, sha256=await asyncio.to_thread(folder.sha256, file))
        index = await self._arrive(index, folder, name)
        await self._put(file, listed)
        copies = (*index.copies, Copy(name=name, manifest=listed))
        copies = tuple(sorted(copies, key=lambda copy: copy.name))
        stays = {whole for copy in copies[-keep:] for whole in await self._wholes(copy)}
        gone = {whole for copy in copies[:-keep] for whole in await self._wholes(copy)} | set(index.arrived)
        return await self._kept(Index(copies=copies[-keep:], leaving=tuple(gone - stays)))

    async def _arrive(self, index: Index, folder: BackupFolder, name: str) -> Index:
        """Everything that a manifest names is there, and the index says so now and then."""
        manifest = folder.manifest(name)
        there = set(index.arrived).union(*[await self._wholes(copy) for copy in index.copies[-1:]])
        unsaved = 0
        for whole in dict.fromkeys(wholes_of(manifest)):
            if whole in there:
                continue
            await self._put(folder.dump(name) if whole == dump_of(manifest) else folder.object(whole.sha256), whole)
            index = index.model_copy(update={"arrived": (*index.arrived, whole)})
            if (unsaved := unsaved + whole.bytes) >= SAVED_EVERY:
                index, unsaved = await self._kept(index), 0
        return index

    async def _put(self, file: Path, whole: Whole) -> None:
        for number in range(parts_of(whole)):
            await self._files.put(part_key(whole, number), await asyncio.to_thread(read_part, file, number), BYTES)

    async def _wholes(self, copy: Copy) -> set[Whole]:
        """Everything that belongs to a copy."""
        content = b"".join([part async for part in self._parts(copy.manifest)])
        return {copy.manifest, *wholes_of(Manifest.model_validate_json(content))}

    async def _cleared(self, index: Index) -> Index:
        """Deletes what is leaving; what cannot be deleted now leaves at the next try."""
        for whole in index.leaving:
            for number in range(parts_of(whole)):
                await self._files.delete(part_key(whole, number))
        return await self._kept(index.model_copy(update={"leaving": ()})) if index.leaving else index

    async def _kept(self, index: Index) -> Index:
        await self._files.put(key_of("index.json"), index.model_dump_json().encode(), "application/json")
        return index

    async def fetch(self, name: str, folder: BackupFolder) -> str:
        """Adds a copy (the newest, where `name` is empty) to a folder of backups; its name. Raises BackupFailed."""
        copies = [copy for copy in (await self.index()).copies if copy.name == (name or copy.name)]
        if not copies:
            raise BackupFailed("There is no such copy.")
        copy = copies[-1]
        with folder.alone():
            content = b"".join([part async for part in self._parts(copy.manifest)])
            manifest = Manifest.model_validate_json(content)
            for whole in dict.fromkeys(wholes_of(manifest)):
                if not folder.object(whole.sha256).exists():
                    await self._fetched(whole, folder)
            await asyncio.to_thread(folder.object(manifest.database.sha256).replace, folder.dump(copy.name))
            await asyncio.to_thread(write_whole, folder.path / f"{copy.name}.json", content)
        return copy.name

    async def _fetched(self, whole: Whole, folder: BackupFolder) -> None:
        with folder.arriving() as file:
            async for part in self._parts(whole):
                await asyncio.to_thread(file.write, part)
        folder.arrived(whole.sha256)

    async def _parts(self, whole: Whole) -> AsyncIterator[bytes]:
        """The bytes. Raises BackupFailed, after the last of them, when they are not what was copied."""
        read = hashlib.sha256()
        for number in range(parts_of(whole)):
            try:
                part = await self._files.get(part_key(whole, number))
            except AddressGone:
                break
            read.update(part)
            yield part
        if read.hexdigest() != whole.sha256:
            raise BackupFailed("The copy is not what was written. Fetch another one.")


def wholes_of(manifest: Manifest) -> Iterable[Whole]:
    """Everything that a manifest names."""
    return (dump_of(manifest), *(Whole(bytes=kept.bytes, sha256=kept.sha256) for kept in manifest.files))


def dump_of(manifest: Manifest) -> Whole:
    """The database."""
    return Whole(bytes=manifest.database.bytes, sha256=manifest.database.sha256)


def key_of(name: str) -> FileKey:
    """Where something of the copies lies."""
    return FileKey("installation", "kiwimesh", f"backups/{name}")


def part_key(whole: Whole, number: int) -> FileKey:
    """Where a part of some bytes lies."""
    return key_of(f"objects/{whole.sha256}/{number:05}")


def parts_of(whole: Whole) -> int:
    """In how many parts they go."""
    return max(1, math.ceil(whole.bytes / PART_BYTES))


def read_part(file: Path, number: int) -> bytes:
    """One part of a file."""
    with file.open("rb") as opened:
        opened.seek(number * PART_BYTES)
        return opened.read(PART_BYTES)
