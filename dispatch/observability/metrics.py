"""Every Prometheus metric of the server, declared once, on one registry.

In: counts and seconds from the parts that declare interest by importing a name from here. Out: the text of `/metrics`.
Invariants: a name is declared in this module and nowhere else; a label's values are a small closed set (never a call
id, a number, a name: those would be unbounded, and personal).
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

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


def exposition() -> bytes:
    """The present values in Prometheus' text format."""
    return generate_latest(REGISTRY)
