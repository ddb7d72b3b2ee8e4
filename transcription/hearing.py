"""The sound side of one stream: frames in, boundaries of utterances and their sound out.

Positions inside are places on the tape. A hole in the sound is up to 2 s of silence on the tape; what a longer hole
lasts beyond that is kept as a shift, so that a client's jump of hours costs nothing. `shift_at` leads back.
"""

from collections import deque
from typing import Final

import numpy as np

from .codecs import StreamFormat
from .endpointing import Began, Ended, Endpointer, EndpointRules
from .engine import Samples
from .events import SAMPLE_RATE
from .intake import Intake
from .tape import Tape
from .voice import HOP, Hops

_HOLE_MAX: Final = 2 * SAMPLE_RATE
_HOPS_A_ROUND: Final = 64
"""Two seconds: a stream that runs ahead of real time shares the detector with the others."""
_CHANCES_KEPT: Final = 30 * SAMPLE_RATE // HOP


class Hearing:
    """What one stream has heard and not yet let go."""

    def __init__(self, form: StreamFormat, rules: EndpointRules, start_offset: int) -> None:
        self._intake = Intake(form, start_offset)
        start = self._intake.at_16k(start_offset)
        self._tape = Tape(start)
        self._ends = Endpointer(rules, start)
        self._chances: deque[float] = deque(maxlen=_CHANCES_KEPT)
        self._shifts: list[tuple[int, int]] = [(start, 0)]
        self.fed = 0

    @property
    def end(self) -> int:
        """Tape position up to which the detector has listened."""
        return self._ends.position

    @property
    def quiet_for(self) -> int:
        """Samples since the last voice."""
        return self._ends.quiet_for

    @property
    def half_over(self) -> bool:
        """Whether half of the pause that ends the open utterance has gone by."""
        return self._ends.half_over

    @property
    def taken_to(self) -> int:
        """Place on the stream's clock up to which sound was fed."""
        return self._tape.end + self.shift_at(self._tape.end)

    @property
    def behind(self) -> int:
        """Samples that wait for the detector."""
        return self._tape.end - self._ends.position

    def feed(self, payload: bytes, offset: int) -> list[tuple[int, int]]:
        """Take a frame; gives the holes before it, on the stream's clock. Raises AudioError."""
        holes = []
        for stretch in self._intake.take(payload, offset):
            clock = self.taken_to
            if stretch.start > clock:
                holes.append((clock, stretch.start))
                self._skip(stretch.start - clock)
            self._tape.append(stretch.sound)
            self.fed += len(stretch.sound)
        return holes

    def hops(self) -> Hops | None:
        """Whole hops for the detector, or None while there is none."""
        count = min(self.behind // HOP, _HOPS_A_ROUND)
        if count <= 0:
            return None
        at = self._ends.position
        return self._tape.between(at, at + count * HOP).astype(np.float32) / np.float32(32768)

    def heard(self, chances: list[float]) -> list[Began | Ended]:
        """What the detector said of the hops; gives the boundaries that follow from it."""
        found = []
        for chance in chances:
            self._chances.append(chance)
            found.append(self._ends.hear(chance))
        return [boundary for boundary in found if boundary is not None]

    def stop(self) -> Ended | None:
        """No more sound comes: end the open utterance."""
        self._tape.append(self._intake.finish().sound)
        return self._ends.stop(at=self._tape.end)

    def sound(self, start: int, end: int) -> Samples:
        """A copy of the sound between two places."""
        return self._tape.between(start, end)

    def tidy(self, keep_from: int | None = None) -> None:
        """Let go of everything that no boundary to come can reach, nor the caller."""
        needed = self._ends.needed_from
        self._tape.let_go(needed if keep_from is None else min(needed, keep_from))

    def chances_between(self, start: int, end: int) -> tuple[float, ...]:
        """Voice probabilities of the hops from the one that `start` lies in, as far as they are kept."""
        first = self._ends.position - len(self._chances) * HOP
        low, high = (max(start, first) - first) // HOP, -((first - end) // HOP)
        return tuple(list(self._chances)[low:high])

    def shift_at(self, position: int) -> int:
        """What to add to a place on the tape to get the stream's clock."""
        return next(shift for place, shift in reversed(self._shifts) if place <= max(position, self._shifts[0][0]))

    def _skip(self, hole: int) -> None:
        silence = min(hole, _HOLE_MAX)
        shift = self.shift_at(self._tape.end)
        self._tape.append(np.zeros(silence, np.float32))
        if hole > silence:
            # Two steps back are enough: whatever is older has been let go.
            self._shifts = [*self._shifts[-8:], (self._tape.end, shift + hole - silence)]
