"""From numbered frames to one continuous line of sound at 16 kHz.

Comes in: payloads with the offset of their first sample on the stream's own clock. Goes out: stretches at 16 kHz, in
order, each with its position, and the holes between them. Sound that was taken already is cut off, so that a frame sent
twice is heard once. The resampler runs through frame borders without a click and starts anew only after a hole.
"""

from dataclasses import dataclass, field

import numpy as np
import soxr

from .codecs import Sound, StreamFormat, decoder
from .errors import AudioError
from .events import SAMPLE_RATE

_MAX_OFFSET = 2**48


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound without a hole, from `start` (samples at 16 kHz)."""

    start: int
    sound: Sound = field(repr=False)


class Intake:
    """One stream's frames, made one line. `start` is the first offset expected, on the stream's own clock."""

    def __init__(self, form: StreamFormat, start: int = 0) -> None:
        self._form = form
        self._decode = decoder(form)
        self._resampler = _Resampler(form.decoded_rate)
        self._next = start
        self._position = self.at_16k(start)

    def at_16k(self, offset: int) -> int:
        """A place on the stream's own clock, at 16 kHz."""
        return offset * SAMPLE_RATE // self._form.sample_rate

    def take(self, payload: bytes, offset: int) -> list[Stretch]:
        """Whatever sound is complete now; a hole shows as a jump between stretches. Raises AudioError."""
        if not 0 <= offset < _MAX_OFFSET:
            raise AudioError("the offset is out of range", code="audio_offset")
        fresh = self._fresh(self._decode(payload), offset)
        if not len(fresh):
            return []
        before = self._leap(offset) if offset > self._next else []
        self._next = max(self._next, offset) + len(fresh) * self._form.sample_rate // self._form.decoded_rate
        return [*before, self._put(self._resampler.take(fresh))]

    def finish(self) -> Stretch:
        """What the resampler still held back."""
        return self._put(self._resampler.finish())

    def _fresh(self, sound: Sound, offset: int) -> Sound:
        known = max(0, self._next - offset)
        return sound[known * self._form.decoded_rate // self._form.sample_rate :]

    def _leap(self, offset: int) -> list[Stretch]:
        tail = self.finish()
        self._next, self._position = offset, max(self._position, self.at_16k(offset))
        return [tail]

    def _put(self, sound: Sound) -> Stretch:
        stretch = Stretch(self._position, sound)
        self._position += len(sound)
        return stretch


class _Resampler:
    """Any rate to 16 kHz, in pieces; at 16 kHz it hands the sound through."""

    def __init__(self, rate: int) -> None:
        self._stream = None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")

    def take(self, sound: Sound) -> Sound:
        if self._stream is None:
            return sound
        resampled: Sound = self._stream.resample_chunk(np.ascontiguousarray(sound))
        return np.clip(resampled, -1.0, 1.0)

    def finish(self) -> Sound:
        if self._stream is None:
            return np.zeros(0, np.float32)
        tail: Sound = self._stream.resample_chunk(np.zeros(0, np.float32), last=True)
        self._stream.clear()
        return np.clip(tail, -1.0, 1.0)
