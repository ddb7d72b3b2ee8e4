"""The audit log: nobody can change it unseen, and each tenant's admin reads their own part."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from dispatch.audit import AuditEntry, record, seal_once, verify
from dispatch.bootstrap import Node
from dispatch.identity import Role
from dispatch.observability.clock import SystemClock
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY
from tests.api.test_guarded_routes import ask, token_of
from tests.fixtures_servers import execute

pytestmark = pytest.mark.integration

CLOCK = SystemClock()


def entry(subject: str) -> AuditEntry:
    return AuditEntry(datetime(2026, 1, 1, tzinfo=UTC), None, "server", "tested", "thing", subject, ("centre", "c"))


async def write(database: Database, *subjects: str) -> None:
    for subject in subjects:
        async with database.transaction(REGISTRY) as session:
            await record(session, entry(subject))


async def sealed(database: Database) -> None:
    """A log of five entries in two seals."""
    await write(database, "1", "2", "3")
    assert await seal_once(database, CLOCK) == 3
    await write(database, "4", "5")
    assert await seal_once(database, CLOCK) == 2


async def test_a_log_that_nobody_touched_is_found_good_and_its_earlier_heads_stay_part_of_it(fresh_database):
    await write(fresh_database, "1")
    await seal_once(fresh_database, CLOCK)
    first = await verify(fresh_database, CLOCK)
    await write(fresh_database, "2")
    await seal_once(fresh_database, CLOCK)
    found = await verify(fresh_database, CLOCK, first.head)
    assert (found.faults, found.seals, found.events) == ([], 2, 2)
    assert (await verify(fresh_database, CLOCK, "0" * 64)).faults == [
        "The head that was noted earlier is not part of this chain."
    ]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE audit_event SET subject_id = 'x' WHERE subject_id = '2'", "Seal 1 does not fit"),
        ("UPDATE audit_event SET at = at + interval '1 s' WHERE subject_id = '5'", "Seal 2 does not fit"),
        ("DELETE FROM audit_event WHERE subject_id = '3'", "of seal 1 is missing"),
        ("DELETE FROM audit_seal WHERE seal_id = 1", "Seal 1 is missing"),
        ("UPDATE audit_seal SET hash = repeat('0', 64) WHERE seal_id = 1", "Seal 1 does not fit"),
        (
            "INSERT INTO audit_event (at, role, action, subject_kind, subject_id)"
            " VALUES ('2020-01-01', 'x', 'x', 'x', 'x')",
            "was never sealed",
        ),
    ],
)
async def test_a_change_behind_our_back_is_found(fresh_servers, fresh_database, damage, fault):
    await sealed(fresh_database)
    tables = ("audit_event", "audit_seal")
    off = [f"ALTER TABLE {table} DISABLE TRIGGER append_only" for table in tables]
    await execute(fresh_servers.superuser_url, *off, damage)
    assert any(fault in found for found in (await verify(fresh_database, CLOCK)).faults)


@pytest.mark.parametrize(
    "change", ["UPDATE audit_event SET role = 'x'", "DELETE FROM audit_seal", "TRUNCATE audit_event"]
)
async def test_not_even_the_owner_of_the_database_changes_the_log_by_accident(fresh_servers, fresh_database, change):
    await sealed(fresh_database)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await execute(fresh_servers.superuser_url, change)


async def test_an_entry_whose_transaction_ends_late_is_sealed_late_and_not_lost(fresh_database):
    async with fresh_database.transaction(REGISTRY) as slow:
        await record(slow, entry("slow"))
        await write(fresh_database, "quick")
        assert await seal_once(fresh_database, CLOCK) == 1
    assert await seal_once(fresh_database, CLOCK) == 1
    found = await verify(fresh_database, CLOCK)
    assert (found.faults, found.events) == ([], 2)


async def test_several_sealers_at_once_seal_each_entry_once(fresh_database):
    await write(fresh_database, *map(str, range(20)))
    await asyncio.gather(*(seal_once(fresh_database, CLOCK) for _ in range(5)))
    found = await verify(fresh_database, CLOCK)
    assert (found.faults, found.events) == ([], 20)


async def test_reading_the_log_is_itself_in_the_log_and_only_of_ones_own_tenant(node: Node) -> None:
    supervisor, manager = await token_of(node, Role.SUPERVISOR), await token_of(node, Role.COMMUNITY_MANAGER)
    await ask(node, supervisor, "/v1/audit")
    _, page = await ask(node, supervisor, "/v1/audit?limit=1")
    assert [line["action"] for line in page["entries"]] == ["list_audit"]
    assert {line["tenant_kind"] for line in page["entries"]} == {"centre"}
    _, of_community = await ask(node, manager, "/v1/audit")
    assert {line["tenant_kind"] for line in of_community["entries"]} <= {"community"}


async def test_a_nurse_does_not_read_the_log(node: Node) -> None:
    status, problem = await ask(node, await token_of(node, Role.NURSE), "/v1/audit")
    assert (status, problem["code"]) == (403, "not_allowed")
