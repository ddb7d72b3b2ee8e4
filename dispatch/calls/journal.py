"""A channel's sound on disk, bit by bit as it came: the file format, writing it, reading it back.

File: one JSON header line (format version, encoding, sample rate), then records of a fixed head (frame number, sample
offset, length, CRC-32 of the whole record) and the payload, sealed with the call's key. A torn record at the end, left
by a crash, is cut off when the file is opened again; nothing before it can be affected, and nothing after it was ever
acknowledged.
"""

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from mmap import mmap
from pathlib import Path
from typing import Final

from dispatch.contract.audio import AudioFormat, Channel
from dispatch.storage import DataKey

from .disk import GroupCommit
from .errors import JournalDamaged

MAGIC: Final = "kiwimesh-audio-2"
_HEAD: Final = struct.Struct("<IQII")


@dataclass(frozen=True)
class JournalFrame:
    """One frame as it came in."""

    seq: int
    offset: int
    audio: bytes = field(repr=False)


def audio_path(folder: Path, channel: Channel) -> Path:
    """The journal file of a channel in its call's folder."""
    return folder / f"{channel.value}.audio"


def header(audio_format: AudioFormat) -> bytes:
    """First line of a journal file."""
    return json.dumps({"magic": MAGIC, **audio_format.model_dump(mode="json")}).encode() + b"\n"


def record(frame: JournalFrame, key: DataKey) -> bytes:
    """A frame's bytes on disk."""
    sealed = key.seal(frame.audio, _about(frame.seq, frame.offset))
    checksum = zlib.crc32(sealed, zlib.crc32(_HEAD.pack(frame.seq, frame.offset, len(sealed), 0)))
    return _HEAD.pack(frame.seq, frame.offset, len(sealed), checksum) + sealed


def _about(seq: int, offset: int) -> bytes:
    return b"audio %d %d" % (seq, offset)


class AudioJournal:
    """Appends a channel's frames. The header goes in front of the first frame of a new file."""

    def __init__(
        self, disk: GroupCommit, folder: Path, channel: Channel, audio_format: AudioFormat, key: DataKey
    ) -> None:
        self._disk = disk
        self._key = key
        self._path = audio_path(folder, channel)
        self._prefix = b"" if self._path.exists() else header(audio_format)

    def append(self, frame: JournalFrame, on_durable: Callable[[], None]) -> bool:
        """Queues a frame for the disk; False when too much is waiting for it already."""
        taken = self._disk.append(self._path, self._prefix + record(frame, self._key), on_durable)
        if taken:
            self._prefix = b""
        return taken


@dataclass(frozen=True)
class JournalFile:
    """A journal read back: the format, and where the last whole record ends (bytes)."""

    format: AudioFormat
    frames: tuple[JournalFrame, ...]
    whole_bytes: int


@dataclass(frozen=True)
class RecordPlace:
    """Where a record lies in its file, without what it holds."""

    seq: int
    offset: int
    at: int
    """Of its sealed payload, in bytes."""
    length: int
    checksum: int


def read_journal(path: Path, key: DataKey) -> JournalFile:
    """Reads a journal up to its last whole record. Raises JournalDamaged where the header is not ours, or KeyGone."""
    data = path.read_bytes()
    audio_format, first = format_of(data)
    frames: list[JournalFrame] = []
    end = first
    for place in record_places(data, first):
        frame = opened_record(data, place, key)
        if frame is None:
            break
        frames.append(frame)
        end = place.at + place.length
    return JournalFile(audio_format, tuple(frames), end)


def cut_torn_end(path: Path, key: DataKey) -> JournalFile:
    """Reads a journal and removes what a crash left behind its last whole record."""
    journal = read_journal(path, key)
    with path.open("r+b") as file:
        file.truncate(journal.whole_bytes)
    return journal


def format_of(data: bytes | mmap) -> tuple[AudioFormat, int]:
    """What the header says, and where the first record lies. Raises JournalDamaged where the header is not ours."""
    end = data.find(b"\n") + 1
    try:
        fields = json.loads(data[:end])
        if fields.pop("magic") != MAGIC:
            raise ValueError("other magic")
        return AudioFormat(**fields), end
    except (ValueError, KeyError, AttributeError) as error:
        raise JournalDamaged("not an audio journal") from error


def record_places(data: bytes | mmap, start: int) -> Iterator[RecordPlace]:
    """The records from a place on, as their heads say; one that is cut short is left out."""
    while start + _HEAD.size <= len(data):
        seq, offset, length, checksum = _HEAD.unpack_from(data, start)
        at = start + _HEAD.size
        if at + length > len(data):
            return
        yield RecordPlace(seq, offset, at, length, checksum)
        start = at + length


def opened_record(data: bytes | mmap, place: RecordPlace, key: DataKey) -> JournalFrame | None:
    """The frame of a record; None where its checksum is wrong. Raises KeyGone."""
    sealed = data[place.at : place.at + place.length]
    if zlib.crc32(sealed, zlib.crc32(_HEAD.pack(place.seq, place.offset, place.length, 0))) != place.checksum:
        return None
    return JournalFrame(place.seq, place.offset, key.open(sealed, _about(place.seq, place.offset)))
