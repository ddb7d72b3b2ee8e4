"""Carrying commands out on the real database: one transaction, nobody sent twice, the log as long as the version."""

import asyncio

import pytest
from sqlalchemy import select

from dispatch.booking import (
    BookingState,
    Command,
    Forbidden,
    NoSuchBooking,
    RememberedJobs,
    Responder,
    ResponderTaken,
    Transitions,
    Why,
)
from dispatch.contract.booking import BookingAction, BookingStatus, ResponderKind
from dispatch.storage import Context, Database, DatabaseRole
from dispatch.storage.tables import AssignmentRow, BookingEventRow, BookingRow
from tests.booking.worlds import NOON, World

pytestmark = pytest.mark.integration

A = BookingAction
S = BookingStatus


def unit(name: str) -> Responder:
    return Responder(name, ResponderKind.UNIT)


class Desk:
    """An operator who makes bookings and acts on them, each in a transaction of its own."""

    def __init__(self, database: Database, transitions: Transitions, world: World) -> None:
        self.database, self.transitions, self.world = database, transitions, world

    async def book(self, service_type: str = "ambulance", **more: object) -> BookingState:
        async with self.database.transaction(self.world.context("operator")) as session:
            return await self.transitions.create(session, self.world.booking(service_type, **more))

    async def act(self, booking: BookingState, action: A, *take: Responder, **more: object) -> BookingState:
        command = Command(booking.booking_id, action, self.world.actor("operator"), NOON, take, **more)  # type: ignore[arg-type]
        async with self.database.transaction(self.world.context("operator")) as session:
            return await self.transitions.apply(session, command)

    async def on(self, booking: BookingState) -> list[str]:
        """Who is on a booking now."""
        query = select(AssignmentRow.responder_id).where(
            AssignmentRow.booking_id == booking.booking_id, AssignmentRow.released_at.is_(None)
        )
        async with self.database.transaction(self.world.context("operator")) as session:
            return sorted(await session.scalars(query))

    async def events(self, booking: BookingState) -> list[BookingEventRow]:
        query = select(BookingEventRow).where(BookingEventRow.booking_id == booking.booking_id)
        async with self.database.transaction(self.world.context("operator")) as session:
            return list(await session.scalars(query.order_by(BookingEventRow.version)))


@pytest.fixture
def desk(database: Database, transitions: Transitions, world: World) -> Desk:
    return Desk(database, transitions, world)


async def test_an_ambulance_goes_all_the_way_and_its_log_tells_it(desk: Desk) -> None:
    booking, car = await desk.book(), unit(f"u-{desk.world.mark}")
    booking = await desk.act(booking, A.ASSIGN, car)
    assert await desk.on(booking) == [car.responder_id]
    for action in (A.DEPART, A.START, A.COMPLETE):
        booking = await desk.act(booking, action, expected_version=booking.version)
    assert (booking.status, booking.responders, await desk.on(booking)) == (S.COMPLETED, 0, [])
    events = await desk.events(booking)
    assert [event.kind for event in events] == ["created", "assign", "depart", "start", "complete"]
    assert [event.version for event in events] == list(range(1, booking.version + 1))


async def test_a_unit_on_one_booking_is_not_sent_to_another_until_it_is_free(desk: Desk) -> None:
    car = unit(f"u-{desk.world.mark}")
    first, second = await desk.book(), await desk.book()
    await desk.act(first, A.ASSIGN, car)
    with pytest.raises(ResponderTaken):
        await desk.act(second, A.ASSIGN, car)
    assert (await desk.events(second))[-1].kind == "created"
    await desk.act(first, A.CANCEL)
    assert (await desk.act(second, A.ASSIGN, car)).status is S.ASSIGNED


async def test_thirty_dispatchers_who_want_one_unit_at_once_get_it_once(desk: Desk) -> None:
    car = unit(f"u-{desk.world.mark}")
    bookings = [await desk.book() for _ in range(30)]
    results = await asyncio.gather(*(desk.act(b, A.ASSIGN, car) for b in bookings), return_exceptions=True)
    assert sum(isinstance(result, BookingState) for result in results) == 1
    assert sum(isinstance(result, ResponderTaken) for result in results) == 29


