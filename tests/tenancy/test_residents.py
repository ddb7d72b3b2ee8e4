"""Residents: registered by their community's manager, coming in by phone, one person each."""

import asyncio

import pytest

from dispatch.contract.roles import Role
from dispatch.identity import SignInRefused
from tests.tenancy.conftest import Somebody, Town, new_phone

pytestmark = pytest.mark.integration


@pytest.fixture
async def community(town: Town, chief: Somebody) -> str:
    return await town.community(chief)


@pytest.fixture
async def manager(town: Town, community: str) -> Somebody:
    return await town.somebody(Role.COMMUNITY_MANAGER, community)


def spaced(phone: str) -> str:
    return f"{phone[:3]} ({phone[3:7]}) {phone[7:]}"


async def registered(town: Town, manager: Somebody, community: str, phone: str | None = None):
    body = {"name": "Rosa Resident", "flat": "1A", "phone": phone and spaced(phone)}
    return await town.ask(manager, "register_resident", body, community_id=community)


async def test_a_registered_resident_comes_in_by_phone_with_the_residents_role(town, manager, community):
    phone = new_phone()
    resident = await registered(town, manager, community, phone)
    assert (resident.phone, resident.person_id) == (phone, None)
    session = await town.by_phone(phone)
    assert session.principal.roles == {Role.RESIDENT}
    own = await town.ask(session.access_token, "read_resident", resident_id=resident.resident_id)
    assert own.person_id == session.principal.person_id
    assert (await town.by_phone(phone)).principal.person_id == session.principal.person_id


async def test_a_phone_that_two_communities_register_is_one_person_in_both(town, chief, manager, community):
    phone, other = new_phone(), await town.community(chief)
    await registered(town, manager, community, phone)
    first = await town.by_phone(phone)
    await registered(town, await town.somebody(Role.COMMUNITY_MANAGER, other), other, phone)
    second = await town.by_phone(phone)
    assert second.principal.person_id == first.principal.person_id
    assert {grant.scope_id for grant in second.principal.grants} == {community, other}


async def test_two_codes_redeemed_at_once_make_one_person(town, manager, community):
    phone = new_phone()
    await registered(town, manager, community, phone)
    tickets = []
    for _ in range(2):
        ticket = town.codes.request(phone)
        await town.codes.send_next()
        tickets.append((ticket, town.phones.last[phone]))
    redeemed = await asyncio.gather(*(town.codes.redeem(ticket, code) for ticket, code in tickets))
    assert len(set(redeemed)) == 1


async def test_a_number_names_one_resident_of_a_community(town, manager, community):
    phone = new_phone()
    first = await registered(town, manager, community, phone)
    body = {"name": "Other", "phone": phone}
    assert await town.refusal(manager, "register_resident", body, community_id=community) == "conflict"
    second = await registered(town, manager, community)
    path = {"resident_id": second.resident_id, "version": 1}
    assert await town.refusal(manager, "change_resident", body, **path) == "conflict"
    changed = {"name": "Rosa R.", "flat": "2B", "phone": phone}
    seen = await town.ask(manager, "change_resident", changed, resident_id=first.resident_id, version=1)
    assert (seen.name, seen.flat, seen.phone, seen.version) == ("Rosa R.", "2B", phone, 2)


async def test_a_suspended_resident_does_not_come_in_and_comes_back_reinstated(town, manager, community):
    phone = new_phone()
    resident = await registered(town, manager, community, phone)
    path = {"resident_id": resident.resident_id}
    await town.ask(manager, "suspend_resident", **path, version=1)
    with pytest.raises(SignInRefused):
        await town.by_phone(phone)
    await town.ask(manager, "reinstate_resident", **path, version=2)
    session = await town.by_phone(phone)
    await town.ask(manager, "suspend_resident", **path, version=3)
    await town.a_minute()
    assert await town.refusal(session.access_token, "read_resident", **path) == "not_allowed"


async def test_a_manager_reaches_the_own_community_alone(town, chief, manager, community):
    other = await town.community(chief)
    theirs = await registered(town, await town.somebody(Role.COMMUNITY_MANAGER, other), other)
    mine = await registered(town, manager, community)
    assert [
        row.resident_id for row in (await town.ask(manager, "list_residents", community_id=community)).residents
    ] == [mine.resident_id]
    assert await town.refusal(manager, "list_residents", community_id=other) == "not_found"
    assert await town.refusal(manager, "register_resident", {"name": "X"}, community_id=other) == "not_found"
    path = {"resident_id": theirs.resident_id}
    assert await town.refusal(manager, "read_resident", **path) == "not_found"
    assert await town.refusal(manager, "suspend_resident", **path, version=1) == "not_found"


async def test_wrong_passwords_for_a_residents_account_never_touch_their_codes_by_phone(town, manager, community):
    phone = new_phone()
    await registered(town, manager, community, phone)
    for _ in range(8):
        with pytest.raises(Exception, match=r"belong together|Too many"):
            await town.identity.sign_in(phone, "wrong", "192.0.2.9")
    assert await town.by_phone(phone)
