"""Every Prometheus metric of the server, declared once, on one registry.

In: counts and seconds from the parts that declare interest by importing a name from here. Out: the text of `/metrics`.
Invariants: a name is declared in this module and nowhere else; a label's values are a small closed set (never a call
id, a number, a name: those would be unbounded, and personal).
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
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


def exposition() -> bytes:
    """The present values in Prometheus' text format."""
    return generate_latest(REGISTRY)
