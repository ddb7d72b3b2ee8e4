"""The application's own scope, with the database's row-level security off: it has to hold by itself."""

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from dispatch.storage import Context, Database, DatabaseRole, OutOfScope, PostgresTimelineStore
from dispatch.storage.access import MANIFEST
from dispatch.storage.context import SERVER_ROLES
from dispatch.storage.scope import SCOPES
from dispatch.storage.tables import CallRow, CommunityRow, HospitalRow, ResidentRow, Row, StaffRow, TimelineEntryRow
from tests.fixtures_servers import execute
from tests.storage.conftest import World, new_world, settle
from tests.storage.entries import store_keys, whole_call
from tests.storage.places import Places, settle_places

pytestmark = pytest.mark.integration


@pytest.fixture
async def unguarded(fresh_servers, fresh_database: Database) -> Database:
    """A database without any policy, where every role may touch everything."""
    everything = [f"ALTER TABLE {table.table} DISABLE ROW LEVEL SECURITY" for table in MANIFEST]
    everything += [f"GRANT ALL ON {table.table} TO {role}" for table in MANIFEST for role in DatabaseRole]
    await execute(fresh_servers.superuser_url, *everything)
    return fresh_database


@pytest.fixture
async def two_centres(unguarded: Database) -> World:
    world = new_world()
    await settle(unguarded, world)
    store = PostgresTimelineStore(unguarded, store_keys())
    for centre in (world.ours, world.theirs):
        await store.append(whole_call(f"call-{centre}", centre))
    return world


@pytest.fixture
async def places(unguarded: Database) -> Places:
    return await settle_places(unguarded)


async def seen(database: Database, context: Context, column: object) -> set[str]:
    async with database.transaction(context) as session:
        return set(await session.scalars(select(column)))


async def test_an_operator_finds_the_calls_of_their_own_centre_alone(unguarded: Database, two_centres: World) -> None:
    world = two_centres
    assert await seen(unguarded, world.scope, CallRow.call_id) == {f"call-{world.ours}"}
    assert await seen(unguarded, world.scope, TimelineEntryRow.call_id) == {f"call-{world.ours}"}
    async with unguarded.transaction(world.scope) as session:
        assert await session.get(CallRow, f"call-{world.theirs}") is None
        assert await session.scalar(select(func.count()).select_from(CallRow)) == 1
        joined = select(CallRow.call_id).join(TimelineEntryRow, TimelineEntryRow.call_id == CallRow.call_id).distinct()
        assert set(await session.scalars(joined)) == {f"call-{world.ours}"}
        inside = select(CallRow.call_id).where(CallRow.call_id.in_(select(TimelineEntryRow.call_id)))
        assert set(await session.scalars(inside)) == {f"call-{world.ours}"}


async def test_a_trainer_sees_no_real_call(unguarded: Database, two_centres: World) -> None:
    covers = frozenset({("centre", two_centres.ours)})
    trainer = Context(DatabaseRole.TRAINER, two_centres.trainer, two_centres.ours, covers)
    assert await seen(unguarded, trainer, CallRow.call_id) == set()


async def test_hospital_and_community_people_find_their_own_places(unguarded: Database, places: Places) -> None:
    nurse = Context(DatabaseRole.NURSE, places.foreign_nurse, covers=frozenset({("hospital", places.foreign_hospital)}))
    assert await seen(unguarded, nurse, HospitalRow.hospital_id) == {places.foreign_hospital}
    assert await seen(unguarded, nurse, StaffRow.staff_id) == {places.foreign_nurse}
    manager = Context(
        DatabaseRole.COMMUNITY_MANAGER,
        places.person_of(DatabaseRole.COMMUNITY_MANAGER),
        covers=frozenset({("community", places.community)}),
    )
    assert await seen(unguarded, manager, CommunityRow.community_id) == {places.community}
    assert len(await seen(unguarded, manager, ResidentRow.resident_id)) == 2


async def test_a_role_whose_grants_cover_nothing_finds_nothing(unguarded: Database, two_centres: World) -> None:
    assert await seen(unguarded, Context(DatabaseRole.OPERATOR, two_centres.operator), CallRow.call_id) == set()


async def test_writing_outside_the_scope_is_refused_however_it_is_written(unguarded: Database, places: Places) -> None:
    manager = Context(
        DatabaseRole.COMMUNITY_MANAGER, places.person_of(DatabaseRole.COMMUNITY_MANAGER),
        covers=frozenset({("community", places.community)}),
    )  # fmt: skip
    foreign = {"resident_id": "intruder", "community_id": places.foreign_community, "name": "X"}
    with pytest.raises(OutOfScope):
        async with unguarded.transaction(manager) as session:
            session.add(ResidentRow(**foreign))
    for statement in (
        insert(ResidentRow).values(**foreign),
        insert(HospitalRow).values(hospital_id="h", name="h"),
        update(CommunityRow).values(name="ours now"),
        delete(StaffRow),
    ):
        with pytest.raises(OutOfScope):
            async with unguarded.transaction(manager) as session:
                await session.execute(statement)
    async with unguarded.transaction(manager) as session:
        await session.execute(update(ResidentRow).values(name="renamed"))
        assert set(
            (await session.execute(text("SELECT DISTINCT community_id FROM resident WHERE name = 'renamed'"))).scalars()
        ) == {places.community}


def test_every_table_that_a_person_can_reach_in_the_database_has_a_scope_in_the_application() -> None:
    by_name = {mapper.class_.__tablename__: mapper.class_ for mapper in Row.registry.mappers}
    reachable = {
        (table.table, rule.role) for table in MANIFEST for rule in table.rules if rule.role not in SERVER_ROLES
    }
    scoped = {
        (table.__tablename__, role) for table, roles in SCOPES.items() for role in roles if role not in SERVER_ROLES
    }
    assert by_name.keys() == {table.table for table in MANIFEST}
    assert sorted(reachable ^ scoped) == []
