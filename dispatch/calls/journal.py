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


def read_journal(path: Path, key: DataKey) -> JournalFile:
    """Reads a journal up to its last whole record. Raises JournalDamaged where the header is not ours, or KeyGone."""
    data = path.read_bytes()
    end = data.find(b"\n") + 1
    try:
        fields = json.loads(data[:end])
        if fields.pop("magic") != MAGIC:
            raise ValueError("other magic")
        audio_format = AudioFormat(**fields)
    except (ValueError, KeyError, AttributeError) as error:
        raise JournalDamaged("not an audio journal") from error
    whole = [(frame, after) for frame, after in _records(data, end, key)]
    return JournalFile(audio_format, tuple(frame for frame, _ in whole), whole[-1][1] if whole else end)


def cut_torn_end(path: Path, key: DataKey) -> JournalFile:
    """Reads a journal and removes what a crash left behind its last whole record."""
    journal = read_journal(path, key)
    with path.open("r+b") as file:
        file.truncate(journal.whole_bytes)
    return journal


def _records(data: bytes, start: int, key: DataKey) -> Iterator[tuple[JournalFrame, int]]:
    while start + _HEAD.size <= len(data):
        seq, offset, length, checksum = _HEAD.unpack_from(data, start)
        end = start + _HEAD.size + length
        sealed = data[start + _HEAD.size : end]
        if end > len(data) or zlib.crc32(sealed, zlib.crc32(_HEAD.pack(seq, offset, length, 0))) != checksum:
            return
        yield JournalFrame(seq, offset, key.open(sealed, _about(seq, offset))), end
        start = end
