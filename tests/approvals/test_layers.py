"""Who may read and write approvals, by row-level security alone and by the application's scope alone."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from dispatch.contract.base import PersonId
from dispatch.storage import Context, Database, DatabaseRole, OutOfScope, StoreRefused
from dispatch.storage.access import manifest_statements
from dispatch.storage.context import REGISTRY
from dispatch.storage.engine import ScopedSession
from dispatch.storage.scope import check_written, narrow, scope_sessions
from dispatch.storage.tables import MedicalDirectorRow, PersonRow, ProtocolApprovalRow, RoleGrantRow
from tests.fixtures_servers import execute
from tests.storage.conftest import World, new_world, settle

pytestmark = pytest.mark.integration

NURSE = DatabaseRole.NURSE
PROTOCOL_TABLES = ("medical_director", "protocol_approval")


@dataclass(frozen=True)
class Signers:
    """Two centres with a director each, both nurses somewhere."""

    world: World
    ours: PersonId
    theirs: PersonId

    @property
    def our_director(self) -> Context:
        return Context(NURSE, self.ours, covers=frozenset({("hospital", "h")}))

    @property
    def supervisor(self) -> Context:
        centre = self.world.ours
        return Context(DatabaseRole.SUPERVISOR, self.world.operator, centre, frozenset({("centre", centre)}))


def deed(person_id: str, centre_id: str, **more: Any) -> dict[str, Any]:
    given = {"approval_id": f"a-{secrets.token_hex(6)}", "protocol_id": "stroke", "number": 1, "deed": "signed"}
    words = {"version": "1", "digest": "0" * 64, "name": "Dr Ngaire", "second_factor": False}
    return {**given, **words, "person_id": person_id, "centre_id": centre_id, **more}


async def settled(database: Database) -> Signers:
    world = new_world()
    await settle(database, world)
    made = Signers(world, PersonId(f"d-{world.ours}"), PersonId(f"d-{world.theirs}"))
    async with database.transaction(REGISTRY) as session:
        pairs = ((made.ours, world.ours), (made.theirs, world.theirs))
        session.add_all(PersonRow(person_id=person, display_name="Dr") for person, _ in pairs)
        supervisor = {"person_id": world.operator, "scope_kind": "centre", "scope_id": world.ours}
        session.add(RoleGrantRow(grant_id=f"s-{world.ours}", role="supervisor", **supervisor))
        await session.flush()
        session.add_all(
            MedicalDirectorRow(director_id=f"d-{centre}", person_id=person, centre_id=centre, appointed_by=person)
            for person, centre in pairs
        )
    for context, centre in ((made.our_director, world.ours), (Context(NURSE, made.theirs), world.theirs)):
        async with database.transaction(context) as session:
            await session.execute(insert(ProtocolApprovalRow).values(**deed(str(context.person_id), centre)))
    return made


async def centres_seen(database: Database, context: Context, table: Any) -> set[str]:
    async with database.transaction(context) as session:
        return set(await session.scalars(select(table.centre_id)))


async def refused(database: Database, context: Context, statement: Any) -> None:
    with pytest.raises((OutOfScope, StoreRefused)):
        async with database.transaction(context) as session:
            await session.execute(statement)


async def hold(database: Database, made: Signers) -> None:
    """What both layers hold to."""
    world = made.world
    strangers = Context(NURSE, PersonId("stranger"))
    elsewhere = Context(
        DatabaseRole.OPERATOR, world.foreign_operator, world.theirs, frozenset({("centre", world.theirs)})
    )
    for table in (ProtocolApprovalRow, MedicalDirectorRow):
        assert await centres_seen(database, made.our_director, table) == {world.ours}
        assert await centres_seen(database, made.supervisor, table) == {world.ours}
        assert await centres_seen(database, strangers, table) == set()
    assert await centres_seen(database, world.scope, ProtocolApprovalRow) == {world.ours}
    assert await centres_seen(database, elsewhere, ProtocolApprovalRow) == {world.theirs}
    forged = insert(ProtocolApprovalRow).values(**deed(made.theirs, world.ours, number=2))
    await refused(database, made.our_director, forged)
    appointed = insert(MedicalDirectorRow).values(
        director_id=f"x-{world.ours}", person_id=made.ours, centre_id=world.theirs, appointed_by=world.operator
    )
    for context in (made.our_director, made.supervisor, world.scope):
        await refused(database, context, appointed)
    myself = insert(MedicalDirectorRow).values(
        director_id=f"y-{world.ours}", person_id=world.operator, centre_id=world.ours, appointed_by=made.ours
    )
    await refused(database, made.supervisor, myself)


@pytest.fixture
def row_security_alone() -> Iterator[None]:
    event.remove(ScopedSession, "do_orm_execute", narrow)
    event.remove(ScopedSession, "before_flush", check_written)
    yield
    scope_sessions(ScopedSession)


@pytest.mark.usefixtures("row_security_alone")
async def test_row_security_alone_keeps_every_centres_approvals_apart(database: Database) -> None:
    made = await settled(database)
    await hold(database, made)
    sign = insert(ProtocolApprovalRow)
    await refused(database, made.our_director, sign.values(**deed(made.ours, made.world.theirs, number=2)))
    await refused(database, made.world.scope, sign.values(**deed(made.world.operator, made.world.ours, number=2)))
    ended = update(MedicalDirectorRow).where(MedicalDirectorRow.person_id == made.ours)
    async with database.transaction(REGISTRY) as session:
        await session.execute(ended.values(ended_at=MedicalDirectorRow.appointed_at))
    await refused(database, made.our_director, sign.values(**deed(made.ours, made.world.ours, number=2)))
    assert await centres_seen(database, made.our_director, ProtocolApprovalRow) == set()


async def test_the_applications_scope_alone_keeps_every_centres_approvals_apart(fresh_servers, fresh_database) -> None:
    off = [f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY" for table in PROTOCOL_TABLES]
    off += [f"GRANT ALL ON {table} TO {role}" for table in PROTOCOL_TABLES for role in DatabaseRole]
    await execute(fresh_servers.owner_url, *off)
    await hold(fresh_database, await settled(fresh_database))
    await execute(fresh_servers.owner_url, *manifest_statements())
