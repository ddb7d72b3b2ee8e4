"""The demonstration world, and the directory of centres that calls are taken by."""

import stat

import pytest
from sqlalchemy import func, select

from dispatch.contract.base import CentreId
from dispatch.identity import AccessTokens, Identity, Passwords, RefreshTokens, Role, signing_keys
from dispatch.observability.clock import VirtualClock
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import ResidentRow, StaffRow
from dispatch.tenancy import Centre, StaticDirectory, StoredDirectory, seed_demo

pytestmark = pytest.mark.integration


@pytest.fixture
def passwords():
    made = Passwords()
    yield made
    made.close()


async def test_the_demo_world_has_one_login_for_every_role_and_each_can_sign_in(fresh_database, passwords, tmp_path):
    world = await seed_demo(fresh_database, tmp_path, public_number="111")
    tokens = AccessTokens(signing_keys(tmp_path / "keys"))
    identity = Identity(fresh_database, tokens, RefreshTokens(fresh_database, "s"), passwords, VirtualClock())
    for login in world.logins:
        session = await identity.sign_in(login.email, login.password, "127.0.0.1")
        assert session.principal.roles == {login.role}
        assert (session.principal.centre_id == world.centre_id) == (
            login.role in {Role.OPERATOR, Role.SUPERVISOR, Role.TRAINER}
        )
    assert {login.role for login in world.logins} == set(Role)
    assert [login.role for login in world.logins].count(Role.OPERATOR) == 2


async def test_seeding_again_changes_nothing(fresh_database, tmp_path):
    first = await seed_demo(fresh_database, tmp_path, public_number="111")
    assert await seed_demo(fresh_database, tmp_path, public_number="111") == first
    assert await count(fresh_database, ResidentRow) == first.residents
    assert await count(fresh_database, StaffRow) == 3


async def test_lost_passwords_are_replaced_by_new_ones_that_work(fresh_database, passwords, tmp_path):
    await seed_demo(fresh_database, tmp_path, public_number="111")
    (tmp_path / "secrets" / "demo-logins.json").unlink()
    world = await seed_demo(fresh_database, tmp_path, public_number="111")
    tokens = AccessTokens(signing_keys(tmp_path / "keys"))
    identity = Identity(fresh_database, tokens, RefreshTokens(fresh_database, "s"), passwords, VirtualClock())
    login = world.login(Role.NURSE)
    assert (await identity.sign_in(login.email, login.password, "127.0.0.1")).principal.roles == {Role.NURSE}


async def test_the_passwords_of_the_demo_are_readable_by_their_owner_alone(fresh_database, tmp_path):
    world = await seed_demo(fresh_database, tmp_path, public_number="111")
    assert stat.S_IMODE((tmp_path / "secrets" / "demo-logins.json").stat().st_mode) == 0o600
    assert world.logins[0].password not in repr(world)


async def test_an_entry_leads_to_its_centre_and_an_unknown_one_to_the_default(fresh_database, tmp_path):
    world = await seed_demo(fresh_database, tmp_path, public_number="111")
    directory = StoredDirectory(fresh_database, tmp_path / "directory.json")
    await directory.load()
    for entry in ("web", "somewhere-new"):
        assert directory.centre_of_entry(entry).centre_id == world.centre_id
    assert directory.centre_of_entry("web").public_number == "111"


async def test_a_server_that_starts_without_its_database_knows_the_centres_of_the_last_run(fresh_database, tmp_path):
    await seed_demo(fresh_database, tmp_path, public_number="111")
    before = StoredDirectory(fresh_database, tmp_path / "directory.json")
    await before.load()
    away = Database(f"postgresql://nobody:x@/nothing?host={tmp_path}")
    after = StoredDirectory(away, tmp_path / "directory.json")
    await after.load()
    await away.close()
    assert after.centres() == before.centres()
    assert after.centre_of_entry("web") == before.centre_of_entry("web")


async def test_a_server_that_has_never_known_a_centre_says_so(tmp_path, fresh_database):
    with pytest.raises(StoreUnavailable):
        await StoredDirectory(fresh_database, tmp_path / "directory.json").load()
    away = Database(f"postgresql://nobody:x@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailable):
        await StoredDirectory(away, tmp_path / "directory.json").load()
    await away.close()


async def test_a_directory_without_a_database_answers_the_same_questions():
    centre, other = (Centre(CentreId(name), name, "111") for name in ("one", "two"))
    directory = StaticDirectory((centre, other), (("web", other.centre_id),))
    assert directory.centre_of_entry("web") == other
    assert directory.centre_of_entry("unknown") == centre
    assert directory.centre("nothing") is None


async def count(database, table):
    async with database.transaction(REGISTRY) as session:
        return await session.scalar(select(func.count()).select_from(table))
