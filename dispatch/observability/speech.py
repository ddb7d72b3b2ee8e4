"""How live transcription does, call by call, in a form that may be shown to whoever watches the machine.

In: the transcription service's status. Out: figures of each live call under a slot number, percentiles of a histogram.
Invariants: a slot is a small number that is free again when its call is over; nothing here names a call or a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from transcription import Histogram, StreamStatus

SLOTS: Final = 64
"""Calls that are shown one by one; further ones are in the sums only, so that series stay few."""


@dataclass(frozen=True, slots=True)
class CallFigures:
    """Both sides of one live call together; seconds."""

    slot: int
    importance: int
    """0 critical, 1 urgent, 2 routine."""
    stable: Histogram
    final: Histogram
    heard_s: float
    engine_s: float
    gap_s: float
    waiting_s: float
    queued: int


class Slots:
    """Which slot each live call has; a call keeps its slot for as long as it lives."""

    def __init__(self, count: int = SLOTS) -> None:
        self._count = count
        self._taken: dict[str, int] = {}

    def place(self, calls: Iterable[str]) -> dict[str, int]:
        """The slot of each of the calls that are live now; those that find none are left out."""
        live = list(dict.fromkeys(calls))
        self._taken = {call: slot for call, slot in self._taken.items() if call in live}
        free = sorted(set(range(self._count)) - set(self._taken.values()))
        fresh = (call for call in live if call not in self._taken)
        self._taken |= dict(zip(fresh, free, strict=False))
        return dict(self._taken)


def call_figures(streams: Sequence[StreamStatus], slots: Slots) -> list[CallFigures]:
    """The live calls by slot."""
    placed = slots.place(stream.call_id for stream in streams)
    groups = {slot: [stream for stream in streams if stream.call_id == call] for call, slot in sorted(placed.items())}
    return [_together(slot, group) for slot, group in sorted(groups.items())]


def _together(slot: int, streams: Sequence[StreamStatus]) -> CallFigures:
    return CallFigures(
        slot=slot,
        importance=min(stream.importance for stream in streams),
        stable=_sum([stream.latencies.stable for stream in streams]),
        final=_sum([stream.latencies.final for stream in streams]),
        heard_s=sum(stream.heard_s for stream in streams),
        engine_s=sum(stream.engine_s for stream in streams),
        gap_s=sum(stream.gap_s for stream in streams),
        waiting_s=sum(stream.waiting_s for stream in streams),
        queued=sum(stream.queued for stream in streams),
    )


def _sum(histograms: Sequence[Histogram]) -> Histogram:
    counts = [sum(column) for column in zip(*(histogram.counts for histogram in histograms), strict=True)]
    return Histogram(counts, sum(histogram.total_s for histogram in histograms))


def percentile(bounds: Sequence[float], cumulative: Sequence[float], percent: float) -> float | None:
    """A percentile of a histogram, straight between the bounds; the last finite bound stands for all above it.

    `cumulative` has one entry more than `bounds`: the count of all. None where nothing was counted.
    """
    total = cumulative[-1]
    if not total:
        return None
    wanted, low, below = total * percent / 100, 0.0, 0.0
    for bound, count in zip(bounds, cumulative, strict=False):
        if count >= wanted:
            return low + (bound - low) * (wanted - below) / (count - below) if count > below else bound
        low, below = bound, count
    return bounds[-1]
