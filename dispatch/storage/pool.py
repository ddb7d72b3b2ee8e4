"""A pool of connections that says how full it is, and how long work waited for it.

In: work that needs a connection. Out: connections, and figures under the pool's name. Bound: the pool's size; who waits
longer than the pool's time-out is turned away (StoreUnavailable).
"""

import time

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from dispatch.observability import metrics


class WatchedPool(AsyncAdaptedQueuePool):
    """SQLAlchemy's own, with its waits counted. `pool_logging_name` of the engine is its name."""

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self.name = self.logging_name or "other"
        self.waiting = 0
        metrics.POOLS.watch(self)

    def _do_get(self) -> ConnectionPoolEntry:
        began = time.monotonic()
        self.waiting += 1
        try:
            return super()._do_get()
        finally:
            self.waiting -= 1
            metrics.POOL_WAIT_SECONDS.labels(self.name).observe(time.monotonic() - began)
