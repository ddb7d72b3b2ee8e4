"""A database of its own with the demonstration world and as many bookings as are asked for.

In: a number of rows. Out: its addresses, a `Database`, and contexts of people in it. The rows are spread over people,
hospitals and two years, one event and, for every fourth, one released assignment each, as a real table would be.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from dispatch.contract.base import CentreId, PersonId
from dispatch.storage import Context, Database, DatabaseRole, EmbeddedServers, ServerUrls, migrate
from dispatch.tenancy import seed_demo

CENTRE: Final = CentreId("demo-centre")
DISPATCHER: Final = Context(DatabaseRole.DISPATCH, centre_id=CENTRE)
RESIDENT: Final = Context(
    DatabaseRole.RESIDENT, PersonId("demo-resident"), covers=frozenset({("community", "demo-community")})
)

FILL: Final = (
    """
    INSERT INTO booking (booking_id, service_type, policy_version, status, version, responders, requested_at,
                         closed_at, person_id, community_id, hospital_id, centre_id)
    SELECT 'old' || n, 'first_aid', 1, 'completed', 1, 0, now() - n * interval '60 seconds', now(),
           CASE WHEN n % 1000 = 0 THEN 'demo-resident' ELSE 'person-' || n % 50000 END, 'community-' || n % 300,
           'hospital-' || n % 40, 'centre-' || n % 10
    FROM generate_series(1, $1) AS n
    """,
    """
    INSERT INTO booking_event (booking_id, version, at, kind, status, entered, actor_role, person_id, community_id,
                               hospital_id, centre_id)
    SELECT booking_id, 1, requested_at, 'created', 'requested', true, 'resident', person_id, community_id, hospital_id,
           centre_id
    FROM booking WHERE booking_id LIKE 'old%' AND $1 > 0
    """,
    """
    INSERT INTO assignment (booking_id, responder_id, responder_kind, exclusive, assigned_at, released_at, person_id,
                            community_id, hospital_id, centre_id)
    SELECT 'old' || n, 'unit-' || n % 200, 'unit', true, now(), now(), 'person-' || n % 50000, 'community-' || n % 300,
           'hospital-' || n % 40, 'centre-' || n % 10
    FROM generate_series(4, $1, 4) AS n
    """,
)


@dataclass(frozen=True)
class BookingWorld:
    """A filled database."""

    urls: ServerUrls
    database: Database
    folder: Path

    async def superuser(self, statement: str) -> object:
        """One value, past every rule."""
        connection = await asyncpg.connect(self.urls.superuser_url.replace("+asyncpg", ""))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()


@asynccontextmanager
async def booking_world(rows: int) -> AsyncIterator[BookingWorld]:
    """Starts the servers, migrates, fills; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kiwimesh-bench-"))
    folder.chmod(0o755)  # noqa: ASYNC240 - before anything runs
    try:
        async with EmbeddedServers(folder / "data") as urls:
            await migrate(urls.owner_url)
            database = Database(urls.database_url)
            await seed_demo(database, folder)
            await fill(urls, rows)
            try:
                yield BookingWorld(urls, database, folder)
            finally:
                await database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def fill(urls: ServerUrls, rows: int) -> None:
    """Writes the rows; their references are right by construction and not checked one by one."""
    connection = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""), command_timeout=1200)
    try:
        await connection.execute("SET session_replication_role = replica")
        for statement in FILL:
            await connection.execute(statement, rows)
        for table in ("booking", "booking_event", "assignment"):
            await connection.execute(f"VACUUM ANALYZE {table}")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
