"""The sound of one stream that may still be needed, as int16 at 16 kHz with its place on the stream's clock.

Sound goes in at the end and is let go at the front. The space is allocated once; it doubles only while a producer runs
ahead of real time, up to `MAX_S`, and falls back after that.
"""

from typing import Final

import numpy as np

from .codecs import Sound
from .engine import Samples
from .errors import AudioError
from .events import SAMPLE_RATE

_USUAL_S: Final = 32
"""The longest utterance (24 s), its pre-roll, and room to move."""
MAX_S: Final = 600
"""How far a producer may run ahead of the voice detector before it is told to wait."""


class Tape:
    """Samples [start, end) of a stream."""

    def __init__(self, start: int = 0) -> None:
        self._buffer = np.zeros(_USUAL_S * SAMPLE_RATE, np.int16)
        self._first = 0
        self.start = start
        self.end = start

    def append(self, sound: Sound) -> None:
        """Add at the end. Raises AudioError audio_too_far_ahead (retryable) when `MAX_S` would be exceeded."""
        self._make_room(len(sound))
        at = self._first + self.end - self.start
        np.multiply(sound, 32767, out=self._buffer[at : at + len(sound)], casting="unsafe")
        self.end += len(sound)

    def between(self, first: int, last: int) -> Samples:
        """A copy of [first, last), as much of it as is held."""
        first, last = max(first, self.start), min(last, self.end)
        at = self._first - self.start
        return self._buffer[at + first : at + max(first, last)].copy()

    def let_go(self, before: int) -> None:
        """Everything before that place is needed no longer."""
        before = min(max(before, self.start), self.end)
        self._first += before - self.start
        self.start = before

    def jump(self, start: int) -> None:
        """Empty the tape and go on at a later place."""
        self._first, self.start, self.end = 0, start, start

    def _make_room(self, more: int) -> None:
        held = self.end - self.start
        if held + more > MAX_S * SAMPLE_RATE:
            raise AudioError("the stream runs too far ahead", code="audio_too_far_ahead", retryable=True)
        if self._first + held + more <= len(self._buffer):
            return
        usual = _USUAL_S * SAMPLE_RATE
        size = max(usual, 1 << (held + more - 1).bit_length()) if held + more > usual else usual
        kept = self._buffer[self._first : self._first + held]
        if size == len(self._buffer):
            self._buffer[:held] = kept.copy()
        else:
            self._buffer = np.concatenate((kept, np.zeros(size - held, np.int16)))
        self._first = 0
