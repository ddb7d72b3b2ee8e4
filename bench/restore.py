"""The drill: an installation is backed up, destroyed, restored; then somebody signs in.

Real embedded servers in two data folders: the second one starts empty, as on another machine, and gets the backup. A
demonstration world with bookings, jobs and money is what is compared: the rows of every table, every policy, the
sign-in of every demo login that has a password, and the files of calls. `seconds`: backup, restore, migration and
sign-in together; `next_backup_s`: a second backup, in which nothing has changed.
"""

import asyncio
import hashlib
import secrets
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import click

from dispatch.calls.shipper import MARKER
from dispatch.identity import Passwords
from dispatch.storage import Database, EmbeddedServers, ServerUrls, migrate
from dispatch.storage.backup_folder import files_of, name_of
from dispatch.storage.context import IDENTITY
from dispatch.storage.tables import CredentialRow, PersonRow
from dispatch.storage.whole_backup import make, restore_whole
from dispatch.tenancy import DemoLogin, seed_demo

SOUND_BYTES: Final = 60 * 8000
"""A minute at 8 kHz in 8 bits."""
TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
POLICIES: Final = """
    SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'public'
    UNION ALL SELECT relname, relrowsecurity::text, relforcerowsecurity::text, pg_get_userbyid(relowner), '', ''
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1, 2
"""
BOOKINGS: Final = """
    INSERT INTO booking (booking_id, service_type, policy_version, status, version, responders, place, note,
        requested_at, exercise, community_id, hospital_id)
    SELECT 'b' || g, 'consultation', 1, 'completed', 1, 0, '', '', now(), false, 'demo-community', 'demo-hospital'
    FROM generate_series(1, $1) g
"""
EVENTS: Final = """
    INSERT INTO booking_event (booking_id, version, at, kind, status, entered, actor_role, hospital_id)
    SELECT 'b' || g, 1, now(), 'completed', 'completed', true, 'worker', 'demo-hospital' FROM generate_series(1, $1) g
"""


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    return [
        click.Option(["--bookings"], type=click.IntRange(0), default=20_000, show_default=True, help="Stored."),
        click.Option(
            ["--calls"], type=click.IntRange(0), default=500, show_default=True, help="With a minute of sound."
        ),
    ]


def run(bookings: int, calls: int) -> dict[str, object]:
    """Drill; see the module's docstring for what the figures mean."""
    return asyncio.run(_drill(bookings, calls))


async def _drill(bookings: int, calls: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="kiwimesh-bench-") as folder:
        first, second, backups = (Path(folder) / name for name in ("first", "second", "backups"))
        async with EmbeddedServers(first / "data") as urls:
            logins, before, rules = await _fill(urls, first, bookings)
            await asyncio.to_thread(_record, first / "data", calls)
            files = await asyncio.to_thread(_fingerprints, first / "data")
            began = time.monotonic()
            now = datetime.now(UTC)
            made = await make(urls.superuser_url, first / "data", backups, name_of(now), 0)
            backed_up_s = time.monotonic() - began
            next_one = name_of(now + timedelta(seconds=1))
            await make(urls.superuser_url, first / "data", backups, next_one, 0)
            next_s = time.monotonic() - began - backed_up_s
        await asyncio.to_thread(shutil.rmtree, first)
        async with EmbeddedServers(second / "data") as urls:
            began = time.monotonic()
            await restore_whole(urls.superuser_url, backups, made.name, second / "data", MARKER)
            await migrate(urls.owner_url)
            signed_in = await _sign_in(urls, logins)
            restored_s = time.monotonic() - began
            after, rules_after = await _rows(urls), await _rules(urls)
            files_after = await asyncio.to_thread(_fingerprints, second / "data")
    return {
        "tables": len(before),
        "rows": sum(count for count, _ in before.values()),
        "rows_equal": before == after,
        "policies": len(rules),
        "policies_equal": rules == rules_after,
        "log_ins": len(logins),
        "log_ins_equal": signed_in == len(logins),
        "files": len(files),
        "files_equal": files == files_after,
        "backup_bytes": made.database.bytes + sum(kept.bytes for kept in made.files),
        "backup_s": round(backed_up_s, 2),
        "next_backup_s": round(next_s, 2),
        "restore_s": round(restored_s, 2),
        "seconds": round(backed_up_s + restored_s, 2),
    }


async def _fill(
    urls: ServerUrls, folder: Path, bookings: int
) -> tuple[tuple[DemoLogin, ...], dict[str, tuple[int, str]], list[tuple[object, ...]]]:
    """An installation with something in it; its logins, rows and rules."""
    await migrate(urls.owner_url)
    database = Database(urls.database_url)
    world = await seed_demo(database, folder)
    await database.close()
    admin = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""))
    await admin.execute(BOOKINGS, bookings)
    await admin.execute(EVENTS, bookings)
    await admin.close()
    return world.logins, await _rows(urls), await _rules(urls)


def _record(data: Path, calls: int) -> None:
    """Calls' folders, with bytes for sound that do not compress, as sealed ones."""
    for number in range(calls):
        folder = data / "calls" / f"call-{number:06}"
        folder.mkdir(parents=True)
        (folder / "key").write_bytes(secrets.token_bytes(100))
        (folder / "caller.audio").write_bytes(secrets.token_bytes(SOUND_BYTES))


def _fingerprints(data: Path) -> dict[str, str]:
    """What is in every file that belongs into a backup."""
    return {str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files_of(data)}


async def _rows(urls: ServerUrls) -> dict[str, tuple[int, str]]:
    """Of every table how many rows it has, and a fingerprint of all of them."""
    admin = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""))
    try:
        found = {}
        for row in await admin.fetch(TABLES):
            name = row["tablename"]
            query = f'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM "{name}" t'
            found[name] = tuple(await admin.fetchrow(query))
        return found
    finally:
        await admin.close()


async def _rules(urls: ServerUrls) -> list[tuple[object, ...]]:
    """Every policy, and the state of row-level security and the owner of every table."""
    admin = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""))
    try:
        return [tuple(row) for row in await admin.fetch(POLICIES)]
    finally:
        await admin.close()


async def _sign_in(urls: ServerUrls, logins: tuple[DemoLogin, ...]) -> int:
    """How many logins' passwords are still right, read as the identity service does."""
    database, passwords, right = Database(urls.database_url), Passwords(), 0
    for login in logins:
        async with database.transaction(IDENTITY) as session:
            person = await session.get_one(PersonRow, "demo-" + login.email.partition("@")[0])
            stored = await session.get(CredentialRow, person.person_id)
        right += await passwords.matches(stored.password_hash if stored else None, login.password)
    passwords.close()
    await database.close()
    return right
