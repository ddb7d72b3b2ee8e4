"""Timers: unanswered offers, call-backs that are due, incidents whose calls are all closed, words to be forgotten.

In: rows that say when they are due. Out: deeds of the server itself. Invariants: what is due stands in the database, so
that a crash delays it and loses nothing; each is looked at again under its lock before anything is done, so that two
servers do it once.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ARRAY, ColumnElement, Text, cast, exists, select, update
from sqlalchemy.dialects.postgresql import array

from dispatch.contract.base import CentreId
from dispatch.contract.console import CallState
from dispatch.contract.dispatching import IncidentOrigin, WelfareChecked
from dispatch.observability.clock import Clock
from dispatch.observability.logs import correlated
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import sending
from dispatch.storage.tables import BookingRow, CallRow, DispatchEventRow, IncidentRow, UnitRow, UnitSearchRow

from .deeds import Deed
from .following import FIRST_LOOK
from .ports import Commander
from .searches import OPEN, Searches
from .welfare import next_due_at

EVERY_S: Final = 1.0
FORGET_EVERY_S: Final = 600.0
KEPT: Final = 2 * FIRST_LOOK
"""How long an event keeps its words: longer than a server that starts looks back."""
REACH: Final = timedelta(days=60)
"""How long all servers may be off without words being left behind."""
EVENT_WORDS: Final = ("reason", "label", "latitude", "longitude")
"""The fields of an event's body that a person wrote, or that say where somebody is."""
AT_ONCE: Final = 50
SERVER: Final = "server"
SETTLED: Final = timedelta(seconds=10)
"""An incident that just changed is not closed behind somebody's back."""


@dataclass(frozen=True)
class Timers:
    """Carries out what is due."""

    database: Database
    clock: Clock
    searches: Searches
    centres: Callable[[], Iterable[CentreId]]

    async def run(self) -> None:
        """For ever."""
        forgot_at = self.clock.monotonic() - FORGET_EVERY_S
        while True:
            forgetting = self.clock.monotonic() - forgot_at >= FORGET_EVERY_S
            for centre_id in self.centres():
                try:
                    await self.carry_out(centre_id)
                    if forgetting:
                        await self.forget(centre_id)
                except StoreUnavailable:
                    break
            forgot_at = self.clock.monotonic() if forgetting else forgot_at
            await self.clock.sleep(EVERY_S)

    async def forget(self, centre_id: CentreId) -> None:
        """Takes people's words out of old events: by then they are in the calls' logs, sealed. Ids and times stay."""
        words = cast(array(EVENT_WORDS), ARRAY(Text))
        old = self.clock.now() - KEPT
        event = DispatchEventRow
        where = (event.centre_id == centre_id, event.at < old, event.at > old - REACH, event.body.has_any(words))
        async with self.database.transaction(sending(centre_id)) as session:
            await session.execute(update(event).where(*where).values(body=event.body.op("-")(words)))

    async def carry_out(self, centre_id: CentreId) -> int:
        """Everything of a centre that is due; how much that was. Raises StoreUnavailable."""
        async with self.database.transaction(sending(centre_id)) as session:
            now = self.clock.now()
            due = select(UnitSearchRow.incident_id).where(UnitSearchRow.state == OPEN, UnitSearchRow.due_at <= now)
            waiting = select(IncidentRow.incident_id).where(
                IncidentRow.closed_at.is_(None), IncidentRow.welfare_due_at <= now
            )
            over = select(IncidentRow.incident_id).where(IncidentRow.closed_at.is_(None), _left_alone())
            found = {
                incident_id
                for query in (due, waiting, over.where(IncidentRow.changed_at <= now - SETTLED))
                for incident_id in await session.scalars(query.limit(AT_ONCE))
            }
        for incident_id in sorted(found):
            await self._look_at(centre_id, incident_id)
        return len(found)

    async def _look_at(self, centre_id: CentreId, incident_id: str) -> None:
        """Whatever of an incident is due, decided again under its lock. One that is being worked on waits."""
        async with self.database.transaction(sending(centre_id)) as session:
            query = select(IncidentRow).where(IncidentRow.incident_id == incident_id)
            incident = await session.scalar(query.with_for_update(skip_locked=True))
            if incident is None:
                return
            deed = Deed(session, Commander(centre_id, SERVER), self.clock.now())
            searches = await self.searches.of_incident(deed, incident_id)
            if incident.closed_at is not None:
                await self.searches.withdraw(deed, searches)
                return
            if await session.scalar(query.with_only_columns(IncidentRow.incident_id).where(_left_alone())):
                await self.searches.withdraw(deed, searches)
                await self.searches.missions.close(deed, incident, "")
                return
            for search in searches:
                if search.due_at <= deed.at:
                    with correlated(search.correlation_id) if search.correlation_id else nullcontext():
                        await self.searches.advance(deed, incident, search)
            if incident.welfare_due_at is not None and incident.welfare_due_at <= deed.at:
                incident.welfare_due_at = next_due_at(incident.category, deed.at)
                deed.touch(incident)
                body = WelfareChecked(outcome="due", next_due_at=incident.welfare_due_at)
                await deed.log(body, incident_id=incident_id)


def _left_alone() -> ColumnElement[bool]:
    """All calls of the incident are closed, or the bookings for which it was opened, and no unit is on it."""
    call = select(CallRow.call_id).where(CallRow.incident_id == IncidentRow.incident_id)
    unit = select(UnitRow.unit_id).where(UnitRow.incident_id == IncidentRow.incident_id)
    booking = select(BookingRow.booking_id).where(
        BookingRow.incident_id == IncidentRow.incident_id, BookingRow.closed_at.is_(None)
    )
    for_a_booking = (IncidentRow.origin == IncidentOrigin.BOOKING) & ~exists(booking)
    calls_closed = exists(call) & ~exists(call.where(CallRow.state != CallState.CLOSED))
    return (calls_closed | (for_a_booking & ~exists(call))) & ~exists(unit)
