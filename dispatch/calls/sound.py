"""A stretch of a call's sound, read back from its journal: the very second that was said, while the call runs too.

In: the call's folder and key, which sides, from which sample of the call's clock, how many. Out: 16-bit mono WAV at
16 kHz, both sides mixed. Invariants: only frames that the stretch needs are decrypted; a hole is silence, so that every
sample stays at its place on the call's clock; a torn end (a frame that is being written) is left out.
"""

import io
import mmap
import wave
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.contract.audio import AudioFormat, Channel, Encoding
from dispatch.contract.records import CALL_CLOCK_HZ
from dispatch.storage import DataKey
from transcription import AudioError, Intake, StreamFormat
from transcription import Encoding as StreamEncoding

from .journal import JournalFrame, RecordPlace, audio_path, format_of, opened_record, record_places

PRE_ROLL_FRAMES: Final = 4
"""Opus needs a few packets before the first one that is heard (80 ms, RFC 7845 section 4.6)."""

Line = NDArray[np.float32]


@dataclass(frozen=True)
class Stretch:
    """Samples `start` to `end` on the call's clock, at 16 kHz."""

    start: int
    end: int


def call_sound(folder: Path, key: DataKey, opened_s: Mapping[Channel, float], wanted: Stretch) -> bytes:
    """The stretch as a WAV file, as far as there is sound; nothing but a header behind the end of it.

    `opened_s` names the sides to hear, with the second of the call at which each one's own clock starts.
    """
    lines = [
        side_line(audio_path(folder, channel), key, round(at * CALL_CLOCK_HZ), wanted)
        for channel, at in opened_s.items()
        if has_sound(audio_path(folder, channel))
    ]
    mixed = np.zeros(max((len(line) for line in lines), default=0), np.float32)
    for line in lines:
        mixed[: len(line)] += line
    return wav_of(mixed)


def has_sound(path: Path) -> bool:
    """Whether a side's journal has anything in it; a file that is just being made has not."""
    return path.exists() and path.stat().st_size > 0


def side_line(path: Path, key: DataKey, opened: int, wanted: Stretch) -> Line:
    """One side's sound in the stretch, to the end of what there is. `opened` is a sample of the call's clock."""
    line = np.zeros(wanted.end - wanted.start, np.float32)
    heard_to = 0
    for start, sound in _heard(*side_frames(path, key, Stretch(wanted.start - opened, wanted.end - opened))):
        at = start + opened - wanted.start
        piece = sound[max(0, -at) : max(0, len(line) - at)]
        if len(piece):
            line[max(0, at) : max(0, at) + len(piece)] = piece
            heard_to = max(heard_to, max(0, at) + len(piece))
    return line[:heard_to]


def side_frames(path: Path, key: DataKey, wanted: Stretch) -> tuple[AudioFormat, list[JournalFrame]]:
    """The frames of a stretch of the side's own clock, decrypted; up to the first that is damaged."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        audio_format, first = format_of(data)
        needed = places_in(record_places(data, first), audio_format, wanted)
        opened = (opened_record(data, place, key) for place in needed)
        return audio_format, [frame for frame in takewhile(bool, opened) if frame]


def _heard(audio_format: AudioFormat, frames: Sequence[JournalFrame]) -> Iterator[tuple[int, Line]]:
    """Decoded pieces with their places on the side's own clock at 16 kHz. What cannot be decoded is silence."""
    if not frames:
        return
    form = StreamFormat(StreamEncoding(audio_format.encoding.value), audio_format.sample_rate)
    intake = Intake(form, frames[0].offset)
    for frame in frames:
        with suppress(AudioError):
            yield from ((piece.start, piece.sound) for piece in intake.take(frame.audio, frame.offset))
    last = intake.finish()
    yield last.start, last.sound


def places_in(places: Iterator[RecordPlace], audio_format: AudioFormat, wanted: Stretch) -> list[RecordPlace]:
    """The records whose samples lie in a stretch of the side's own clock at 16 kHz, and a few before them. Pure."""
    start, end = (sample * audio_format.sample_rate // CALL_CLOCK_HZ for sample in (wanted.start, wanted.end))
    pre_roll = PRE_ROLL_FRAMES if audio_format.encoding is Encoding.OPUS else 0
    kept: list[RecordPlace] = []
    for place in places:
        if place.offset >= end:
            break
        if place.offset <= start:
            del kept[: -pre_roll or None]
        kept.append(place)
    return kept


def wav_of(line: Line) -> bytes:
    """Samples as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(CALL_CLOCK_HZ)
        file.writeframes((np.clip(line, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    return out.getvalue()
