"""Who may touch which rows, proven on the database itself."""

from collections.abc import Iterator

import asyncpg
import pytest
from sqlalchemy import event, select, text

from dispatch.contract.base import PersonId
from dispatch.storage import (
    LEDGER,
    Context,
    Database,
    DatabaseRole,
    NoContext,
    PostgresTimelineStore,
    ServerUrls,
    StoreRefused,
    StoreUnavailable,
    of_centre,
)
from dispatch.storage.access import BOOKKEEPING, MANIFEST, policy_name
from dispatch.storage.context import IDENTITY, REGISTRY, SERVER_ROLES
from dispatch.storage.embedded_postgres import APPLICATION
from dispatch.storage.engine import ScopedSession
from dispatch.storage.scope import check_written, narrow, scope_sessions
from dispatch.storage.tables import CallRow, CredentialRow, PersonRow, ResidentRow, StaffRow, TimelineEntryRow
from tests.fixtures_servers import execute
from tests.storage.conftest import World, new_world, settle
from tests.storage.entries import log, started, store_keys, whole_call
from tests.storage.places import Places, settle_places

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def row_security_alone() -> Iterator[None]:
    """The application's own layer is off in this module, so that the database has to hold by itself."""
    event.remove(ScopedSession, "do_orm_execute", narrow)
    event.remove(ScopedSession, "before_flush", check_written)
    yield
    scope_sessions(ScopedSession)


FACTS = """
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner) AS owner,
           ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
"""
POLICIES = "SELECT tablename, policyname, roles::text[] FROM pg_policies WHERE schemaname = 'public'"
PRIVILEGES = """
    SELECT table_name, grantee, array_agg(privilege_type::text) AS privileges
    FROM information_schema.role_table_grants WHERE table_schema = 'public' GROUP BY 1, 2
"""


