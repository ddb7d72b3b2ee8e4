"""How long a model usually takes, and when to stop believing in it.

In: measured times in seconds. Out: the patience before a second model is asked, and the clocks of a stream. They follow
the model's own times, so that a slow but healthy model is left to finish and a fast one that hangs is noticed at once.
No clock of its own.
"""

from bisect import bisect_left, insort
from collections import deque
from typing import Final

WINDOW: Final = 64
"""Answers remembered per model and task."""
TRUSTED: Final = 5
"""Answers before the measured times replace the policy's word."""
MARGIN: Final = 1.25
"""A second model is asked at the 95th percentile and a quarter."""
STALL_FACTOR: Final = 3.0
"""An attempt cut off after three times its usual 95th percentile had stalled; before that it may have lost a race."""
CUTS_BEFORE_STALL: Final = 2
"""From the third cut in a row on, with no answer in between, a model has stalled whatever its usual time: one answer in
twenty takes longer than the 95th percentile, three in a row hardly ever do."""
UNKNOWN_SHARE: Final = 0.25
"""Of the time left, the patience with a model of which nothing is known."""


class Times:
    """The last times of one model on one task, with their percentiles."""

    def __init__(self, expected_s: float | None = None) -> None:
        self._expected_s = expected_s
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []
        self._answers = 0
        self._cuts_in_a_row = 0

    def add(self, seconds: float) -> None:
        """Remembers the time of an answer; the oldest goes when the window is full."""
        self._answers += 1
        self._cuts_in_a_row = 0
        self._remember(seconds)

    def add_cut(self, seconds: float) -> None:
        """Remembers that an answer would have taken longer than `seconds`: counted as half as long again."""
        self._cuts_in_a_row += 1
        self._remember(seconds * 1.5)

    def fade(self) -> None:
        """Forgets the oldest time, so that a model that is passed over for being slow gets its chance again."""
        if self._recent:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]

    @property
    def known(self) -> bool:
        """Whether enough answers are remembered to believe them rather than the policy."""
        return self._answers >= TRUSTED and len(self._sorted) >= TRUSTED

    def percentile(self, share: float) -> float | None:
        """The time that `share` of the answers stayed below, or None when none is remembered."""
        if not self._sorted:
            return None
        return self._sorted[min(len(self._sorted) - 1, int(share * len(self._sorted)))]

    @property
    def usual_s(self) -> float:
        """The median, the policy's word while little is known, or 0 for no idea."""
        if self.known:
            return self._sorted[len(self._sorted) // 2]
        return self._expected_s or 0.0

    def patience_s(self, left_s: float, least_s: float, most_s: float) -> float:
        """Seconds to wait for this model before a second one is asked, when `left_s` is all the time there is."""
        slow = self.percentile(0.95) or 0.0
        if not self.known:
            slow = max(slow, self._expected_s or left_s * UNKNOWN_SHARE / MARGIN)
        return min(max(min(slow * MARGIN, most_s), least_s), left_s / 2)

    def stalled(self, elapsed_s: float, least_s: float) -> bool:
        """Whether an attempt that was cut off after `elapsed_s` had stalled, rather than lost a race."""
        if self._cuts_in_a_row >= CUTS_BEFORE_STALL:
            return True
        return self.known and elapsed_s >= max(least_s, (self.percentile(0.95) or 0.0) * STALL_FACTOR)

    def _remember(self, seconds: float) -> None:
        if len(self._recent) == WINDOW:
            self.fade()
        self._recent.append(seconds)
        insort(self._sorted, seconds)


class Pace:
    """The clocks of one stream after its first piece: the gap between pieces, and the pace of the last few."""

    LEAST_GAP_S: Final = 0.25
    MOST_GAP_S: Final = 3.0
    COLD_GAP_S: Final = 0.1
    GAP_FACTOR: Final = 8.0
    PIECES: Final = 4
    DRIP_FACTOR: Final = 10.0
    LEAST_DRIP_S: Final = 0.04

    def __init__(self, gaps: Times) -> None:
        self._gaps = gaps
        usual = (gaps.percentile(0.95) if gaps.known else None) or self.COLD_GAP_S
        self.gap_limit_s = min(max(usual * self.GAP_FACTOR, self.LEAST_GAP_S), self.MOST_GAP_S)
        self._drip_limit_s = max(usual * self.DRIP_FACTOR, self.LEAST_DRIP_S)
        self._last: deque[float] = deque(maxlen=self.PIECES)

    def saw(self, gap_s: float) -> bool:
        """Takes the gap before a piece. False when the last few pieces came so slowly that the stream only drips."""
        self._last.append(gap_s)
        return len(self._last) < self.PIECES or sum(self._last) / self.PIECES <= self._drip_limit_s

    def learn(self) -> None:
        """Remembers the gaps of a stream that ended well."""
        for gap in self._last:
            self._gaps.add(gap)
