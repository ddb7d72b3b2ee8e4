"""What a trainer makes happen on the caller's line, as it is heard: noise, a dying battery, a caller who is gone.

In: the caller's sound, mu-law at 8 kHz, frame by frame, with the second of the sound. Out: the same, disturbed, or None
from the moment at which the line is dead. Pure: the noise is always the same one.
"""

import array
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from dispatch.contract.training_exercises import InjectionKind

from .sound import mulaw_to_pcm, pcm_to_mulaw

NOISE_S: Final = 15.0
NOISE_LEVEL: Final = 6000
"""Loudest sample of the hiss, of 32768: speech is still there, and hard to follow."""
BATTERY_S: Final = 12.0
"""From the first gap to the end of the line."""
PIECE_S: Final = 0.35
"""Of a dying battery: so long sound, so long nothing."""
SILENCE: Final = b"\xff"


@lru_cache(maxsize=1)
def hiss() -> tuple[int, ...]:
    """A second of white noise; it is repeated."""
    noise = random.Random(7)  # noqa: S311 - noise, not a secret
    return tuple(noise.randint(-NOISE_LEVEL, NOISE_LEVEL) for _ in range(8000))


@dataclass
class Line:
    """The caller's line."""

    noisy_until: float = 0.0
    dying_since: float | None = None
    hung_up: bool = False
    """The caller is about to hang up, without a word."""
    _noise: Iterator[int] = field(default_factory=lambda: itertools.cycle(hiss()), repr=False)

    def disturb(self, kind: InjectionKind, at_s: float) -> None:
        """Something happens from now on."""
        if kind is InjectionKind.LINE_NOISE:
            self.noisy_until = at_s + NOISE_S
        elif kind is InjectionKind.BATTERY_LOW and self.dying_since is None:
            self.dying_since = at_s
        elif kind is InjectionKind.HANG_UP:
            self.hung_up = True

    def through(self, frame: bytes, at_s: float) -> bytes | None:
        """What of a frame arrives; None when the line is dead."""
        if self.dying_since is not None:
            dying_s = at_s - self.dying_since
            if dying_s >= BATTERY_S:
                return None
            if int(dying_s / PIECE_S) % 2 == 0:
                return SILENCE * len(frame)
        return self._hiss(frame) if at_s < self.noisy_until else frame

    def _hiss(self, frame: bytes) -> bytes:
        samples = array.array("h", mulaw_to_pcm(frame))
        return pcm_to_mulaw(
            max(-32768, min(32767, sample + loud)) for sample, loud in zip(samples, self._noise, strict=False)
        )
