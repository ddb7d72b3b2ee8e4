"""The order in which waiting work reaches the engine. Pure: tickets and the time in, the next batch out.

Lanes, first to last: finals of critical streams and looks ahead to them, their partials, other finals and looks, other
partials by importance, translations, revisions. In a lane the tenant that was served least comes first, then the
earliest deadline. Every third turn belongs to a final that waits too long, so that nothing starves. Bound: one ticket
of a kind a stream; it stands for everything of that kind that the stream has waiting when its turn comes.
"""

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from .events import Importance

OVERDUE_S: Final = 3.0
LOOK_LATE_S: Final = 10.0
"""So far past its deadline a second look is made even while others wait: one that comes much later helps nobody."""
_TURN: Final = 3


class Kind(StrEnum):
    """What a ticket asks for."""

    FINAL = "final"
    LOOK = "look"
    """At a pause: the utterance as its final would be heard, which is its final if the voice does not come back."""
    PARTIAL = "partial"
    TRANSLATION = "translation"
    REVISION = "revision"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in the queue; the sound is fetched when its turn comes. Times in seconds of the service's clock."""

    stream_id: str
    kind: Kind
    importance: Importance
    tenant: str
    since: float
    deadline: float
    attempts: int = 0
    """How often it was on its way to the engine when that died."""


def lane(ticket: Ticket) -> int:
    """Rank among the kinds of work; lower comes first."""
    critical = ticket.importance is Importance.CRITICAL
    match ticket.kind:
        case Kind.FINAL | Kind.LOOK:
            return 0 if critical else 2
        case Kind.PARTIAL:
            return 1 if critical else 2 + ticket.importance
        case Kind.TRANSLATION:
            return 5
        case Kind.REVISION:
            return 6


def batch_limit(waiting: int, slots: int, most: int) -> int:
    """Windows that one slot takes at once: an even share of what waits, so that no slot idles beside a full batch.

    A batch saves up to a third of the work on a CPU, but its first window comes as late as its last.
    """
    return min(most, max(1, -(-waiting // slots)))


class Lanes:
    """Waiting tickets. `served` is the engine time each tenant has had, level with the least served when it comes."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, Kind], Ticket] = {}
        self._served: dict[str, float] = {}
        self._turns = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, ticket: Ticket) -> None:
        """Queue it; a ticket of the same stream and kind that waits already keeps its place."""
        self._level(ticket.tenant)
        self._waiting.setdefault(_key(ticket), ticket)

    def drop(self, stream_id: str, kind: Kind | None = None) -> None:
        """Forget a stream's tickets, or those of one kind."""
        for key in [key for key in self._waiting if key[0] == stream_id and kind in (None, key[1])]:
            del self._waiting[key]

    def waits(self, stream_id: str, kind: Kind) -> bool:
        """Whether such a ticket is in the queue."""
        return (stream_id, kind) in self._waiting

    def rank(self, stream_id: str, importance: Importance) -> None:
        """A stream's importance has changed: its tickets move."""
        for key, ticket in self._waiting.items():
            if key[0] == stream_id:
                self._waiting[key] = replace(ticket, importance=importance)

    def charge(self, tenant: str, seconds: float) -> None:
        """Engine time that a tenant has used."""
        self._served[tenant] = self._served.get(tenant, 0.0) + seconds

    def take(
        self,
        now: float,
        limit: Callable[[int], int],
        shape: Callable[[Ticket], Hashable | None],
        kinds: Collection[Kind] = tuple(Kind),
    ) -> list[Ticket]:
        """The next batch: the first ticket in order, and more of its lane and shape. A shape of None goes alone.

        `limit` says how many at most, from how many wait in that lane. Nobody of a later lane comes along, for the
        first one would wait for it. Tickets of other kinds stay where they are.
        """
        order = [ticket for ticket in self._order(now) if ticket.kind in kinds]
        if not order:
            return []
        wanted, mates = shape(order[0]), [t for t in order[1:] if lane(t) == lane(order[0])]
        most = 1 if wanted is None else limit(1 + len(mates))
        batch = [order[0], *_first((t for t in mates if most > 1 and shape(t) == wanted), most - 1)]
        for ticket in batch:
            del self._waiting[_key(ticket)]
        return batch

    def count(self, kinds: Collection[Kind]) -> int:
        """Waiting tickets of these kinds."""
        return sum(kind in kinds for _, kind in self._waiting)

    def depths(self) -> dict[Kind, int]:
        """Waiting tickets by kind."""
        return {kind: sum(key[1] is kind for key in self._waiting) for kind in Kind}

    def longest_wait(self, now: float, kind: Kind, importance: Importance | None = None) -> float:
        """Seconds that the oldest such ticket is past its deadline; 0 when there is none."""
        late = (
            now - t.deadline for t in self._waiting.values() if t.kind is kind and importance in (None, t.importance)
        )
        return max(0.0, max(late, default=0.0))

    def spare(self, now: float) -> bool:
        """Whether a second look may begin: nothing that calls wait for is late, or the oldest look is long overdue."""
        late = max(self.longest_wait(now, Kind.PARTIAL), self.longest_wait(now, Kind.FINAL))
        return late <= 0 or self.longest_wait(now, Kind.REVISION) > LOOK_LATE_S

    def _order(self, now: float) -> list[Ticket]:
        self._turns += 1
        order = sorted(self._waiting.values(), key=lambda t: (lane(t), self._served.get(t.tenant, 0.0), t.deadline))
        if self._turns % _TURN == 0:
            overdue = [t for t in order if t.kind is Kind.FINAL and now - t.since > OVERDUE_S]
            if overdue:
                first = min(overdue, key=lambda t: t.deadline)
                order.remove(first)
                order.insert(0, first)
        return order

    def _level(self, tenant: str) -> None:
        active = {ticket.tenant for ticket in self._waiting.values()}
        if tenant not in active and active:
            least = min(self._served.get(name, 0.0) for name in active)
            self._served[tenant] = max(self._served.get(tenant, 0.0), least)


def _key(ticket: Ticket) -> tuple[str, Kind]:
    return (ticket.stream_id, ticket.kind)


def _first(tickets: Iterable[Ticket], count: int) -> list[Ticket]:
    return [ticket for _, ticket in zip(range(count), tickets, strict=False)]
