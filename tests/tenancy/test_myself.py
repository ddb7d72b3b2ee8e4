"""What people see and do about themselves: sessions, and the authenticator app."""

import asyncio

import pytest

from dispatch.contract.roles import Role
from dispatch.identity import SecondFactorNeeded, SessionEnded
from dispatch.identity.totp import code_at, step_of
from dispatch.storage.engine import POOL_SIZE
from tests.tenancy.conftest import HOME, PASSWORD, Somebody, Town
from tests.tenancy.test_one_human_being import with_login

pytestmark = pytest.mark.integration


@pytest.fixture
async def nurse(town: Town, chief: Somebody) -> Somebody:
    return await town.somebody(Role.NURSE, await town.hospital(chief))


async def test_i_see_where_i_am_signed_in_and_end_one_place_or_all_of_them(town, chief, nurse):
    desk, tablet = [await town.identity.open(nurse.person_id, client) for client in ("Desk", "Tablet")]
    await town.identity.open(chief.person_id, "Elsewhere")
    seen = (await town.ask(desk.access_token, "list_my_sessions")).sessions
    assert {place.client: place.this_one for place in seen} == {"Desk": True, "Tablet": False}
    theirs = (await town.ask(chief, "list_my_sessions")).sessions[0].session_id
    assert await town.refusal(desk.access_token, "end_my_session", session_id=theirs) == "not_found"
    await town.ask(desk.access_token, "end_my_session", session_id=tablet.principal.session_id)
    with pytest.raises(SessionEnded):
        await town.identity.refresh(tablet.refresh_token)
    await town.ask(desk.access_token, "sign_out_everywhere")
    await town.a_minute()
    assert await town.refusal(desk.access_token, "who_am_i") == "not_signed_in"


async def test_i_add_an_authenticator_app_and_take_it_away_again(town, nurse, passwords):
    email = await with_login(town, nurse, "Nora", passwords)
    enrolment = await town.ask(nurse, "enrol_second_factor")

    def code() -> dict[str, str]:
        return {"code": code_at(enrolment.secret, step_of(town.clock.now()))}

    assert await town.refusal(nurse, "confirm_second_factor", {"code": "none"}) == "invalid_message"
    await town.ask(nurse, "confirm_second_factor", code())
    assert await town.refusal(nurse, "enrol_second_factor") == "conflict"
    with pytest.raises(SecondFactorNeeded):
        await town.identity.sign_in(email, PASSWORD, HOME)
    await town.later(60)
    assert await town.identity.sign_in(email, PASSWORD, HOME, **code())
    await town.later(60)
    await town.ask(nurse, "remove_second_factor", code())
    assert await town.identity.sign_in(email, PASSWORD, HOME)


async def test_many_who_change_their_second_factor_at_once_take_no_connection_from_anybody_else(town, nurse, passwords):
    await with_login(town, nurse, "Nora", passwords)
    asked = [town.ask(nurse, "enrol_second_factor") for _ in range(2 * POOL_SIZE)]
    enrolments = await asyncio.gather(*asked)
    assert len({one.secret for one in enrolments}) == 2 * POOL_SIZE
    tries = [town.refusal(nurse, "confirm_second_factor", {"code": "none"}) for _ in range(2 * POOL_SIZE)]
    assert set(await asyncio.gather(*tries)) == {"invalid_message"}
