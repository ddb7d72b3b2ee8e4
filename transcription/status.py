"""How the service does: engine state, tier, queues, speed, losses. Counted here, shown elsewhere."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .endpointing import EndpointRules
from .events import SAMPLE_RATE, FinalHeard, GapHeard, Importance, StableHeard, Tier, TranscriptEvent
from .lateness import Arrivals, Latencies

_SPAN_S: Final = 60.0


class EngineState(StrEnum):
    """Whether there is a recogniser now."""

    STARTING = "starting"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One look at a stream; seconds are of sound unless they say otherwise."""

    stream_id: str
    call_id: str
    importance: Importance
    latencies: Latencies
    heard_s: float
    engine_s: float
    """The engine's time that it took."""
    gap_s: float
    """Missing or given up."""
    waiting_s: float
    """Ended speech without a final."""
    queued: int
    """Tickets."""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One look at the service. Depths and backlog are of now, speeds of the last minute, the rest since the start."""

    engine: EngineState
    model: str
    tier: Tier
    streams: int
    depths: dict[str, int]
    """Waiting tickets by kind of work; at most one of a kind a stream."""
    backlog_s: float
    """Seconds of ended speech that wait for their final."""
    rtf: float
    """Engine seconds a second of sound fed."""
    busy: float
    """Engine seconds a second; the number of slots is the most there can be."""
    heard_samples: int
    """Sound that has been through the voice detector, or was too short for it at a stream's end; at 16 kHz."""
    decodes: int
    windows: int
    drops: int
    """Utterances that were given up without words."""
    restarts: int
    listener_failures: int
    """Exceptions out of on_event."""
    loop_failures: int
    gap_s: float
    latencies: Latencies
    calls: tuple[StreamStatus, ...]
    """Every stream that is open."""


class Ledger:
    """What one stream cost and how late its words came; `everyone` gets the same latencies."""

    def __init__(self, everyone: Latencies) -> None:
        self._everyone = everyone
        self._arrivals = Arrivals()
        self.latencies = Latencies()
        self.engine_s = 0.0
        self.heard = 0
        self.gap = 0

    def arrived(self, place: int, now: float) -> None:
        """The stream's sound is there up to that place."""
        self._arrivals.arrived(place, now)

    def note(self, event: TranscriptEvent, now: float) -> None:
        """An event is on its way to the owner."""
        match event:
            case StableHeard():
                for word in event.words:
                    self._add("stable", word.end, now)
            case FinalHeard():
                hang_over = EndpointRules().hang_over
                self._add("final", event.words[-1].end if event.words else event.end - hang_over, now)
            case GapHeard():
                self.gap += event.end - event.start

    def _add(self, what: str, place: int, now: float) -> None:
        arrived = self._arrivals.at(place)
        if arrived is not None:
            for latencies in (self.latencies, self._everyone):
                getattr(latencies, what).add(now - arrived)


class Meter:
    """Counters of one service; times in seconds of its clock."""

    def __init__(self) -> None:
        self._spent: deque[tuple[float, float]] = deque(maxlen=4096)
        self._heard: deque[tuple[float, float]] = deque(maxlen=8192)
        self.heard_samples = 0
        self.decodes = 0
        self.windows = 0
        self.drops = 0
        self.restarts = 0
        self.listener_failures = 0
        self.gap = 0
        self.latencies = Latencies()

    def decoded(self, now: float, seconds: float, windows: int) -> None:
        """A decode of so many windows took so long."""
        self._spent.append((now, seconds))
        self.decodes += 1
        self.windows += windows

    def heard(self, now: float, samples: int) -> None:
        """So much sound has been heard by the detector."""
        self._heard.append((now, samples / SAMPLE_RATE))
        self.heard_samples += samples

    def speeds(self, now: float) -> tuple[float, float]:
        """Real-time factor and busy share over the last minute."""
        spent, fed = (_recent(entries, now) for entries in (self._spent, self._heard))
        first = min((entries[0][0] for entries in (self._spent, self._heard) if entries), default=now)
        span = max(1.0, min(_SPAN_S, now - first))
        return (spent / fed if fed else 0.0), spent / span


def _recent(entries: deque[tuple[float, float]], now: float) -> float:
    while entries and now - entries[0][0] > _SPAN_S:
        entries.popleft()
    return sum(amount for _, amount in entries)
