"""Calls that an operator handed over as a booking become bookings, in step with the calls' logs.

In: entries on their way to the database, whatever store keeps them. Out: the same entries kept, and for each
`call.handed_over` to a booking one in `requested`, of the call's centre and incident, with what was collected.
Invariants: the log decides; an entry sent again makes no second booking; with the database away the entry waits in the
call's log on disk, and the booking is made with it later; its correlation id is that of the command that the log names;
what cannot be booked never holds the log up.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from hashlib import sha256
from typing import Protocol

import structlog
from sqlalchemy import select

from dispatch.contract.base import CallId, CentreId
from dispatch.contract.card import FieldName
from dispatch.contract.roles import Role
from dispatch.contract.timeline import CallHandedOver, HandOverTo, TimelineEntry
from dispatch.observability.logs import correlated
from dispatch.storage import Database
from dispatch.storage.context import LEDGER, sending
from dispatch.storage.tables import BookingRow, CallRow

from .errors import UnknownServiceType
from .state import Actor, NewBooking, Scope
from .transitions import Transitions

_log = structlog.get_logger(__name__)


class Entries(Protocol):
    """Where the entries go."""

    async def append(self, entries: Sequence[TimelineEntry]) -> None: ...


class HandedOverCalls:
    """A store of entries that books what was handed over. Raises what the store raises, and StoreUnavailable."""

    def __init__(self, store: Entries, database: Database, transitions: Transitions) -> None:
        self._store = store
        self._database = database
        self._transitions = transitions

    async def append(self, entries: Sequence[TimelineEntry]) -> None:
        """Keeps the entries, then makes their bookings. Sending the same ones again is safe."""
        await self._store.append(entries)
        for entry in entries:
            if isinstance(entry.body, CallHandedOver) and entry.body.to is HandOverTo.BOOKING:
                with correlated(entry.command_id) if entry.command_id else nullcontext():
                    await self._book(entry, entry.body)

    async def _book(self, entry: TimelineEntry, body: CallHandedOver) -> None:
        """One booking a call and service, however often it is handed over."""
        async with self._database.transaction(LEDGER) as session:
            call = await session.get(CallRow, entry.call_id)
        if call is None:
            return
        new = booking_of(entry, body, call)
        async with self._database.transaction(sending(CentreId(call.centre_id))) as session:
            if await session.scalar(select(BookingRow.booking_id).where(BookingRow.booking_id == new.booking_id)):
                return
            try:
                await self._transitions.create(session, new)
            except UnknownServiceType:
                _log.error("a call was handed over to a service that this server does not have", call_id=entry.call_id)


def booking_of(entry: TimelineEntry, body: CallHandedOver, call: CallRow) -> NewBooking:
    """The booking that a handed over call asks for."""
    known = {field.name: field.value for field in body.collected}
    told = [f"{name.value.replace('_', ' ')}: {said}" for name, said in known.items() if name is not FieldName.LOCATION]
    return NewBooking(
        service_type=body.service_type or "",
        scope=Scope(centre_id=call.centre_id),
        actor=Actor(Role.OPERATOR, entry.actor.person_id),
        at=entry.at,
        incident_id=call.incident_id,
        category=call.category,
        exercise=call.exercise,
        place=known.get(FieldName.LOCATION, "")[:500],
        note="; ".join([f"call {entry.call_id}", *told])[:2000],
        booking_id=booking_id_of(entry.call_id, body.service_type or ""),
    )


def booking_id_of(call_id: CallId, service_type: str) -> str:
    """The same for the same call and service; as hard to guess as the call's id."""
    return f"b{sha256(f'{call_id} {service_type}'.encode()).hexdigest()[:20]}"
