"""Recordings on disk, as clients send them: read once, cut into frames.

In: any audio file that FFmpeg reads. Out: bytes in a format of the wire. Mono mu-law, A-law and 16-bit files at a rate
of the wire are sent as they are, bit by bit; everything else is turned into 16-bit mono at 16 kHz first.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

import av
from av.audio.resampler import AudioResampler

from dispatch.contract.audio import SAMPLE_BYTES, AudioFormat, Encoding, SampleRate

ENCODINGS: Final = {"pcm_mulaw": Encoding.MULAW, "pcm_alaw": Encoding.ALAW, "pcm_s16le": Encoding.PCM16}
FRAME_S: Final = 0.02
"""Length of a frame: what telephones use."""


class UnreadableSoundError(Exception):
    """The file is not sound that can be played into a call."""

    code = "unreadable_sound"
    retryable = False


@dataclass(frozen=True)
class SoundFile:
    """A recording: its format, and its samples as bytes of that format."""

    format: AudioFormat
    payload: bytes = field(repr=False)

    @property
    def samples(self) -> int:
        return len(self.payload) // SAMPLE_BYTES[self.format.encoding]

    @property
    def seconds(self) -> float:
        return self.samples / self.format.sample_rate

    def frames(self, frame_s: float = FRAME_S) -> Iterator[tuple[int, bytes]]:
        """The offset and the bytes of each frame; the last one may be shorter."""
        size = SAMPLE_BYTES[self.format.encoding]
        step = max(1, round(self.format.sample_rate * frame_s))
        for offset in range(0, self.samples, step):
            yield offset, self.payload[offset * size : (offset + step) * size]


async def paced(sound: SoundFile, speed: float = 1.0) -> AsyncIterator[tuple[int, bytes]]:
    """The frames of a recording, each when its last sample would have been spoken, `speed` times as fast as life."""
    started, rate = time.monotonic(), sound.format.sample_rate
    size = SAMPLE_BYTES[sound.format.encoding]
    for offset, audio in sound.frames():
        spoken_s = (offset + len(audio) // size) / rate / speed
        await asyncio.sleep(max(0.0, started + spoken_s - time.monotonic()))
        yield offset, audio


def read_sound(path: Path, *, as_format: AudioFormat | None = None) -> SoundFile:
    """Reads a file; with `as_format`, converted to that PCM format. Raises UnreadableSoundError."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise UnreadableSoundError(f"{path.name} has no sound in it.")
            stream = container.streams.audio[0]
            own = _own_format(stream)
            if own is not None and (as_format is None or as_format == own):
                packets = [bytes(packet) for packet in container.demux(stream) if packet.size]
                return SoundFile(own, b"".join(packets))
            wanted = as_format or AudioFormat()
            return SoundFile(wanted, _decoded(container, stream, wanted.sample_rate))
    except (av.FFmpegError, OSError) as error:
        raise UnreadableSoundError(f"{path.name} cannot be read as sound.") from error


def seconds_of(path: Path) -> float:
    """How long a recording says it is, from its head alone; 0 where it does not say. Raises UnreadableSoundError."""
    try:
        with av.open(str(path)) as container:
            return (container.duration or 0) / av.time_base
    except (av.FFmpegError, OSError) as error:
        raise UnreadableSoundError(f"{path.name} cannot be read as sound.") from error


def _own_format(stream: av.AudioStream) -> AudioFormat | None:
    encoding = ENCODINGS.get(stream.codec_context.name)
    if encoding is None or stream.channels != 1 or stream.rate not in get_args(SampleRate):
        return None
    return AudioFormat.model_validate({"encoding": encoding, "sample_rate": stream.rate})


def _decoded(container: av.container.InputContainer, stream: av.AudioStream, rate: int) -> bytes:
    resampler = AudioResampler(format="s16", layout="mono", rate=rate)
    parts = [part for frame in container.decode(stream) for part in resampler.resample(frame)]
    parts += resampler.resample(None)
    return b"".join(part.to_ndarray().astype("<i2").tobytes() for part in parts)
