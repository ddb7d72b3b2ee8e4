"""Following the database: what has changed for units and incidents goes to the consoles and into the calls' logs.

In: rows of a centre that changed, events that were added, by any node, crew or timer. Out: deliveries to the consoles
of this node, entries in the logs of its calls. Invariants: an event is entered in a call's log once, also after a crash
between the two (its key is the entry's command id); a console's picture is the database's within `POLL_S`, and at once
after a command on this node. Rows are looked for from `OVERLAP` before the last look on, because a transaction may
commit after a later one; what was seen before is not told again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import TypeAdapter
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import CentreId, IncidentId, PersonId, SeatId
from dispatch.contract.dispatching import (
    Alarm,
    Board,
    IncidentChanged,
    IncidentRegrouped,
    IncidentView,
    UnitChanged,
    UnitSearchEnded,
    UnitView,
    WelfareChecked,
)
from dispatch.contract.timeline import Actor, ActorKind, TimelineBody
from dispatch.observability.clock import Clock
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import sending
from dispatch.storage.tables import DispatchEventRow, IncidentRow, UnitRow

from . import incidents, missions
from .ports import Consoles, LiveCalls

POLL_S: Final = 0.5
OVERLAP: Final = timedelta(seconds=20)
"""Longer than any transaction may last (the statement limit is 15 s)."""
FIRST_LOOK: Final = timedelta(hours=24)
"""How far back a server that has just started looks for events that its calls have not heard of."""
MOST_AT_ONCE: Final = 1000
ON_ONE_PAGE: Final = 50
"""Units or incidents in one delivery."""

BODY: Final[TypeAdapter[TimelineBody]] = TypeAdapter(TimelineBody)


@dataclass
class Picture:
    """What consoles of a centre have been told."""

    units: dict[str, UnitView] = field(default_factory=dict)
    incidents: dict[str, IncidentView] = field(default_factory=dict)
    seen: dict[int, datetime] = field(default_factory=dict)
    """Events, with their times; forgotten when they are out of every look's reach."""
    looked_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Follower:
    """Keeps the consoles and calls of this node up to date."""

    def __init__(
        self, database: Database, clock: Clock, calls: LiveCalls, consoles: Consoles,
        centres: Callable[[], Iterable[CentreId]],
    ) -> None:  # fmt: skip
        self._database = database
        self._clock = clock
        self._calls = calls
        self._consoles = consoles
        self._centres = centres
        self._pictures: dict[str, Picture] = {}

    async def run(self) -> None:
        """For ever: looks at every centre; with the database away it goes on when that is back."""
        while True:
            for centre_id in self._centres():
                try:
                    await self.look(centre_id)
                except StoreUnavailable:
                    break  # the health report says so already
            await self._clock.sleep(POLL_S)

    async def look(self, centre_id: CentreId) -> None:
        """Tells what has changed since the last look. Raises StoreUnavailable."""
        picture = self._pictures.setdefault(centre_id, Picture())
        async with picture.lock:
            now = self._clock.now()
            since = picture.looked_at - OVERLAP if picture.looked_at else None
            async with self._database.transaction(sending(centre_id)) as session:
                units = await _units(session, since)
                changed = await _incidents(session, since)
                events = await _events(session, since or now - FIRST_LOOK)
            self._tell_units(centre_id, picture, units)
            self._tell_incidents(centre_id, picture, changed)
            for event in events:
                if event.event_id not in picture.seen:
                    self._tell_event(event, fresh=since is not None)
                    picture.seen[event.event_id] = event.at
            picture.seen = {key: at for key, at in picture.seen.items() if since is None or at >= since - OVERLAP}
            picture.looked_at = now

    def board(self, centre_id: str) -> Iterator[Board]:
        """All units and open incidents of a centre, in parts."""
        picture = self._pictures.get(centre_id, Picture())
        units, open_ones = list(picture.units.values()), list(picture.incidents.values())
        for start in range(0, max(len(units), len(open_ones), 1), ON_ONE_PAGE):
            part = slice(start, start + ON_ONE_PAGE)
            yield Board(units=tuple(units[part]), incidents=tuple(open_ones[part]))

    def _tell_units(self, centre_id: str, picture: Picture, rows: Iterable[UnitRow]) -> None:
        for view in map(missions.view_of, rows):
            known = picture.units.get(view.unit_id)
            if not view.withdrawn and known != view:
                picture.units[view.unit_id] = view
                self._consoles.tell_centre(centre_id, UnitChanged(unit=view))
            elif view.withdrawn and known is not None:
                del picture.units[view.unit_id]
                self._consoles.tell_centre(centre_id, UnitChanged(unit=view))

    def _tell_incidents(self, centre_id: str, picture: Picture, rows: Iterable[IncidentRow]) -> None:
        for row in rows:
            view, known = incidents.view_of(row), picture.incidents.get(row.incident_id)
            if view.closed_at is None and known != view:
                picture.incidents[view.incident_id] = view
                self._consoles.tell_centre(centre_id, IncidentChanged(incident=view))
            elif view.closed_at is not None and known is not None:
                del picture.incidents[view.incident_id]
                self._consoles.tell_centre(centre_id, IncidentChanged(incident=view))

    def _tell_event(self, event: DispatchEventRow, *, fresh: bool) -> None:
        body = BODY.validate_python(event.body)
        for call_id in self._concerned(event, body):
            self._calls.enter(call_id, body, _actor(event), event.command_id or f"event-{event.event_id}")
        if not fresh or event.incident_id is None:
            return
        code = _alarm_of(body)
        if code:
            alarm = Alarm(code=code, incident_id=IncidentId(event.incident_id), at=event.at)
            self._consoles.tell_centre(event.centre_id, alarm, supervisors=True)

    def _concerned(self, event: DispatchEventRow, body: TimelineBody) -> set[str]:
        """The calls that an event is about."""
        if isinstance(body, IncidentRegrouped):
            behind = {call.call_id for call in self._calls.of_incident(body.before)} if body.how == "merged" else set()
            return {*event.detail.get("calls", ()), *behind}
        if event.call_id:
            return {event.call_id}
        return {call.call_id for call in self._calls.of_incident(event.incident_id or "")}


