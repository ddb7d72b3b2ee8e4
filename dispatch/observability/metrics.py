"""Every Prometheus metric of the server, declared once, on one registry.

In: counts and seconds from the parts that declare interest by importing a name from here. Out: the text of `/metrics`.
Invariants: a name is declared in this module and nowhere else; a label's values are a small closed set (never a call
id, a number, a name: those would be unbounded, and personal).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from transcription import BUCKETS_S, EngineState, Latencies, ServiceStatus, Tier
from transcription import Histogram as Counts

from .speech import CallFigures, Slots, call_figures

Owner = TypeVar("Owner")

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
REGISTRY: Final = CollectorRegistry()

TASK_FAILURES: Final = Counter(
    "kiwimesh_task_failures_total", "Background tasks that ended with an error.", ["task"], registry=REGISTRY
)
TASK_RESTARTS: Final = Counter(
    "kiwimesh_task_restarts_total", "Background tasks started again after an error.", ["task"], registry=REGISTRY
)
LOOP_LAG: Final = Histogram(
    "kiwimesh_event_loop_lag_seconds",
    "How much later than asked the event loop woke a sleeper.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
CALLS_STARTED: Final = Counter("kiwimesh_calls_started_total", "Calls taken.", registry=REGISTRY)
CALLS_LIVE: Final = Gauge("kiwimesh_calls_live", "Calls that are open on this node.", registry=REGISTRY)
ANSWER_SECONDS: Final = Histogram(
    "kiwimesh_answer_seconds",
    "Seconds from the call's start to the answer.",
    buckets=(1, 2, 5, 10, 15, 20, 30, 60, 120, 300),
    registry=REGISTRY,
)
GOAL_SECONDS: Final = Histogram(
    "kiwimesh_goal_seconds",
    "Second of the call at which a goal was met.",
    ["goal"],
    buckets=(5, 10, 15, 20, 30, 45, 60, 90, 120, 150, 180, 240, 300, 600),
    registry=REGISTRY,
)
FRAMES: Final = Counter("kiwimesh_frames_total", "Frames of sound taken in.", ["channel"], registry=REGISTRY)
UNREADABLE_FRAMES: Final = Counter(
    "kiwimesh_unreadable_frames_total", "Frames that were kept but could not be decoded.", registry=REGISTRY
)
RELAY_DROPS: Final = Counter(
    "kiwimesh_relay_drops_total", "Relayed frames dropped because the listener's connection is slow.", registry=REGISTRY
)
JOURNAL_PENDING: Final = Gauge(
    "kiwimesh_journal_pending_bytes", "Bytes taken in and not yet on disk.", registry=REGISTRY
)
ENTRIES_SHIPPED: Final = Counter(
    "kiwimesh_entries_shipped_total", "Lines of calls' logs written to the database.", registry=REGISTRY
)
ENTRIES_BEHIND: Final = Gauge(
    "kiwimesh_entries_behind", "Lines of calls' logs that are not in the database yet.", registry=REGISTRY
)
CONSOLES: Final = Gauge("kiwimesh_consoles", "Consoles connected or lingering.", registry=REGISTRY)
CONSOLES_LET_GO: Final = Counter(
    "kiwimesh_consoles_let_go_total", "Consoles disconnected because they took in nothing.", registry=REGISTRY
)
STRIKES: Final = Counter(
    "kiwimesh_strikes_total", "Broken messages from clients, by problem.", ["code"], registry=REGISTRY
)
JOBS_ENDED: Final = Counter(
    "kiwimesh_job_tries_total", "Tries of jobs, by how they ended.", ["kind", "outcome"], registry=REGISTRY
)
JOB_SECONDS: Final = Histogram(
    "kiwimesh_job_seconds",
    "Seconds that a try of a job took.",
    ["kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    registry=REGISTRY,
)
PROVIDER_SECONDS: Final = Histogram(
    "kiwimesh_provider_seconds",
    "Seconds that providers took to answer, by how it ended: done, away, busy, refused.",
    ["provider", "outcome"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
WEBHOOKS: Final = Counter(
    "kiwimesh_webhooks_total",
    "Webhooks of providers, by what became of them: kept, repeated, ignored, forged, not_kept.",
    ["provider", "outcome"],
    registry=REGISTRY,
)
POOL_WAIT_SECONDS: Final = Histogram(
    "kiwimesh_pool_wait_seconds",
    "Seconds that work waited for a connection to the database, opening one included.",
    ["pool"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
BACKUP_AT: Final = Gauge(
    "kiwimesh_backup_timestamp_seconds", "When the last scheduled backup succeeded, in Unix time.", registry=REGISTRY
)
JOBS: Final = Gauge("kiwimesh_jobs", "Jobs that are not done.", ["queue", "kind", "state"], registry=REGISTRY)
JOBS_OLDEST: Final = Gauge(
    "kiwimesh_jobs_oldest_seconds", "For how long the oldest waiting job has been due.", ["queue", "kind"],
    registry=REGISTRY,
)  # fmt: skip
JOBS_FAILING: Final = Gauge(
    "kiwimesh_jobs_failing_seconds", "How long ago the first failure of a job was that is still tried.",
    ["queue", "kind"], registry=REGISTRY,
)  # fmt: skip


class Pool(Protocol):
    """Connections that are shared, as their metrics see them."""

    name: str
    waiting: int

    def size(self) -> int: ...

    def checkedout(self) -> int: ...


class PoolFigures(Collector):
    """Every pool of database connections that is in use in this process, at the moment of asking."""

    def __init__(self) -> None:
        self._pools: WeakSet[Pool] = WeakSet()

    def watch(self, pool: Pool) -> None:
        """From now on until it is gone."""
        self._pools.add(pool)

    def collect(self) -> Iterator[Metric]:
        """Sums by name."""
        rows: tuple[tuple[str, str, Callable[[Pool], float]], ...] = (
            ("size", "Connections that may be open.", lambda pool: pool.size()),
            ("in_use", "Connections that work holds.", lambda pool: pool.checkedout()),
            ("waiting", "Pieces of work that wait for a connection.", lambda pool: pool.waiting),
        )
        pools = list(self._pools)
        for name, about, value in rows:
            family = GaugeMetricFamily(f"kiwimesh_pool_{name}", about, labels=["pool"])
            for label in sorted({pool.name for pool in pools}):
                family.add_metric([label], sum(value(pool) for pool in pools if pool.name == label))
            yield family


class QueueFigures(Collector):
    """What waits in the bounded queues of this process, at the moment of asking: the fullest of each kind."""

    def __init__(self) -> None:
        self._queues: WeakKeyDictionary[Any, tuple[str, Callable[[Any], int]]] = WeakKeyDictionary()

    def watch(self, kind: str, owner: Owner, depth: Callable[[Owner], int]) -> None:
        """From now on until the owner is gone."""
        self._queues[owner] = (kind, depth)

    def collect(self) -> Iterator[Metric]:
        """The figures; a kind without a queue has none."""
        fullest: dict[str, int] = {}
        for owner, (kind, depth) in list(self._queues.items()):
            fullest[kind] = max(fullest.get(kind, 0), depth(owner))
        family = GaugeMetricFamily(
            "kiwimesh_queue_depth", "What waits in the fullest queue of a kind.", labels=["queue"]
        )
        for kind, waiting in sorted(fullest.items()):
            family.add_metric([kind], waiting)
        yield family


class SpeechFigures(Collector):
    """Live transcription at the moment of asking, in sum and for each live call by its slot number."""

    def __init__(self) -> None:
        self._source: Callable[[], ServiceStatus] | None = None
        self._slots = Slots()

    def watch(self, source: Callable[[], ServiceStatus] | None) -> None:
        """From now on ask this; None: nobody."""
        self._source = source

    def collect(self) -> Iterator[Metric]:
        """The figures; none while nothing is watched."""
        if self._source is None:
            return
        status = self._source()
        yield from _of_all(status)
        yield from _of_calls(call_figures(status.calls, self._slots))


POOLS: Final = PoolFigures()
QUEUES: Final = QueueFigures()
SPEECH: Final = SpeechFigures()
REGISTRY.register(POOLS)
REGISTRY.register(QUEUES)
REGISTRY.register(SPEECH)


def _of_all(status: ServiceStatus) -> Iterator[Metric]:
    up = status.engine is EngineState.UP
    yield GaugeMetricFamily("kiwimesh_speech_engine_up", "Whether the speech engine runs.", up)
    yield GaugeMetricFamily("kiwimesh_speech_streams", "Streams of sound that are open.", status.streams)
    yield GaugeMetricFamily("kiwimesh_speech_rtf", "Engine seconds a second of sound, last minute.", status.rtf)
    yield GaugeMetricFamily("kiwimesh_speech_busy", "Engine seconds a second, last minute.", status.busy)
    yield GaugeMetricFamily("kiwimesh_speech_backlog_seconds", "Ended speech without a final.", status.backlog_s)
    yield CounterMetricFamily("kiwimesh_speech_drops", "Utterances given up without words.", value=status.drops)
    yield CounterMetricFamily("kiwimesh_speech_restarts", "Restarts of the speech engine.", value=status.restarts)
    yield CounterMetricFamily("kiwimesh_speech_gap_seconds", "Sound missing or given up.", value=status.gap_s)
    tier = GaugeMetricFamily("kiwimesh_speech_tier", "1 for the tier of service that the load allows.", labels=["tier"])
    for one in Tier:
        tier.add_metric([one.value], one is status.tier)
    yield tier
    depth = GaugeMetricFamily("kiwimesh_speech_queue_depth", "Work that waits for the engine.", labels=["kind"])
    for kind, waiting in status.depths.items():
        depth.add_metric([kind], waiting)
    yield depth
    yield from _latencies("kiwimesh_speech", [((), status.latencies)], [])


def _of_calls(calls: Sequence[CallFigures]) -> Iterator[Metric]:
    rows: tuple[tuple[str, str, Callable[[CallFigures], float]], ...] = (
        ("importance", "0 critical, 1 urgent, 2 routine.", lambda call: call.importance),
        ("heard_seconds", "Sound heard.", lambda call: call.heard_s),
        ("engine_seconds", "Engine seconds that it took.", lambda call: call.engine_s),
        ("gap_seconds", "Sound missing or given up.", lambda call: call.gap_s),
        ("waiting_seconds", "Ended speech without a final.", lambda call: call.waiting_s),
        ("queued", "Work that waits for the engine.", lambda call: call.queued),
    )
    for name, about, value in rows:
        family = GaugeMetricFamily(f"kiwimesh_speech_call_{name}", f"Of a live call: {about}", labels=["slot"])
        for call in calls:
            family.add_metric([str(call.slot)], value(call))
        yield family
    both = [((str(call.slot),), Latencies(call.stable, call.final)) for call in calls]
    yield from _latencies("kiwimesh_speech_call", both, ["slot"])


def _latencies(
    prefix: str, rows: Sequence[tuple[tuple[str, ...], Latencies]], labels: Sequence[str]
) -> Iterator[Metric]:
    stable = HistogramMetricFamily(
        f"{prefix}_stable_latency_seconds", "From a word's arrival to its being stable.", labels=labels
    )
    final = HistogramMetricFamily(
        f"{prefix}_final_latency_seconds", "From the end of speech to its final.", labels=labels
    )
    for values, latencies in rows:
        stable.add_metric(values, _buckets(latencies.stable), latencies.stable.total_s)
        final.add_metric(values, _buckets(latencies.final), latencies.final.total_s)
    yield from (stable, final)


def _buckets(counts: Counts) -> list[tuple[str, float]]:
    bounds = [*(str(bound) for bound in BUCKETS_S), "+Inf"]
    return list(zip(bounds, map(float, counts.cumulative()), strict=True))


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a metrics page."""

    name: str
    labels: dict[str, str]
    value: float


def samples(page: str) -> list[Sample]:
    """A metrics page, read. Raises ValueError when it is none."""
    families = text_string_to_metric_families(page)
    return [Sample(one.name, dict(one.labels), one.value) for family in families for one in family.samples]


def exposition() -> bytes:
    """The present values in Prometheus' text format."""
    return generate_latest(REGISTRY)
