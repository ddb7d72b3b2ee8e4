"""Sends calls' logs on to PostgreSQL, in the background and in order.

There is no queue of its own: each call's log is in memory and on disk, and the shipper knows how far each one has been
sent. With the database away it waits and tries again; nothing is lost and no call notices. When a closed call has been
sent whole, a marker file says so, and a restart no longer reads it.
"""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from dispatch.contract.console import CallState
from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.storage.errors import StoreRefused, StoreUnavailable

from .call import LiveCall
from .ports import EntryStore

BATCH: Final = 200
RETRY_FIRST_S: Final = 0.2
RETRY_LONGEST_S: Final = 5.0
MARKER: Final = "shipped"

_log = structlog.get_logger(__name__)


class Shipper:
    """Keeps the database's copy of all logs up to date. `away` says that it cannot at present."""

    def __init__(
        self, store: EntryStore, clock: Clock, calls: Callable[[], Iterable[LiveCall]], root: Path,
        on_closed: Callable[[LiveCall], None],
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._calls = calls
        self._root = root
        self._on_closed = on_closed
        self._wake = asyncio.Event()
        self._refused: set[str] = set()
        """Calls whose log the database will never take as it is: left on disk, tried again after a restart."""
        self.away = False

    def wake(self) -> None:
        """Something was entered."""
        self._wake.set()

    @property
    def behind(self) -> int:
        """Entries not yet in the database."""
        return sum(len(call.timeline.entries) - call.shipped_seq for call in self._calls())

    async def run(self) -> None:
        """Ships for ever."""
        wait_s = RETRY_FIRST_S
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.ship_all()
                self.away, wait_s = False, RETRY_FIRST_S
            except StoreUnavailable:
                if not self.away:
                    _log.warning("database away; logs stay on disk until it is back")
                self.away = True
                await self._clock.sleep(wait_s)
                wait_s = min(wait_s * 2, RETRY_LONGEST_S)
                self._wake.set()

    async def ship_all(self) -> None:
        """Sends all that is new of every call. Raises StoreUnavailable."""
        for call in list(self._calls()):
            if call.call_id in self._refused:
                continue
            try:
                await self._ship(call)
            except StoreRefused:
                self._refused.add(call.call_id)
                _log.error("the database refuses this call's log; it stays on disk", call_id=call.call_id)

    async def _ship(self, call: LiveCall) -> None:
        while call.shipped_seq < len(call.timeline.entries):
            batch = call.timeline.after(call.shipped_seq)[:BATCH]
            await self._store.append(batch)
            call.shipped_seq = batch[-1].seq
            metrics.ENTRIES_SHIPPED.inc(len(batch))
        if call.status.state is CallState.CLOSED and call.path.settled:
            try:
                await asyncio.to_thread((self._root / call.call_id / MARKER).touch)
            except OSError:
                _log.warning("a call could not be marked as sent; a restart sends it again", call_id=call.call_id)
            self._on_closed(call)
