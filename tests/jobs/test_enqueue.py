"""Asking for work: in the same transaction, once, by anybody, in their own name."""

import secrets

import pytest
from sqlalchemy import select

from dispatch.jobs import NewJob, Priority, Tenant, enqueue
from dispatch.observability.logs import correlated
from dispatch.storage import Context, Database, DatabaseRole, OutOfScope, StoreRefused
from dispatch.storage.context import SERVER_ROLES, WORKER
from dispatch.storage.tables import JobRow

pytestmark = pytest.mark.integration


def context_of(role: DatabaseRole) -> Context:
    return Context(role, person_id="somebody", centre_id="a-centre")


async def stored(database: Database, key: str) -> list[JobRow]:
    async with database.transaction(WORKER) as session:
        return list(await session.scalars(select(JobRow).where(JobRow.idempotency_key == key)))


@pytest.mark.parametrize("role", list(DatabaseRole))
async def test_any_role_asks_for_work_and_asking_twice_makes_one_job(database: Database, role: DatabaseRole) -> None:
    key = secrets.token_hex(8)
    for _ in range(2):
        async with database.transaction(context_of(role)) as session:
            await enqueue(session, NewJob("test.asked", key, {"id": "x"}))
            await enqueue(session, NewJob("test.asked", key, {"id": "x"}))
    (job,) = await stored(database, key)
    assert (job.role, job.person_id, job.state, job.attempts) == (role.value, "somebody", "waiting", 0)


async def test_a_change_that_is_rolled_back_takes_its_job_with_it(database: Database) -> None:
    key = secrets.token_hex(8)
    async with database.session(context_of(DatabaseRole.NURSE)) as session:
        await enqueue(session, NewJob("test.undone", key))
        await session.rollback()
    assert await stored(database, key) == []


async def test_a_job_carries_whose_it_is_and_the_correlation_id_of_the_request(database: Database) -> None:
    key = secrets.token_hex(8)
    with correlated("request-1"):
        async with database.transaction(context_of(DatabaseRole.RESIDENT)) as session:
            asked = NewJob("test.told", key, tenant=Tenant("community", "c1"), priority=Priority.URGENT, exercise=True)
            await enqueue(session, asked)
    (job,) = await stored(database, key)
    assert (job.tenant_kind, job.tenant_id, job.correlation_id) == ("community", "c1", "request-1")
    assert (job.priority, job.exercise) == (0, True)


@pytest.mark.parametrize("role", sorted(set(DatabaseRole) - SERVER_ROLES - {DatabaseRole.SUPER_ADMIN}))
async def test_nobody_who_asks_reads_or_changes_what_is_queued(database: Database, role: DatabaseRole) -> None:
    with pytest.raises(StoreRefused):
        async with database.transaction(context_of(role)) as session:
            await session.scalars(select(JobRow))
    with pytest.raises((StoreRefused, OutOfScope)):
        async with database.transaction(context_of(role)) as session:
            session.add(JobRow(kind="x", idempotency_key="x", priority=0, payload={}, role="x", person_id="another",
                               correlation_id="x", exercise=False))  # fmt: skip
