"""Contenders for one unit and for one slot, round after round, in a database full of bookings.

In every round all contenders, each with a booking of their own, want the same new unit at once; then all want the same
new slot. One of them may win. `p99_ms` is the whole time of a contender, winner or loser, from asking to the answer;
`wait_p99_ms` is the part of it that passes before one of the pool's connections is theirs. Deadlocks are those that
PostgreSQL counted.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.booking import (
    Actor,
    Bookings,
    Command,
    NewBooking,
    Responder,
    ResponderTaken,
    Scope,
    SlotTaken,
    read_catalogue,
)
from dispatch.contract.booking import BookingAction, ResponderKind
from dispatch.jobs import enqueue
from dispatch.observability.clock import SystemClock
from dispatch.observability.heap import settle_heap
from dispatch.storage import Context

from ._booking_world import CENTRE, DISPATCHER, RESIDENT, BookingWorld, booking_world

CALENDAR = """
    INSERT INTO calendar (calendar_id, hospital_id, label, service_types, zone, hours)
    VALUES ('bench', 'demo-hospital', 'Bench', '{blood_test}', 'UTC',
            '{"monday": [["00:00", "24:00"]], "tuesday": [["00:00", "24:00"]], "wednesday": [["00:00", "24:00"]],
              "thursday": [["00:00", "24:00"]], "friday": [["00:00", "24:00"]], "saturday": [["00:00", "24:00"]],
              "sunday": [["00:00", "24:00"]]}')
"""
TWICE = """
    SELECT (SELECT count(*) - count(DISTINCT responder_id) FROM assignment WHERE released_at IS NULL)
         + (SELECT count(*) - count(DISTINCT (calendar_id, lower(during))) FROM slot WHERE released_at IS NULL)
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
SLOT_EVERY = timedelta(minutes=45)
"""A blood test is 15 minutes, with a pause of 30."""

Deed = Callable[[AsyncSession], Awaitable[object]]


@dataclass
class Race:
    """What contenders met."""

    done_ms: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    winners: int = 0
    refused: int = 0

    def figures(self) -> dict[str, object]:
        return {
            "winners": self.winners,
            "refused": self.refused,
            "p50_ms": quantile(self.done_ms, 0.50),
            "p99_ms": quantile(self.done_ms, 0.99),
            "max_ms": round(max(self.done_ms), 1),
            "wait_p99_ms": quantile(self.waited_ms, 0.99),
        }


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    return [
        click.Option(["--rows"], type=click.IntRange(0), default=1_000_000, show_default=True, help="Bookings stored."),
        click.Option(["--contenders"], type=click.IntRange(2), default=30, show_default=True, help="At once."),
        click.Option(["--rounds"], type=click.IntRange(1), default=50, show_default=True, help="Of each kind."),
    ]


def run(rows: int, contenders: int, rounds: int) -> dict[str, object]:
    """Fill a database and let them contend; see the module's docstring."""
    return asyncio.run(_run(rows, contenders, rounds))


async def _run(rows: int, contenders: int, rounds: int) -> dict[str, object]:
    print(f"storing {rows} bookings ...", file=sys.stderr)
    async with booking_world(rows) as world:
        await world.superuser(CALENDAR)
        bookings = Bookings(read_catalogue(), enqueue, SystemClock())
        units, slots = Race(), Race()
        settle_heap()  # as every process of ours does before it serves
        for number in range(-1, rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            warm_up = number < 0
            await compete(world, DISPATCHER, await sending(world, bookings, contenders, number), units, warm_up)
            await compete(world, RESIDENT, asking(bookings, contenders, number), slots, warm_up)
        return {
            "rows": await world.superuser("SELECT count(*) FROM booking"),
            "contenders": contenders,
            "rounds": rounds,
            "double_assignments": await world.superuser(TWICE),
            "deadlocks": await world.superuser(DEADLOCKS),
            "p99_ms": max(quantile(race.done_ms, 0.99) for race in (units, slots)),
            "unit": units.figures(),
            "slot": slots.figures(),
        }


async def sending(world: BookingWorld, bookings: Bookings, contenders: int, number: int) -> list[Deed]:
    """Everybody wants one unit for a booking of their own."""
    now, actor = datetime.now(UTC), Actor("server")
    async with world.database.transaction(DISPATCHER) as session:
        wanted = [NewBooking("ambulance", Scope(centre_id=CENTRE), actor, now) for _ in range(contenders)]
        made = [await bookings.transitions.create(session, new) for new in wanted]
    unit = (Responder(f"round-{number}", ResponderKind.UNIT),)
    commands = [Command(one.booking_id, BookingAction.ASSIGN, actor, now, take=unit) for one in made]
    return [lambda session, one=one: bookings.transitions.apply(session, one) for one in commands]


def asking(bookings: Bookings, contenders: int, number: int) -> list[Deed]:
    """Everybody wants one slot."""
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
    day, place = divmod(number + 1, 32)
    starts_at = midnight + timedelta(days=day) + place * SLOT_EVERY
    scope = Scope("demo-resident", "demo-community")
    wanted = [NewBooking("blood_test", scope, Actor("resident", "demo-resident"), now) for _ in range(contenders)]
    return [lambda session, new=new: bookings.appointments.book(session, new, "bench", starts_at) for new in wanted]


async def compete(world: BookingWorld, context: Context, deeds: Sequence[Deed], race: Race, warm_up: bool) -> None:
    """All at once."""
    into = Race() if warm_up else race
    await asyncio.gather(*(contend(world, context, deed, into) for deed in deeds))


async def contend(world: BookingWorld, context: Context, deed: Deed, race: Race) -> None:
    """One contender."""
    asked = began = time.perf_counter()
    try:
        async with world.database.transaction(context) as session:
            began = time.perf_counter()
            await deed(session)
        race.winners += 1
    except (ResponderTaken, SlotTaken):
        race.refused += 1
    race.waited_ms.append((began - asked) * 1000)
    race.done_ms.append((time.perf_counter() - asked) * 1000)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of all stays at or below."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)
