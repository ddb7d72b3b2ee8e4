"""Appointments: booking a slot, moving it, waiting for one.

In: the session of whoever acts. Out: bookings with a slot, or on the waiting list. Invariants: a slot has one booking;
it lies within the calendar's opening hours, on its grid; whoever has waited longest is given the first free slot that
suits them, before anybody else can take one that was given back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.booking import BookingAction, BookingStatus, ResponderKind
from dispatch.jobs import Job
from dispatch.observability.clock import Clock
from dispatch.storage.tables import SlotRow, WaitingRow

from .calendars import Calendar, Calendars, read_calendar, rules_of
from .errors import NoSuchCalendar, NoSuchSlot
from .hours import Slot, bookable, free
from .lifecycle import Responder
from .policy import DispatchRule, ServicePolicy, Slots
from .ports import EnqueueJob
from .slots import (
    calendar_of,
    give_back,
    lock_calendars,
    match_job,
    release_slots,
    take_known_slot,
    take_slot,
)
from .state import Actor, BookingState, Command, NewBooking, lock
from .transitions import Transitions

SERVER: Final = Actor("server")
MOST_WAITING: Final = 200
"""Looked at in one go; whoever stands behind them is not before them anyway."""


class Appointments:
    """Books, moves and waits; what it does is committed, or not, by the caller's transaction."""

    def __init__(self, transitions: Transitions, enqueue: EnqueueJob, clock: Clock) -> None:
        self._transitions = transitions
        self._enqueue = enqueue
        self._clock = clock
        self._calendars = Calendars(clock)

    async def book(self, session: AsyncSession, new: NewBooking, calendar_id: str, starts_at: datetime) -> BookingState:
        """Books a slot. Raises NoSuchCalendar, NoSuchSlot, SlotTaken, UnknownServiceType."""
        policy = self._transitions.catalogue.current(new.service_type)
        calendar, slot = await self._take(session, new, rules_of(policy), calendar_id, starts_at)
        scope = replace(new.scope, hospital_id=calendar.hospital_id)
        new = replace(new, scope=scope, starts_at=slot.starts_at, ends_at=slot.ends_at)
        state = await self._transitions.create(session, new)
        return await self._send_owner(session, policy, calendar, state, new.at)

    async def _take(
        self, session: AsyncSession, new: NewBooking, rules: Slots, calendar_id: str, starts_at: datetime
    ) -> tuple[Calendar, Slot]:
        """Takes a slot by the calendar as it is kept here, and where that was not true any more, as it is now."""
        for fresh in (False, True):
            try:
                known = await self._calendars.find(session, calendar_id, new.service_type, fresh=fresh)
                slot = known.calendar.slot_at(rules, starts_at, new.at)
            except (NoSuchCalendar, NoSuchSlot):
                if fresh:
                    raise
                continue
            if await take_known_slot(session, known, slot, new):
                return known.calendar, slot
        raise NoSuchCalendar("There is no such calendar for this service.")

    async def wait(
        self, session: AsyncSession, new: NewBooking, calendar_id: str, earliest: datetime, latest: datetime
    ) -> BookingState:
        """Makes a booking that gets the first slot within a window that is free, in the order of asking.

        Raises NoSuchCalendar, NoSuchSlot, UnknownServiceType.
        """
        policy = self._transitions.catalogue.current(new.service_type)
        calendar = await read_calendar(session, calendar_id, new.service_type)
        if not rules_of(policy).waiting_list:
            raise NoSuchSlot("Nobody waits for this service.")
        new = replace(new, scope=replace(new.scope, hospital_id=calendar.hospital_id))
        state = await self._transitions.create(session, new, waiting=True)
        values = {"calendar_id": calendar_id, "earliest": earliest, "latest": latest, **vars(state.scope)}
        await session.execute(insert(WaitingRow).values(booking_id=state.booking_id, **values).inline())
        await self._enqueue(session, match_job(calendar_id, calendar.hospital_id, f"{state.booking_id}:1"))
        return state

    async def reschedule(
        self, session: AsyncSession, command: Command, calendar_id: str, starts_at: datetime
    ) -> BookingState:
        """Moves a booking to another slot; whoever was to serve it is free again.

        Raises NoSuchBooking, Forbidden, NoSuchCalendar, NoSuchSlot, SlotTaken.
        """
        before = await lock(session, command.booking_id)
        policy = self._transitions.catalogue.of(before.service_type, before.policy_version)
        calendar = await read_calendar(session, calendar_id, before.service_type)
        if calendar.hospital_id != before.scope.hospital_id:
            raise NoSuchCalendar("This calendar belongs to another hospital; book there anew.")
        slot = calendar.slot_at(rules_of(policy), starts_at, command.at)
        now_in = await calendar_of(session, before.booking_id)
        await lock_calendars(session, calendar_id, now_in or calendar_id)
        moved = replace(command, starts_at=slot.starts_at, ends_at=slot.ends_at)
        state = await self._transitions.apply(session, moved)
        if job := await give_back(session, state, command.at, slot if now_in == calendar_id else None):
            await self._enqueue(session, job)
        await take_slot(session, calendar_id, calendar.hospital_id, slot, state.booking_id, state.scope)
        return await self._send_owner(session, policy, calendar, state, command.at)

    async def _send_owner(
        self, session: AsyncSession, policy: ServicePolicy, calendar: Calendar, state: BookingState, at: datetime
    ) -> BookingState:
        if policy.dispatcher.rule is not DispatchRule.SLOT_OWNER or calendar.staff_id is None:
            return state
        owner = Responder(calendar.staff_id, ResponderKind.STAFF)
        return await self._transitions.apply(
            session, Command(state.booking_id, BookingAction.ASSIGN, SERVER, at, take=(owner,))
        )

    async def match_waiting(self, job: Job, session: AsyncSession) -> None:
        """Gives the free slots of a calendar to those who wait, the first come first; then opens what is left.

        Carried out by a worker. A booking that somebody is acting on right now makes it fail, to be tried again.
        """
        calendar_id, now = str(job.payload["calendar_id"]), self._clock.now()
        await lock_calendars(session, calendar_id)
        held = list(await session.scalars(coming_slots(calendar_id, now)))
        taken = [bounds(row) for row in held if row.freed_at is None]
        freed = {row.slot_id: bounds(row) for row in held if row.freed_at is not None}
        for waiting in await session.scalars(still_waiting(calendar_id)):
            state = await self._give_slot(session, waiting, taken, freed, now)
            if state is not None:
                taken.append(state)
        await release_slots(session, now, list(freed))

    async def _give_slot(
        self, session: AsyncSession, waiting: WaitingRow, taken: Sequence[tuple[datetime, datetime]],
        freed: dict[int, tuple[datetime, datetime]], now: datetime,
    ) -> tuple[datetime, datetime] | None:  # fmt: skip
        booking = await lock(session, waiting.booking_id, nowait=True)
        policy = self._transitions.catalogue.of(booking.service_type, booking.policy_version)
        calendar = await read_calendar(session, waiting.calendar_id, booking.service_type)
        earliest, latest = bookable(rules_of(policy), now)
        window = max(earliest, waiting.earliest), min(latest, waiting.latest)
        slot = next(free(calendar.slots(rules_of(policy), *window), taken), None)
        if slot is None or booking.status is not BookingStatus.REQUESTED:
            return None
        in_the_way = [slot_id for slot_id, (start, end) in freed.items() if slot.meets(start, end)]
        await release_slots(session, now, in_the_way)
        for slot_id in in_the_way:
            del freed[slot_id]
        command = Command(
            booking.booking_id, BookingAction.RESCHEDULE, SERVER, now, reason="waiting_list",
            starts_at=slot.starts_at, ends_at=slot.ends_at,
        )  # fmt: skip
        state = await self._transitions.apply(session, command)
        await give_back(session, state, now)
        await take_slot(session, calendar.calendar_id, calendar.hospital_id, slot, state.booking_id, state.scope)
        await self._send_owner(session, policy, calendar, state, now)
        return slot.starts_at, slot.until


def coming_slots(calendar_id: str, now: datetime) -> Select[SlotRow]:
    """What is taken or kept in a calendar from now on."""
    return select(SlotRow).where(
        SlotRow.calendar_id == calendar_id, SlotRow.released_at.is_(None), func.upper(SlotRow.during) > now
    )


def bounds(row: SlotRow) -> tuple[datetime, datetime]:
    """From when to when a slot takes its calendar."""
    start, end = row.during.lower, row.during.upper
    assert start is not None
    assert end is not None
    return start, end


def still_waiting(calendar_id: str) -> Select[WaitingRow]:
    """Who waits for a slot of a calendar, the first come first."""
    return (
        select(WaitingRow)
        .where(WaitingRow.calendar_id == calendar_id, WaitingRow.ended_at.is_(None))
        .order_by(WaitingRow.waiting_id)
        .limit(MOST_WAITING)
    )
