"""One console's outbox: pure bookkeeping of what was sent, what was taken in, and what waits.

In: bodies to deliver, acknowledgements, resumptions. Out: deliveries to send now. Invariants: sequence numbers have no
holes; a delivery stays until it is acknowledged; at most `WINDOW` deliveries or `WINDOW_BYTES` are under way. While a
console is slow, newer summaries and partials replace older ones of the same call and log lines of a call gather into
one delivery, so that nothing waits twice; what only says how something stands (a line of the queue, a unit, an
incident) lets all else go first, and leaves it `FOR_WORDS` places of the window. More than `MAX_WAITING` after that is
an overflow: all that waits is dropped and the console needs a snapshot, which holds the same and more. A body that goes
to many consoles is turned into text once for all of them.
"""

import secrets
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from dispatch.contract.console import (
    CallEntries,
    CallPartial,
    DeliveryBody,
    QueueChanged,
    SeatChanged,
    Snapshot,
    SystemChanged,
)
from dispatch.contract.dispatching import IncidentChanged, UnitChanged

WINDOW: Final = 32
WINDOW_BYTES: Final = 256 * 1024
FOR_WORDS: Final = 8
"""Places of the window that lines of the queue, units and incidents never take: in a busy second each console gets
dozens of them, and behind a full window the words of its own call would wait for an acknowledgement."""
MAX_WAITING: Final = 512
MAX_ENTRIES_TOGETHER: Final = 100
"""Log lines in one delivery."""

Key = tuple[str, ...]
STANDINGS: Final = (QueueChanged, UnitChanged, IncidentChanged)
"""Each says whole how one thing stands: all else may overtake it, and its own successor takes its place."""


class Sealed:
    """A body on its way to any number of consoles; its key and its text are made when first needed, and once."""

    def __init__(self, body: DeliveryBody) -> None:
        self.body = body

    @cached_property
    def key(self) -> Key | None:
        return key_of(self.body)

    @cached_property
    def text(self) -> str:
        """The body as JSON."""
        return self.body.model_dump_json()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery as it is sent: the JSON of a contract `Delivery`."""

    seq: int
    text: str = field(repr=False)


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
        self._under_way: deque[Parcel] = deque()
        self._bytes_under_way = 0
        self._waiting: dict[int, Sealed] = {}
        self._standings: dict[int, Sealed] = {}
        self._by_key: dict[Key, int] = {}
        self._tickets = 0

    @property
    def depth(self) -> int:
        """Bodies that wait."""
        return len(self._waiting) + len(self._standings)

    @property
    def unacknowledged(self) -> int:
        return len(self._under_way)

    def put(self, sealed: Sealed) -> None:
        """Queues a body. A snapshot makes everything that waits unnecessary."""
        if isinstance(sealed.body, Snapshot):
            self._clear()
            self.needs_snapshot = False
        elif self.needs_snapshot:
            return
        key = sealed.key
        if key is not None and key in self._by_key:
            sealed = self._replaced(key, sealed)
        self._tickets += 1
        self._lane(sealed)[self._tickets] = sealed
        if key is not None:
            self._by_key[key] = self._tickets
        if self.depth > MAX_WAITING:
            self._overflow()

    def due(self) -> list[Parcel]:
        """What may be sent now; it counts as under way from here on."""
        sent: list[Parcel] = []
        for lane, window in ((self._waiting, WINDOW), (self._standings, WINDOW - FOR_WORDS)):
            while lane and len(self._under_way) < window and self._bytes_under_way < WINDOW_BYTES:
                ticket = next(iter(lane))
                sealed = lane.pop(ticket)
                if sealed.key is not None and self._by_key.get(sealed.key) == ticket:
                    del self._by_key[sealed.key]
                sent.append(self._send(sealed))
        return sent

    def acknowledged(self, seq: int) -> None:
        """The console has taken in everything up to `seq`."""
        while self._under_way and self._under_way[0].seq <= seq:
            self._bytes_under_way -= len(self._under_way.popleft().text)

    def resume(self, epoch: str | None, last_seq: int) -> list[Parcel] | None:
        """What a console that comes back has missed; None where it needs a snapshot instead."""
        if epoch != self.epoch or self.needs_snapshot or last_seq >= self._next_seq:
            return None
        if last_seq < self._first_kept - 1:
            return None
        self.acknowledged(last_seq)
        return list(self._under_way)

    @property
    def _first_kept(self) -> int:
        return self._under_way[0].seq if self._under_way else self._next_seq

    def _send(self, sealed: Sealed) -> Parcel:
        text = f'{{"epoch":"{self.epoch}","seq":{self._next_seq},"body":{sealed.text}}}'
        parcel = Parcel(self._next_seq, text)
        self._next_seq += 1
        self._under_way.append(parcel)
        self._bytes_under_way += len(text)
        return parcel

    def _replaced(self, key: Key, sealed: Sealed) -> Sealed:
        """Takes the older body with this key out of the line; log lines are joined, all else is superseded."""
        lane = self._lane(sealed)
        older, body = lane[self._by_key[key]].body, sealed.body
        if isinstance(older, CallEntries) and isinstance(body, CallEntries):
            if len(older.entries) + len(body.entries) > MAX_ENTRIES_TOGETHER:
                return sealed
            sealed = Sealed(body.model_copy(update={"entries": older.entries + body.entries}))
        del lane[self._by_key[key]]
        return sealed

    def _lane(self, sealed: Sealed) -> dict[int, Sealed]:
        return self._standings if isinstance(sealed.body, STANDINGS) else self._waiting

    def _overflow(self) -> None:
        self._clear()
        self.needs_snapshot = True
        self.overflows += 1

    def _clear(self) -> None:
        self._waiting.clear()
        self._standings.clear()
        self._by_key.clear()