async def faults(url: str) -> list[str]:
    """Everything in which a database differs from what the manifest promises."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        facts = {row["relname"]: row for row in await connection.fetch(FACTS)}
        policies = {(row["tablename"], row["policyname"], *row["roles"]) for row in await connection.fetch(POLICIES)}
        privileges = {
            (row["table_name"], row["grantee"], *sorted(row["privileges"]))
            for row in await connection.fetch(PRIVILEGES)
            if row["grantee"] != "kiwimesh_owner"
        }
    finally:
        await connection.close()
    promised_policies = {
        (table.table, policy_name(table.table, rule.role), rule.role.value)
        for table in MANIFEST
        for rule in table.rules
    } | {("role_grant", "role_grant_definer", "kiwimesh_owner")}
    promised_privileges = {
        (table.table, rule.role.value, *sorted(rule.privileges)) for table in MANIFEST for rule in table.rules
    }
    known = {table.table for table in MANIFEST}
    return [
        *(f"{name} is not in the manifest" for name in facts.keys() - known - BOOKKEEPING),
        *(f"{name} does not exist" for name in known - facts.keys()),
        *(f"{name} has no row security" for name in known & facts.keys() if not facts[name]["relrowsecurity"]),
        *(f"{name} does not force it" for name in known & facts.keys() if not facts[name]["relforcerowsecurity"]),
        *(f"{name} belongs to {row['owner']}" for name, row in facts.items() if row["owner"] != "kiwimesh_owner"),
        *(
            f"{table.table} has no {table.scope}"
            for table in MANIFEST
            if table.scope and table.scope not in facts[table.table]["columns"]
        ),
        *(f"policy differs: {difference}" for difference in policies ^ promised_policies),
        *(f"privilege differs: {difference}" for difference in privileges ^ promised_privileges),
    ]


async def test_every_table_is_secured_as_the_manifest_says(fresh_servers):
    assert await faults(fresh_servers.owner_url) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("CREATE TABLE forgotten (centre_id text)", "forgotten is not in the manifest"),
        ("CREATE VIEW leak AS SELECT * FROM call", "leak is not in the manifest"),
        ("ALTER TABLE call DISABLE ROW LEVEL SECURITY", "call has no row security"),
        ("ALTER TABLE call NO FORCE ROW LEVEL SECURITY", "call does not force it"),
        ("DROP POLICY call_operator ON call", "policy differs"),
        ("CREATE POLICY wide ON call TO kiwimesh_operator USING (true)", "policy differs"),
        ("GRANT DELETE ON timeline_entry TO kiwimesh_ledger", "privilege differs"),
        ("GRANT SELECT ON call TO PUBLIC", "privilege differs"),
    ],
)
async def test_a_hole_in_the_rules_is_found(fresh_servers, damage, found):
    await execute(fresh_servers.owner_url, damage)
    assert any(found in fault for fault in await faults(fresh_servers.owner_url))


async def test_the_applications_login_owns_nothing_and_may_do_nothing_by_itself(servers: ServerUrls):
    connection = await asyncpg.connect(servers.database_url.replace("+asyncpg", ""))
    try:
        rights = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit FROM pg_roles WHERE rolname = $1",
            APPLICATION,
        )
        assert not any(rights)
        for table in MANIFEST:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f'SELECT 1 FROM "{table.table}"')
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SET ROLE kiwimesh_owner")
    finally:
        await connection.close()


async def test_a_session_without_a_context_is_an_error(database: Database):
    async with database.session(None) as session:
        with pytest.raises(NoContext):
            await session.execute(text("SELECT 1"))


@pytest.mark.parametrize("role", [role for role in DatabaseRole if role not in SERVER_ROLES])
def test_a_persons_role_without_the_person_is_no_context(role):
    with pytest.raises(NoContext):
        Context(role)


def test_the_centres_own_role_without_the_centre_is_no_context():
    with pytest.raises(NoContext):
        Context(DatabaseRole.CENTRE)


async def test_a_role_without_a_person_is_an_error_in_the_database_too(database: Database, world: World):
    await PostgresTimelineStore(database, store_keys()).append(whole_call(f"call-{world.ours}", world.ours))
    async with database.engine.connect() as connection:
        await connection.execute(text("SET LOCAL ROLE kiwimesh_operator"))
        with pytest.raises(Exception, match="no context"):
            await connection.execute(select(CallRow))


async def test_what_a_transaction_was_for_does_not_leak_to_the_next_one(database: Database, world: World):
    async with database.transaction(world.scope) as session:
        assert await session.scalar(text("SELECT current_setting('app.person')")) == world.operator
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT coalesce(current_setting('app.person', true), '')")) == ""
        assert await connection.scalar(text("SELECT current_user::text")) == APPLICATION


async def test_row_security_alone_keeps_centres_apart(database: Database, world: World):
    """The questions here name no centre at all."""
    store = PostgresTimelineStore(database, store_keys())
    await store.append(whole_call(f"call-{world.ours}", world.ours))
    await store.append(whole_call(f"call-{world.theirs}", world.theirs))
    for scope, centre in (
        (world.scope, world.ours),
        (world.foreign_scope, world.theirs),
        (of_centre(world.ours), world.ours),
    ):
        async with database.transaction(scope) as session:
            for row in (CallRow, TimelineEntryRow):
                assert set(await session.scalars(select(row.centre_id))) == {centre}
            for table in ("incident", "patient"):
                assert set((await session.scalars(text(f"SELECT centre_id FROM {table}"))).all()) == {centre}


async def test_the_application_alone_keeps_centres_apart(fresh_servers, fresh_database):
    """Row-level security is switched off here; every probe has its control."""
    world = new_world()
    await settle(fresh_database, world)
    store = PostgresTimelineStore(fresh_database, store_keys())
    await store.append(whole_call("call", world.ours))
    tables = ("call", "timeline_entry", "incident", "patient")
    await execute(fresh_servers.owner_url, *(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY" for table in tables))
    assert len(await store.entries("call", scope=world.scope)) == 9
    assert await store.entries("call", scope=world.foreign_scope) == ()
    assert await store.entries("call", scope=Context(DatabaseRole.OPERATOR, world.operator)) == ()
    assert len(await store.open_calls(world.ours)) + len(await store.recent_calls(world.ours)) == 1
    assert await store.open_calls(world.theirs) + await store.recent_calls(world.theirs) == ()


async def test_a_trainer_sees_exercises_and_no_real_call(database: Database, world: World):
    store = PostgresTimelineStore(database, store_keys())
    await store.append(whole_call(f"real-{world.ours}", world.ours))
    await store.append(log(f"drill-{world.ours}", started(world.ours, f"i-{world.ours}", exercise=True)))
    trainer = Context(DatabaseRole.TRAINER, world.trainer, world.ours)
    async with database.transaction(trainer) as session:
        assert list(await session.scalars(select(CallRow.call_id))) == [f"drill-{world.ours}"]
    assert await store.entries(f"real-{world.ours}", scope=trainer) == ()
    assert len(await store.entries(f"drill-{world.ours}", scope=trainer)) == 1


async def test_a_revoked_grant_is_no_grant(database: Database, world: World):
    store = PostgresTimelineStore(database, store_keys())
    await store.append(whole_call(f"call-{world.ours}", world.ours))
    async with database.transaction(REGISTRY) as session:
        await session.execute(
            text("UPDATE role_grant SET revoked_at = now() WHERE person_id = :who"), {"who": world.operator}
        )
    assert await store.entries(f"call-{world.ours}", scope=world.scope) == ()


@pytest.mark.parametrize("change", ["UPDATE timeline_entry SET kind = 'x'", "DELETE FROM timeline_entry"])
async def test_nobody_rewrites_a_timeline(database: Database, change):
    for context in (LEDGER, IDENTITY, REGISTRY, of_centre(new_world().ours), new_world().scope):
        with pytest.raises(StoreRefused):
            async with database.transaction(context) as session:
                await session.execute(text(change))


async def test_passwords_are_the_identity_services_alone(database: Database, world: World):
    for context in (REGISTRY, LEDGER, world.scope, Context(DatabaseRole.SUPER_ADMIN, world.operator)):
        with pytest.raises(StoreRefused):
            async with database.transaction(context) as session:
                await session.execute(select(CredentialRow))


@pytest.fixture
async def places(database: Database) -> Places:
    return await settle_places(database)


async def test_hospital_staff_see_their_own_hospital(database: Database, places: Places):
    for role in (DatabaseRole.HOSPITAL_ADMIN, DatabaseRole.NURSE, DatabaseRole.PARAMEDIC):
        async with database.transaction(Context(role, places.person_of(role))) as session:
            assert set(await session.scalars(select(StaffRow.hospital_id))) == {places.hospital}
        with pytest.raises(StoreRefused):
            async with database.transaction(Context(role, places.person_of(role))) as session:
                await session.scalars(select(ResidentRow))
    async with database.transaction(Context(DatabaseRole.NURSE, places.foreign_nurse)) as session:
        assert set(await session.scalars(select(StaffRow.hospital_id))) == {places.foreign_hospital}


async def test_a_hospital_admin_sees_the_people_of_the_hospital_and_nobody_else(database: Database, places: Places):
    admin = Context(DatabaseRole.HOSPITAL_ADMIN, places.person_of(DatabaseRole.HOSPITAL_ADMIN))
    async with database.transaction(admin) as session:
        seen = set(await session.scalars(select(PersonRow.person_id)))
    assert seen == {
        places.person_of(role) for role in (DatabaseRole.HOSPITAL_ADMIN, DatabaseRole.NURSE, DatabaseRole.PARAMEDIC)
    }


async def test_a_community_manager_sees_the_residents_of_the_community_and_may_change_them(
    database: Database, places: Places
):
    manager = Context(DatabaseRole.COMMUNITY_MANAGER, places.person_of(DatabaseRole.COMMUNITY_MANAGER))
    async with database.transaction(manager) as session:
        residents = list(await session.scalars(select(ResidentRow)))
        assert {resident.community_id for resident in residents} == {places.community}
        residents[0].flat = "9Z"
    with pytest.raises(StoreRefused):
        async with database.transaction(manager) as session:
            session.add(ResidentRow(resident_id="intruder", community_id=places.foreign_community, name="X"))


async def test_a_resident_sees_themselves_alone(database: Database, places: Places):
    resident = Context(DatabaseRole.RESIDENT, places.person_of(DatabaseRole.RESIDENT))
    async with database.transaction(resident) as session:
        assert set(await session.scalars(select(ResidentRow.person_id))) == {places.person_of(DatabaseRole.RESIDENT)}
        assert set(await session.scalars(select(PersonRow.person_id))) == {places.person_of(DatabaseRole.RESIDENT)}


async def test_a_person_without_a_grant_sees_nothing(database: Database, places: Places, world: World):
    await PostgresTimelineStore(database, store_keys()).append(whole_call(f"call-{world.ours}", world.ours))
    stranger = PersonId("stranger")
    for role in DatabaseRole:
        if role in SERVER_ROLES or role is DatabaseRole.SUPER_ADMIN:
            continue
        async with database.transaction(Context(role, stranger, world.ours)) as session:
            for table in MANIFEST:
                if any(rule.role is role and "SELECT" in rule.privileges for rule in table.rules):
                    assert (await session.execute(text(f'SELECT 1 FROM "{table.table}" LIMIT 1'))).all() == []


async def test_a_lost_connection_is_an_outage_and_the_next_transaction_works(fresh_servers, fresh_database):
    cut_off = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE usename = '{APPLICATION}' AND datname = current_database()"
    )

    async def work() -> None:
        async with fresh_database.transaction(REGISTRY) as session:
            await session.execute(text("SELECT 1"))
            await execute(fresh_servers.superuser_url, cut_off)
            await session.execute(text("SELECT 1"))

    with pytest.raises(StoreUnavailable):
        await work()
    async with fresh_database.transaction(REGISTRY) as session:
        assert await session.scalar(text("SELECT 1")) == 1
    await execute(fresh_servers.superuser_url, cut_off)
    async with fresh_database.transaction(REGISTRY) as session:
        assert await session.scalar(text("SELECT 1")) == 1
