"""One console's outbox: pure bookkeeping of what was sent, what was taken in, and what waits.

In: bodies to deliver, acknowledgements, resumptions. Out: deliveries to send now. Invariants: sequence numbers have no
holes; a delivery stays until it is acknowledged; at most `WINDOW` deliveries or `WINDOW_BYTES` are under way. While a
console is slow, newer summaries and partials replace older ones of the same call and log lines of a call gather into
one delivery, so that nothing waits twice. More than `MAX_WAITING` after that is an overflow: all that waits is dropped
and the console needs a snapshot, which holds the same and more.
"""

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Final

from dispatch.contract.console import (
    CallEntries,
    CallPartial,
    Delivery,
    DeliveryBody,
    QueueChanged,
    SeatChanged,
    Snapshot,
    SystemChanged,
)
from dispatch.contract.dispatching import IncidentChanged, UnitChanged

WINDOW: Final = 32
WINDOW_BYTES: Final = 256 * 1024
MAX_WAITING: Final = 512
MAX_ENTRIES_TOGETHER: Final = 100
"""Log lines in one delivery."""

Key = tuple[str, ...]


@dataclass
class _Waiting:
    body: DeliveryBody
    key: Key | None


def key_of(body: DeliveryBody) -> Key | None:
    """What a body replaces or joins while it waits; None stands for itself alone."""
    match body:
        case QueueChanged(call=call):
            return ("queue", call.call_id)
        case CallPartial(call_id=call_id, partial=partial):
            return ("partial", call_id, partial.channel)
        case CallEntries(call_id=call_id):
            return ("entries", call_id)
        case UnitChanged(unit=unit):
            return ("unit", unit.unit_id)
        case IncidentChanged(incident=incident):
            return ("incident", incident.incident_id)
        case SystemChanged() | SeatChanged():
            return (body.kind,)
        case _:
            return None


class Outbox:
    """The deliveries of one console, over all its connections."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.needs_snapshot = False
        """After an overflow: nothing more is queued until a snapshot is put."""
        self.overflows = 0
        self._next_seq = 1
        self._under_way: deque[tuple[Delivery, int]] = deque()
        self._bytes_under_way = 0
        self._waiting: dict[int, _Waiting] = {}
        self._by_key: dict[Key, int] = {}
        self._tickets = 0

    @property
    def depth(self) -> int:
        """Bodies that wait."""
        return len(self._waiting)

    @property
    def unacknowledged(self) -> int:
        return len(self._under_way)

    def put(self, body: DeliveryBody) -> None:
        """Queues a body. A snapshot makes everything that waits unnecessary."""
        if isinstance(body, Snapshot):
            self._clear()
            self.needs_snapshot = False
        elif self.needs_snapshot:
            return
        key = key_of(body)
        if key is not None and key in self._by_key:
            body = self._replaced(key, body)
        self._tickets += 1
        self._waiting[self._tickets] = _Waiting(body, key)
        if key is not None:
            self._by_key[key] = self._tickets
        if len(self._waiting) > MAX_WAITING:
            self._overflow()

    def due(self) -> list[Delivery]:
        """What may be sent now; it counts as under way from here on."""
        sent: list[Delivery] = []
        while self._waiting and len(self._under_way) < WINDOW and self._bytes_under_way < WINDOW_BYTES:
            ticket = next(iter(self._waiting))
            waiting = self._waiting.pop(ticket)
            if waiting.key is not None and self._by_key.get(waiting.key) == ticket:
                del self._by_key[waiting.key]
            sent.append(self._send(waiting.body))
        return sent

    def acknowledged(self, seq: int) -> None:
        """The console has taken in everything up to `seq`."""
        while self._under_way and self._under_way[0][0].seq <= seq:
            _, size = self._under_way.popleft()
            self._bytes_under_way -= size

    def resume(self, epoch: str | None, last_seq: int) -> list[Delivery] | None:
        """What a console that comes back has missed; None where it needs a snapshot instead."""
        if epoch != self.epoch or self.needs_snapshot or last_seq >= self._next_seq:
            return None
        if last_seq < self._first_kept - 1:
            return None
        self.acknowledged(last_seq)
        return [delivery for delivery, _ in self._under_way]

    @property
    def _first_kept(self) -> int:
        return self._under_way[0][0].seq if self._under_way else self._next_seq

    def _send(self, body: DeliveryBody) -> Delivery:
        delivery = Delivery(epoch=self.epoch, seq=self._next_seq, body=body)
        self._next_seq += 1
        size = len(delivery.model_dump_json())
        self._under_way.append((delivery, size))
        self._bytes_under_way += size
        return delivery

    def _replaced(self, key: Key, body: DeliveryBody) -> DeliveryBody:
        """Takes the older body with this key out of the line; log lines are joined, all else is superseded."""
        older = self._waiting[self._by_key[key]].body
        if isinstance(older, CallEntries) and isinstance(body, CallEntries):
            if len(older.entries) + len(body.entries) > MAX_ENTRIES_TOGETHER:
                return body
            body = body.model_copy(update={"entries": older.entries + body.entries})
        del self._waiting[self._by_key[key]]
        return body

    def _overflow(self) -> None:
        self._clear()
        self.needs_snapshot = True
        self.overflows += 1

    def _clear(self) -> None:
        self._waiting.clear()
        self._by_key.clear()
