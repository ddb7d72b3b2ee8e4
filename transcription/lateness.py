"""How late words are: when each stretch of sound arrived, and a histogram of what came of it how much later. Pure.

In: places (samples at 16 kHz) and times (seconds). Out: counts by bucket. Invariants: bounded memory, however
long a call is; a latency is never negative.
"""

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from .events import SAMPLE_RATE

BUCKETS_S: Final = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0, 60.0)
"""Upper bounds; fine where the goals lie (1.2 to 2.5 s)."""
_EVERY: Final = SAMPLE_RATE // 10
_KEPT: Final = 600
"""Marks of a tenth of a second each: a minute of sound."""


class Arrivals:
    """When the sound up to a place had arrived: exact for a minute, older as if it had come in real time."""

    def __init__(self) -> None:
        self._marks: deque[tuple[int, float]] = deque(maxlen=_KEPT)

    def arrived(self, place: int, now: float) -> None:
        """Sound up to that place is there."""
        if not self._marks or place - self._marks[-1][0] >= _EVERY:
            self._marks.append((place, now))

    def at(self, place: int) -> float | None:
        """When that place had arrived; None while nothing has."""
        if not self._marks:
            return None
        index = bisect_left(self._marks, place, key=lambda mark: mark[0])
        if 0 < index < len(self._marks):
            return self._marks[index][1]
        mark, when = self._marks[0] if index == 0 else self._marks[-1]
        return when + (place - mark) / SAMPLE_RATE


@dataclass(slots=True)
class Histogram:
    """Counts of latencies by bucket, the last one without a bound."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """One latency; a negative one counts as none."""
        seconds = max(0.0, seconds)
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.total_s += seconds

    def cumulative(self) -> tuple[int, ...]:
        """How many were at most that late, bucket by bucket; the last is the count of all."""
        return tuple(accumulate(self.counts))


@dataclass(slots=True)
class Latencies:
    """Of a stream, or of all: from a word's last sample to its being stable, from the last of a voice to its final."""

    stable: Histogram = field(default_factory=Histogram)
    final: Histogram = field(default_factory=Histogram)
