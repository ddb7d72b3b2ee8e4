"""Appointments on the real database: moving, waiting fairly, clocks that look at the log, an outbox without gaps."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.booking import Bookings, BookingState, Command, RememberedJobs, SlotTaken, read_catalogue
from dispatch.booking.calendars import KEPT_S, Calendars, Known
from dispatch.booking.errors import NoSuchSlot
from dispatch.booking.outbox import end_of_outbox, place_of, read_outbox
from dispatch.booking.slots import match_job
from dispatch.contract.booking import BookingAction
from dispatch.jobs import Job, JobId, NewJob, Priority
from dispatch.observability.clock import VirtualClock
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY, WORKER
from dispatch.storage.tables import BookingEventRow, BookingRow, CalendarRow
from tests.booking.worlds import NOON, World

pytestmark = pytest.mark.integration

A = BookingAction
NINE = datetime(2026, 3, 9, 9, tzinfo=NOON.tzinfo)


def claimed(job: NewJob) -> Job:
    """A job as a worker holds it."""
    return Job(
        JobId(1), job.kind, job.idempotency_key, job.payload, None, Priority.NORMAL, "worker", None, "c", False, 1, 1
    )


class Practice:
    """A practice with one calendar: three slots every Monday morning."""

    def __init__(self, database: Database, world: World, jobs: RememberedJobs) -> None:
        self.database, self.world, self.jobs = database, world, jobs
        self.clock = VirtualClock(NOON)
        self.bookings = Bookings(read_catalogue(), jobs, self.clock)
        self.calendar = world.id_of("calendar")

    async def opens(self) -> None:
        async with self.database.transaction(REGISTRY) as session:
            session.add(
                CalendarRow(
                    calendar_id=self.calendar, hospital_id=self.world.id_of("hospital"), label="L", zone="UTC",
                    service_types=["routine_checkup"], hours={"monday": [["09:00", "10:30"]]},
                )
            )  # fmt: skip

    async def book(self, starts_at: datetime) -> BookingState:
        async with self.database.transaction(self.world.context("resident")) as session:
            new = replace(self.world.booking("routine_checkup"), actor=self.world.actor("resident"))
            return await self.bookings.appointments.book(session, new, self.calendar, starts_at)

    async def wait(self) -> BookingState:
        async with self.database.transaction(self.world.context("resident")) as session:
            new, day = (
                replace(self.world.booking("routine_checkup"), actor=self.world.actor("resident")),
                timedelta(days=1),
            )
            return await self.bookings.appointments.wait(session, new, self.calendar, NINE - day, NINE + day)

    async def command(self, booking: BookingState, action: A) -> BookingState:
        command = Command(booking.booking_id, action, self.world.actor("resident"), NOON)
        async with self.database.transaction(self.world.context("resident")) as session:
            return await self.bookings.transitions.apply(session, command)

    async def move(self, booking: BookingState, starts_at: datetime) -> BookingState:
        command = Command(booking.booking_id, A.RESCHEDULE, self.world.actor("resident"), NOON)
        async with self.database.transaction(self.world.context("resident")) as session:
            return await self.bookings.appointments.reschedule(session, command, self.calendar, starts_at)

    async def worker_runs(self) -> None:
        """What was asked for later, done now."""
        for job in self.jobs.of_kind("booking.match_waiting"):
            del self.jobs.jobs[job.kind, job.idempotency_key]
            async with self.database.transaction(WORKER) as session:
                await self.bookings.appointments.match_waiting(claimed(job), session)

    async def starts_at(self, booking: BookingState) -> datetime | None:
        async with self.database.transaction(WORKER) as session:
            query = select(BookingRow.starts_at).where(BookingRow.booking_id == booking.booking_id)
            return await session.scalar(query)


@pytest.fixture
async def practice(database: Database, world: World, jobs: RememberedJobs) -> Practice:
    made = Practice(database, world, jobs)
    await made.opens()
    return made


async def test_a_booking_moves_to_another_slot_and_the_old_one_can_be_had_again(practice: Practice) -> None:
    booking = await practice.book(NINE)
    with pytest.raises(SlotTaken):
        await practice.book(NINE)
    later = NINE + timedelta(minutes=30)
    assert (await practice.move(booking, later)).starts_at == later
    await practice.worker_runs()
    assert (await practice.book(NINE)).starts_at == NINE
    with pytest.raises(SlotTaken):
        await practice.move(booking, NINE)
    assert await practice.starts_at(booking) == later


async def test_who_waits_longest_is_given_a_freed_slot_before_anybody_else_can_take_it(practice: Practice) -> None:
    slots = [NINE + timedelta(minutes=30 * number) for number in range(3)]
    held = [await practice.book(slot) for slot in slots]
    first, second = await practice.wait(), await practice.wait()
    await practice.worker_runs()
    assert (await practice.starts_at(first), await practice.starts_at(second)) == (None, None)
    await practice.command(held[1], A.CANCEL)
    with pytest.raises(SlotTaken):
        await practice.book(slots[1])
    await practice.worker_runs()
    assert (await practice.starts_at(first), await practice.starts_at(second)) == (slots[1], None)
    await practice.command(second, A.CANCEL)
    await practice.command(held[0], A.CANCEL)
    await practice.worker_runs()
    assert (await practice.book(slots[0])).starts_at == slots[0]


async def test_whatever_comes_at_once_freed_slots_go_to_those_who_waited_longest(practice: Practice) -> None:
    slots = [NINE + timedelta(minutes=30 * number) for number in range(3)]
    held = [await practice.book(slot) for slot in slots]
    waiting = [await practice.wait() for _ in range(4)]
    await practice.worker_runs()
    cancels = [practice.command(booking, A.CANCEL) for booking in held]
    others = [practice.book(slot) for slot in slots for _ in range(3)]
    outcomes = await asyncio.gather(*cancels, *others, practice.worker_runs(), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[3:12]] == [SlotTaken] * 9
    again = match_job(practice.calendar, practice.world.id_of("hospital"), "what a busy row held up")
    practice.jobs.jobs[again.kind, again.idempotency_key] = again
    await practice.worker_runs()
    assert sorted(filter(None, [await practice.starts_at(one) for one in waiting[:3]])) == slots
    assert await practice.starts_at(waiting[3]) is None


async def test_hours_that_a_hospital_has_just_changed_count_at_once(practice: Practice) -> None:
    await practice.book(NINE)
    async with practice.database.transaction(REGISTRY) as session:
        row = await session.get_one(CalendarRow, practice.calendar)
        row.hours = {"monday": [["09:30", "10:00"], ["15:00", "15:30"]]}
    with pytest.raises(NoSuchSlot):
        await practice.book(NINE + timedelta(minutes=60))
    assert (await practice.book(NINE + timedelta(hours=6))).starts_at == NINE + timedelta(hours=6)


async def test_of_many_who_come_after_a_while_one_reads_the_calendar_again(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await practice.book(NINE)
    read, times = Calendars._read, []

    async def counted(calendars: Calendars, session: AsyncSession, calendar_id: str) -> Known:
        times.append(calendar_id)
        return await read(calendars, session, calendar_id)

    monkeypatch.setattr(Calendars, "_read", counted)
    await practice.clock.advance(KEPT_S + 1)
    results = await asyncio.gather(*(practice.book(NINE) for _ in range(8)), return_exceptions=True)
    assert [type(result) for result in results] == [SlotTaken] * 8
    assert times == [practice.calendar]


async def test_who_begins_to_wait_while_a_slot_is_free_gets_it(practice: Practice) -> None:
    waiting = await practice.wait()
    assert practice.jobs.of_kind("booking.sla") == []
    await practice.worker_runs()
    assert await practice.starts_at(waiting) == NINE
    assert len(practice.jobs.of_kind("booking.sla")) == 1


async def test_a_clock_that_fires_writes_a_breach_once_and_none_for_a_promise_that_was_kept(practice: Practice) -> None:
    late, kept = await practice.book(NINE), await practice.book(NINE + timedelta(minutes=30))
    await practice.command(kept, A.CANCEL)
    for job in practice.jobs.of_kind("booking.sla"):
        for _ in range(2):
            async with practice.database.transaction(WORKER) as session:
                await practice.bookings.clocks.check(claimed(job), session)
    async with practice.database.transaction(WORKER) as session:
        query = select(BookingEventRow.booking_id, BookingEventRow.detail).where(
            BookingEventRow.kind == "sla_breached",
            BookingEventRow.booking_id.in_([late.booking_id, kept.booking_id]),
        )
        assert (await session.execute(query)).all() == [(late.booking_id, {"sla": "confirm", "since": 1})]


async def test_the_outbox_waits_for_a_transaction_that_began_earlier_and_misses_nothing(practice: Practice) -> None:
    async with practice.database.transaction(WORKER) as session:
        start = await end_of_outbox(session)
    slow = practice.database.transaction(practice.world.context("operator"))
    session = await slow.__aenter__()
    early = await practice.bookings.transitions.create(session, practice.world.booking())
    quick = await practice.book(NINE)
    async with practice.database.transaction(WORKER) as reader:
        assert quick.booking_id not in [event.booking_id for event in await read_outbox(reader, start)]
    await slow.__aexit__(None, None, None)
    async with practice.database.transaction(WORKER) as reader:
        events = await read_outbox(reader, start)
    ours = [event.booking_id for event in events if event.booking_id in (early.booking_id, quick.booking_id)]
    assert sorted(ours) == sorted([early.booking_id, quick.booking_id])
    async with practice.database.transaction(WORKER) as reader:
        assert await read_outbox(reader, place_of(events[-1])) == []
