"""What row-level security costs: the canonical lists of bookings, against the same predicate typed by hand.

Every role's list is timed twice in turn through the same driver: as the application sends it (the role's policies on,
the application's own scope in the statement), and by a superuser, whom no policy concerns, with the predicate typed by
hand. `rls_ratio_max` is the worst list's median against median. `policies_alone_ratio` is the same without the
application's own scope, so that the policy alone has to find the rows; there lists are counted, not ordered.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import click
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from dispatch.contract.base import PersonId
from dispatch.storage import Context, Database, DatabaseRole, EmbeddedServers, ServerUrls, migrate
from dispatch.storage.engine import driver_url
from dispatch.storage.tables import BookingRow

COMMUNITIES, HOSPITALS, CENTRES, PEOPLE = 200, 50, 20, 100_000
PAGE = 50

LISTS = {
    DatabaseRole.RESIDENT: ("person_id", "person-7", None),
    DatabaseRole.COMMUNITY_MANAGER: ("community_id", "community-7", "community"),
    DatabaseRole.HOSPITAL_ADMIN: ("hospital_id", "hospital-7", "hospital"),
    DatabaseRole.NURSE: ("hospital_id", "hospital-7", "hospital"),
    DatabaseRole.PARAMEDIC: ("hospital_id", "hospital-7", "hospital"),
    DatabaseRole.OPERATOR: ("centre_id", "centre-7", "centre"),
    DatabaseRole.SUPERVISOR: ("centre_id", "centre-7", "centre"),
}
"""By role: the scope column, the value that the bench's person has, and the kind of their grant."""

FILL = f"""
    INSERT INTO booking (booking_id, service_type, policy_version, status, version, responders, requested_at,
                         person_id, community_id, hospital_id, centre_id)
    SELECT 'booking-' || n, 'consultation', 1, CASE WHEN n % 10 = 0 THEN 'requested' ELSE 'completed' END, 1, 0,
           timestamptz '2026-01-01' + n * interval '13 s', 'person-' || (n * 7919 % {PEOPLE}),
           'community-' || (n * 31 % {COMMUNITIES}), 'hospital-' || (n * 17 % {HOSPITALS}),
           'centre-' || (n * 13 % {CENTRES})
    FROM generate_series(1, $1::bigint) AS n
"""

TYPED = (
    "SELECT booking_id, status, requested_at FROM booking WHERE {} = $1"
    f" ORDER BY requested_at DESC, booking_id DESC LIMIT {PAGE + 1}"
)
GRANT = "INSERT INTO role_grant (grant_id, person_id, role, scope_kind, scope_id) VALUES ($1, $1, $2, $3, $4)"
COUNTED = "SELECT count(*) FROM booking WHERE status = 'requested'"

Question = Callable[[], Awaitable[int]]


def arguments() -> list[click.Parameter]:
    return [
        click.Option(["--rows"], type=click.IntRange(1000), default=1_000_000, show_default=True, help="Bookings."),
        click.Option(["--rounds"], type=click.IntRange(5), default=60, show_default=True, help="Reads of each list."),
    ]


def run(rows: int, rounds: int) -> dict[str, object]:
    folder = Path(tempfile.mkdtemp(prefix="kiwimesh-bench-"))
    folder.chmod(0o755)
    try:
        return asyncio.run(measured(folder, rows, rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def measured(folder: Path, rows: int, rounds: int) -> dict[str, object]:
    """Fills a database of its own and reads every list."""
    async with EmbeddedServers(folder / "data") as urls:
        await migrate(urls.owner_url)
        sys.stderr.write(f"writing {rows} bookings\n")
        await fill(urls, rows)
        database = Database(urls.database_url)
        whole = create_async_engine(driver_url(urls.superuser_url))
        try:
            lists = {role.removeprefix("kiwimesh_"): await compared(database, whole, role, rounds) for role in LISTS}
        finally:
            await whole.dispose()
            await database.close()
    worst = max(lists, key=lambda name: lists[name]["ratio"])
    return {
        "rows": rows,
        "rls_ratio_max": lists[worst]["ratio"],
        "worst": worst,
        "policies_alone_ratio": max(found["policies_alone_ratio"] for found in lists.values()),
        "lists": lists,
    }


async def fill(urls: ServerUrls, rows: int) -> None:
    """The bookings, and one person with a grant for every role."""
    connection = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""))
    try:
        await connection.execute(FILL, rows, timeout=600)
        for role, (_, value, kind) in LISTS.items():
            person, name = person_of(role), role.removeprefix("kiwimesh_")
            await connection.execute("INSERT INTO person (person_id, display_name) VALUES ($1, $1)", person)
            await connection.execute(GRANT, person, name, kind or "everything", value if kind else "")
        await connection.execute("VACUUM ANALYZE", timeout=600)
    finally:
        await connection.close()


def person_of(role: DatabaseRole) -> str:
    """Who reads a role's list: the resident is one of the bookings' own people."""
    return LISTS[role][1] if LISTS[role][2] is None else f"bench-{role}"


async def compared(database: Database, whole: AsyncEngine, role: DatabaseRole, rounds: int) -> dict[str, Any]:
    """One role's list both ways, in turn, through the same driver."""
    column, value, kind = LISTS[role]
    covers = frozenset({(kind, value)}) if kind else frozenset()
    context = Context(role, PersonId(person_of(role)), covers=covers)
    async with database.session(context) as session, session.begin(), whole.connect() as by_hand:
        connection = await session.connection()
        sent = await as_sent(session)

        async def through_the_application() -> int:
            return len((await connection.exec_driver_sql(*sent)).all())

        async def typed_by_hand() -> int:
            return len((await by_hand.exec_driver_sql(TYPED.format(column), (value,))).all())

        async def policies_alone() -> int:
            return int((await connection.exec_driver_sql(COUNTED)).scalar_one())

        async def counted_by_hand() -> int:
            return int((await by_hand.exec_driver_sql(f"{COUNTED} AND {column} = $1", (value,))).scalar_one())

        ours, theirs = await in_turn(through_the_application, typed_by_hand, rounds)
        alone, by_predicate = await in_turn(policies_alone, counted_by_hand, rounds)
    return {
        "ratio": round(ours / theirs, 2),
        "ms": round(ours * 1000, 3),
        "by_hand_ms": round(theirs * 1000, 3),
        "policies_alone_ratio": round(alone / by_predicate, 2),
    }


async def as_sent(session: AsyncSession) -> tuple[str, Any]:
    """The newest bookings, as the application's list asks for them, down to the driver."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, tuple(parameters)))

    engine = (await session.connection()).sync_connection
    assert engine is not None
    event.listen(engine, "before_cursor_execute", note)
    await session.execute(
        select(BookingRow.booking_id, BookingRow.status, BookingRow.requested_at)
        .order_by(BookingRow.requested_at.desc(), BookingRow.booking_id.desc())
        .limit(PAGE + 1)
    )
    event.remove(engine, "before_cursor_execute", note)
    return sent[-1]


async def in_turn(first: Question, second: Question, rounds: int) -> tuple[float, float]:
    """Median seconds of two questions that take turns. Raises AssertionError when their answers differ."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        answers = []
        for question, spent in zip((first, second), times, strict=True):
            started = time.perf_counter()
            answers.append(await question())
            spent.append(time.perf_counter() - started)
        assert answers[0] == answers[1], "both must find the same rows"
    return median(times[0]), median(times[1])