def _alarm_of(body: TimelineBody) -> Literal["no_unit_left", "welfare_overdue"] | None:
    """What the supervisors must hear of at once."""
    match body:
        case UnitSearchEnded(outcome="exhausted"):
            return "no_unit_left"
        case WelfareChecked(outcome="due"):
            return "welfare_overdue"
    return None


def _actor(event: DispatchEventRow) -> Actor:
    if event.actor_person_id is None:
        return Actor(kind=ActorKind.SYSTEM)
    seat = SeatId(event.seat_id) if event.seat_id else None
    kind = ActorKind.OPERATOR if seat else ActorKind.SYSTEM
    return Actor(kind=kind, person_id=PersonId(event.actor_person_id), seat_id=seat)


async def _units(session: AsyncSession, since: datetime | None) -> list[UnitRow]:
    query = select(UnitRow) if since is None else select(UnitRow).where(UnitRow.changed_at >= since)
    return list(await session.scalars(query))


async def _incidents(session: AsyncSession, since: datetime | None) -> list[IncidentRow]:
    query = select(IncidentRow).order_by(IncidentRow.changed_at.desc()).limit(MOST_AT_ONCE)
    if since is None:
        query = query.where(IncidentRow.closed_at.is_(None))
    else:
        query = query.where(or_(IncidentRow.changed_at >= since, IncidentRow.opened_at >= since))
    return list(await session.scalars(query))


async def _events(session: AsyncSession, since: datetime) -> list[DispatchEventRow]:
    query = select(DispatchEventRow).where(DispatchEventRow.at >= since)
    rows = await session.scalars(query.order_by(DispatchEventRow.event_id.desc()).limit(MOST_AT_ONCE))
    return list(reversed(rows.all()))
