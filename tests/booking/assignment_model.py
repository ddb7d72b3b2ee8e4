"""The assignment protocol as a model, and an exhaustive look at every order in which its steps can happen.

In: programs of transactions (dispatchers, a canceller, crews), each a list of atomic steps as PostgreSQL takes them: a
row lock, a check, a write to a unique index that waits for whoever is writing the same entry, a commit. Out: every
reachable fault: a unit on two bookings, a unit that a closed booking still holds, transactions that wait in a circle.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Held:
    """An entry of the assignment table; the numbers are of transactions that have not ended yet."""

    unit: str
    booking: str
    put_by: int | None = None
    released_by: int | None = None


@dataclass(frozen=True)
class World:
    """Where everything stands between two steps."""

    at: tuple[int, ...]
    """The next step of each transaction; -1: it is over."""
    status: tuple[tuple[str, str], ...]
    writing: tuple[tuple[str, int, str], ...]
    """Statuses written and not committed: booking, by whom, what."""
    locks: tuple[tuple[str, int], ...]
    held: frozenset[Held]


Step = tuple[str, ...]
"""("lock", booking), ("check", booking, status...), ("take", unit, booking), ("release", booking), ("set", booking,
status), ("commit",)."""
Program = tuple[Step, ...]


def dispatcher(booking: str, unit: str, *, locks: bool = True) -> Program:
    """Sends a unit."""
    lock: Program = (("lock", booking),) if locks else ()
    return (*lock, ("check", booking, "requested"), ("take", unit, booking), ("set", booking, "assigned"), ("commit",))


def canceller(booking: str, *, releases: bool = True) -> Program:
    """Calls a booking off."""
    release: Program = (("release", booking),) if releases else ()
    check = ("check", booking, "requested", "assigned", "en_route")
    return (("lock", booking), check, *release, ("set", booking, "cancelled"), ("commit",))


def crew(booking: str) -> Program:
    """Drives off."""
    return (("lock", booking), ("check", booking, "assigned"), ("set", booking, "en_route"), ("commit",))


def swap(booking: str, unit: str, *, take_first: bool = True) -> Program:
    """Sends another unit instead."""
    take, release = ("take", unit, booking), ("release", booking)
    moves = (take, release) if take_first else (release, take)
    return (("lock", booking), ("check", booking, "assigned"), *moves, ("commit",))


def begin(programs: tuple[Program, ...], bookings: dict[str, str], held: dict[str, str] | None = None) -> World:
    """The world before anything has happened."""
    entries = frozenset(Held(unit, booking) for unit, booking in (held or {}).items())
    return World((0,) * len(programs), tuple(sorted(bookings.items())), (), (), entries)


def explore(programs: tuple[Program, ...], start: World, *, unique: bool = True) -> tuple[set[str], int]:
    """Every fault that some order leads to, and the number of worlds that were looked at."""
    seen, todo, faults = {start}, [start], set[str]()
    while todo:
        world = todo.pop()
        faults.update(faults_of(world))
        following = list(successors(programs, world, unique))
        if not following and any(place >= 0 for place in world.at):
            faults.add("deadlock")
        for one in following:
            if one not in seen:
                seen.add(one)
                todo.append(one)
    return faults, len(seen)


def faults_of(world: World) -> Iterator[str]:
    """What must never be seen by anybody: committed entries that contradict each other."""
    active = [entry for entry in world.held if entry.put_by is None]
    units = [entry.unit for entry in active]
    if len(units) != len(set(units)):
        yield "double assignment"
    closed = {booking for booking, status in world.status if status == "cancelled"}
    if any(entry.booking in closed and entry.released_by is None for entry in active):
        yield "forgotten unit"


def successors(programs: tuple[Program, ...], world: World, unique: bool) -> Iterator[World]:
    """Every world that one step leads to."""
    for number, program in enumerate(programs):
        if world.at[number] >= 0 and (after := step(program[world.at[number]], number, world, unique)) is not None:
            yield after


def step(what: Step, me: int, world: World, unique: bool) -> World | None:
    """The world after a step of transaction `me`; None while it has to wait."""
    match what:
        case ("lock", booking):
            owner = dict(world.locks).get(booking)
            return None if owner is not None else on(replace(world, locks=(*world.locks, (booking, me))), me)
        case ("check", booking, *allowed):
            return on(world, me) if dict(world.status)[booking] in allowed else ended(world, me)
        case ("take", unit, booking):
            return take(unit, booking, me, world, unique)
        case ("release", booking):
            mine = {entry for entry in world.held if entry.booking == booking and entry.put_by is None}
            marked = {replace(entry, released_by=me) for entry in mine}
            return on(replace(world, held=(world.held - mine) | marked), me)
        case ("set", booking, status):
            return on(replace(world, writing=(*world.writing, (booking, me, status))), me)
        case _:
            return committed(world, me)


def take(unit: str, booking: str, me: int, world: World, unique: bool) -> World | None:
    """A unique index: an entry of somebody who has not ended makes one wait, a settled one refuses."""
    rivals = [entry for entry in world.held if entry.unit == unit] if unique else []
    if any(who not in (None, me) for entry in rivals for who in (entry.put_by, entry.released_by)):
        return None
    if any(entry.released_by is None for entry in rivals):
        return ended(world, me)
    return on(replace(world, held=world.held | {Held(unit, booking, put_by=me)}), me)


def on(world: World, me: int) -> World:
    """The same, one step further."""
    return replace(world, at=tuple(place + (number == me) for number, place in enumerate(world.at)))


def committed(world: World, me: int) -> World:
    """What it wrote is everybody's."""
    status = dict(world.status) | {booking: value for booking, who, value in world.writing if who == me}
    held = frozenset(
        replace(entry, put_by=None) if entry.put_by == me else entry for entry in world.held if entry.released_by != me
    )
    return ended(replace(world, status=tuple(sorted(status.items())), held=held), me)


def ended(world: World, me: int) -> World:
    """It is over: its locks are free, what it had not committed is undone."""
    return World(
        at=tuple(-1 if number == me else place for number, place in enumerate(world.at)),
        status=world.status,
        writing=tuple(entry for entry in world.writing if entry[1] != me),
        locks=tuple(lock for lock in world.locks if lock[1] != me),
        held=frozenset(
            replace(entry, released_by=None) if entry.released_by == me else entry
            for entry in world.held
            if entry.put_by != me
        ),
    )
