"""The timeline store in memory: for tests, and for runs without a database.

Same promises as the one on PostgreSQL, but for durability. `away` makes it answer as if the database could not be
reached.
"""

from collections.abc import Collection, Sequence

from dispatch.contract.base import CallId, CentreId
from dispatch.contract.console import CallState
from dispatch.contract.timeline import TimelineEntry

from .context import LEDGER, Context
from .errors import StoreRefused, StoreUnavailable
from .projection import CallRecord
from .timeline_store import LONGEST_PAGE, add_up, new_records


class MemoryTimelineStore:
    """Keeps timelines for as long as the object lives. `centres` are the centres that exist."""

    def __init__(self, centres: Collection[CentreId]) -> None:
        self.away = False
        self._centres = frozenset(centres)
        self._entries: dict[CallId, dict[int, TimelineEntry]] = {}
        self._records: dict[CallId, CallRecord] = {}

    async def append(self, entries: Sequence[TimelineEntry]) -> None:
        self._reach()
        known = {record.call_id: record for record in new_records(entries)} | self._records
        if any(entry.call_id not in known or known[entry.call_id].centre_id not in self._centres for entry in entries):
            raise StoreRefused("The batch has entries of a call that never started, or of no known centre.")
        fresh = {
            (entry.call_id, entry.seq): entry
            for entry in reversed(entries)
            if entry.seq not in self._entries.get(entry.call_id, {})
        }
        self._records = known | {record.call_id: record for record in add_up(known, reversed(fresh.values()))}
        for (call_id, seq), entry in fresh.items():
            self._entries.setdefault(call_id, {})[seq] = entry

    async def entries(
        self, call_id: CallId, *, after_seq: int = 0, limit: int = LONGEST_PAGE, scope: Context
    ) -> tuple[TimelineEntry, ...]:
        self._reach()
        record = self._records.get(call_id)
        if record is None or (scope != LEDGER and scope.centre_id != record.centre_id):
            return ()
        wanted = (entry for seq, entry in sorted(self._entries[call_id].items()) if seq > after_seq)
        return tuple(wanted)[: min(limit, LONGEST_PAGE)]

    async def open_calls(self, centre: CentreId) -> tuple[CallRecord, ...]:
        return tuple(record for record in self._calls(centre) if record.state is not CallState.CLOSED)[:LONGEST_PAGE]

    async def recent_calls(self, centre: CentreId, limit: int = 50) -> tuple[CallRecord, ...]:
        return tuple(reversed(self._calls(centre)))[: min(limit, LONGEST_PAGE)]

    def _calls(self, centre: CentreId) -> list[CallRecord]:
        self._reach()
        of_centre = (record for record in self._records.values() if record.centre_id == centre)
        return sorted(of_centre, key=lambda record: record.started_at)

    def _reach(self) -> None:
        if self.away:
            raise StoreUnavailable("The store is away.")
