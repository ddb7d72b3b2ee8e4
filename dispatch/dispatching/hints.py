"""What an operator is shown without asking: what is known of a ringing number, and the places that a card may mean.

In: calls that ring or are opened, new cards. Out: `Known` and `PlacesHeard` to the consoles of that call. Invariants: a
call never waits for a hint; a hint that cannot be had is left out; only the call's own centre's communities are looked
at; a location that has not changed is not matched again; a call that is shown at hundreds of seats at once is looked up
once, and each of them is told once; matching runs beside the event loop, because a large gazetteer takes tens of
milliseconds.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from dispatch.contract.base import CallId, SeatId
from dispatch.contract.dispatching import Known, PlacesHeard
from dispatch.observability.clock import Clock
from dispatch.storage import Database, StorageError
from dispatch.storage.context import sending
from dispatch.storage.tables import IncidentRow, PlaceRow

from .matching import Gazetteer
from .places import candidates, gazetteer_of, known_of, places_in_use
from .ports import CallFacts, Consoles, LiveCalls

FRESH_S: Final = 60.0
"""How long a gazetteer is kept before it is read again."""
REMEMBERED: Final = 2000
"""Calls whose last location is known; the oldest is forgotten first, and then matched once more."""

Start = Callable[[str, Coroutine[Any, Any, None]], object]


@dataclass(frozen=True)
class _Loaded:
    rows: tuple[PlaceRow, ...]
    gazetteer: Gazetteer
    at_s: float


class Hints:
    """Looks things up beside the calls. `start` runs a named coroutine in the background."""

    def __init__(self, database: Database, clock: Clock, calls: LiveCalls, consoles: Consoles, start: Start) -> None:
        self._database = database
        self._clock = clock
        self._calls = calls
        self._consoles = consoles
        self._start = start
        self._locations: OrderedDict[str, str] = OrderedDict()
        self._loaded: dict[str, _Loaded] = {}
        self._untold: dict[str, set[SeatId]] = {}
        """Seats that a running look-up will tell; as many calls as are looked up at present."""

    def shown(self, call_id: CallId, seats: Collection[SeatId]) -> None:
        """A call rings at seats, or a console opens it, maybe long after others: they are told what those were told."""
        under_way = call_id in self._untold
        call = self._calls.find(call_id)
        if call is None:
            return
        self._untold.setdefault(call_id, set()).update(seats)
        if not under_way:
            self._start("known", self._tell_shown(call))

    def location_heard(self, call_id: CallId, location: str) -> None:
        """A card has a location."""
        if not location or self._locations.get(call_id) == location:
            return
        self._locations[call_id] = location
        self._locations.move_to_end(call_id)
        if len(self._locations) > REMEMBERED:
            self._locations.popitem(last=False)
        if call := self._calls.find(call_id):
            self._start("places heard", self._tell_places(call, location))

    async def _tell_shown(self, call: CallFacts) -> None:
        """To the seats that have come while it was looked up."""
        found: list[Known | PlacesHeard] = []
        try:
            with contextlib.suppress(StorageError):
                found.append(await self._known(call))
            if call.location:
                with contextlib.suppress(StorageError):
                    found.append(await self._heard(call, call.location))
        finally:
            seats = self._untold.pop(call.call_id, set())
        for hint in found:
            self._consoles.tell_seats(seats, hint)

    async def _tell_places(self, call: CallFacts, location: str) -> None:
        with contextlib.suppress(StorageError):
            self._consoles.tell_call(call.call_id, await self._heard(call, location))

    async def _known(self, call: CallFacts) -> Known:
        async with self._database.transaction(sending(call.centre_id)) as session:
            incident = await session.get(IncidentRow, call.incident_id)
            return await known_of(session, call.call_id, call.phone, incident.place_id if incident else None)

    async def _heard(self, call: CallFacts, location: str) -> PlacesHeard:
        loaded = await self._gazetteer(call)
        found = await asyncio.to_thread(candidates, loaded.rows, loaded.gazetteer, location)
        return PlacesHeard(call_id=call.call_id, candidates=found)

    async def _gazetteer(self, call: CallFacts) -> _Loaded:
        known = self._loaded.get(call.centre_id)
        if known and self._clock.monotonic() - known.at_s < FRESH_S:
            return known
        async with self._database.transaction(sending(call.centre_id)) as session:
            rows = tuple(await places_in_use(session))
        loaded = _Loaded(rows, await asyncio.to_thread(gazetteer_of, rows), self._clock.monotonic())
        self._loaded[call.centre_id] = loaded
        return loaded