async def test_two_units_that_are_swapped_at_once_do_not_wait_for_each_other(desk: Desk) -> None:
    one, two = unit(f"a-{desk.world.mark}"), unit(f"b-{desk.world.mark}")
    first, second = await desk.book(), await desk.book()
    await desk.act(first, A.ASSIGN, one)
    await desk.act(second, A.ASSIGN, two)
    results = await asyncio.gather(
        desk.act(first, A.REASSIGN, two), desk.act(second, A.REASSIGN, one), return_exceptions=True
    )
    assert [type(result) for result in results] == [ResponderTaken, ResponderTaken]


async def test_another_unit_takes_over_and_the_first_is_free_again(desk: Desk) -> None:
    one, two = unit(f"a-{desk.world.mark}"), unit(f"b-{desk.world.mark}")
    booking = await desk.act(await desk.book(), A.ASSIGN, one)
    booking = await desk.act(await desk.act(booking, A.DEPART), A.REASSIGN, two)
    assert (booking.status, await desk.on(booking)) == (S.ASSIGNED, [two.responder_id])
    assert (await desk.act(await desk.book(), A.ASSIGN, one)).status is S.ASSIGNED


async def test_neighbours_come_together_and_leave_one_by_one(desk: Desk) -> None:
    names = [f"n{number}-{desk.world.mark}" for number in range(3)]
    booking = await desk.book("neighbor_sos")
    for name in names:
        booking = await desk.act(booking, A.ASSIGN, Responder(name, ResponderKind.NEIGHBOUR))
    booking = await desk.act(booking, A.UNASSIGN, release=(names[0],))
    assert (booking.status, await desk.on(booking)) == (S.ASSIGNED, names[1:])
    booking = await desk.act(booking, A.UNASSIGN, release=tuple(names[1:]))
    assert (booking.status, booking.responders) == (S.REQUESTED, 0)
    with pytest.raises(Forbidden):
        await desk.act(booking, A.START)


async def test_a_command_for_an_older_version_changes_nothing(desk: Desk) -> None:
    booking = await desk.book()
    await desk.act(booking, A.ASSIGN, unit(f"u-{desk.world.mark}"))
    with pytest.raises(Forbidden) as refused:
        await desk.act(booking, A.CANCEL, expected_version=booking.version)
    assert refused.value.why is Why.CHANGED_SINCE


async def test_somebody_who_is_not_on_a_booking_cannot_be_taken_off(desk: Desk) -> None:
    booking = await desk.act(await desk.book(), A.ASSIGN, unit(f"u-{desk.world.mark}"))
    with pytest.raises(Forbidden):
        await desk.act(booking, A.UNASSIGN, release=("somebody-else",))


async def test_a_booking_of_others_does_not_exist(desk: Desk, database: Database) -> None:
    booking = await desk.book()
    command = Command(booking.booking_id, A.CANCEL, desk.world.actor("resident"), NOON)
    for stranger in (
        Context(DatabaseRole.RESIDENT, desk.world.person("nurse")),
        Context(DatabaseRole.NURSE, desk.world.person("nurse"), covers=frozenset({("hospital", "elsewhere")})),
    ):
        with pytest.raises(NoSuchBooking):
            async with database.transaction(stranger) as session:
                await desk.transitions.apply(session, command)
        async with database.transaction(stranger) as session:
            assert (await session.scalars(select(BookingRow))).all() == []


async def test_every_step_starts_the_clocks_of_its_policy_once(desk: Desk, jobs: RememberedJobs) -> None:
    booking = await desk.book()
    assert sorted(job.payload["sla"] for job in jobs.of_kind("booking.sla")) == ["arrive", "send"]
    booking = await desk.act(booking, A.ASSIGN, unit(f"u-{desk.world.mark}"))
    booking = await desk.act(booking, A.ASSIGN, unit(f"v-{desk.world.mark}"))
    assert [job.payload for job in jobs.of_kind("booking.sla") if job.payload["sla"] == "depart"] == [
        {"booking_id": booking.booking_id, "sla": "depart", "version": 2}
    ]
