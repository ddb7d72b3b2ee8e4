"""What dispatching needs of others: the calls of this node, the consoles, messages to people, addresses in words.

Every port but the first two, which are the node's own calls and consoles, has an in-memory adapter beside it.
"""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import CallId, CentreId, IncidentId, PersonId, SeatId
from dispatch.contract.console import DeliveryBody
from dispatch.contract.timeline import Actor, TimelineBody, TimelineEntry

from .ranking import Point


@dataclass(frozen=True)
class CallFacts:
    """A call of this node as dispatching sees it."""

    call_id: CallId
    incident_id: IncidentId
    centre_id: CentreId
    started_at: datetime
    exercise: bool
    category: int | None = None
    nature: str = field(default="", repr=False)
    phone: str | None = field(default=None, repr=False)
    location: str = field(default="", repr=False)
    """As the card has it."""


class LiveCalls(Protocol):
    """The calls of this node, until they are forgotten."""

    def find(self, call_id: str) -> CallFacts | None: ...

    def of_incident(self, incident_id: str) -> Sequence[CallFacts]:
        """The calls that belong to an incident now."""
        ...

    def visible_to(self, call_id: str, centre_id: str) -> bool: ...

    def entry_of(self, call_id: str, key: str) -> TimelineEntry | None:
        """What was entered under a key."""
        ...

    def enter(self, call_id: str, body: TimelineBody, actor: Actor, key: str) -> TimelineEntry | None:
        """Enters what happened in a call's log, once for a key. None for a call that is not here."""
        ...


class Consoles(Protocol):
    """The consoles of this node. Telling never waits."""

    def tell_centre(self, centre_id: str, body: DeliveryBody, *, supervisors: bool = False) -> None:
        """To all consoles of a centre, or to those of its supervisors."""
        ...

    def tell_call(self, call_id: str, body: DeliveryBody) -> None:
        """To the consoles at which a call rings or is open."""
        ...

    def tell_seats(self, seats: Collection[SeatId], body: DeliveryBody) -> None:
        """To the consoles of these seats."""
        ...


@dataclass(frozen=True)
class Commander:
    """Who commands: a person at a seat, or (`person_id` None) the server itself."""

    centre_id: CentreId
    role: str
    person_id: PersonId | None = None
    seat_id: SeatId | None = None


@dataclass(frozen=True)
class Notice:
    """A message to somebody near an incident. Never says who the patient is."""

    to: str = field(repr=False)
    """A unit, a gate, the holder of a defibrillator: an id."""
    kind: str
    incident_id: str
    exercise: bool = False


class Notify(Protocol):
    """Sends notices; called in the transaction that decided on them, so that none is sent for nothing."""

    async def __call__(self, session: AsyncSession, notices: Sequence[Notice]) -> None: ...


@dataclass
class RememberedNotices:
    """Keeps the newest notices in memory; older ones are dropped."""

    sent: deque[Notice] = field(default_factory=lambda: deque(maxlen=1000))

    async def __call__(self, session: AsyncSession, notices: Sequence[Notice]) -> None:
        del session
        self.sent.extend(notices)


class Geocode(Protocol):
    """Finds an address that no gazetteer has. None: not found, or nobody to ask."""

    async def __call__(self, words: str) -> Point | None: ...


@dataclass(frozen=True)
class KnownAddresses:
    """Geocodes from a table, word for word."""

    table: Mapping[str, Point] = field(default_factory=dict, repr=False)

    async def __call__(self, words: str) -> Point | None:
        return self.table.get(words.casefold().strip())
