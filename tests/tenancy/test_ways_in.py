"""Every role by every way in, and what each reaches: over HTTP, at the routes' guard, and at the consoles' door."""

import asyncio

import aiohttp
import pytest

from dispatch.bootstrap import Node
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role
from dispatch.contract.routes import ROUTES, Credential
from dispatch.identity.totp import code_at, step_of
from dispatch.observability.clock import SystemClock
from dispatch.transport.desk import CODES_AT_ONCE, CONSOLE_ROLES, IdentityDesk
from tests.tenancy.conftest import PASSWORD, Somebody, Town, new_email
from tests.tenancy.test_one_human_being import with_login

pytestmark = pytest.mark.integration


async def post(node: Node, path: str, body: dict[str, object], token: str = "") -> tuple[int, dict, str]:
    """Status, body and refresh cookie."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as http,
        http.post(node.url + path, json=body, headers=headers) as answer,
    ):
        cookie = answer.cookies.get("refresh")
        return answer.status, await answer.json(content_type=None), cookie.value if cookie else ""


async def test_staff_sign_in_with_a_password_and_residents_with_a_code_by_phone(node: Node) -> None:
    assert node.demo_world is not None
    for login in node.demo_world.logins:
        if login.role is Role.RESIDENT:
            continue
        status, session, cookie = await post(
            node, "/v1/auth/sign-in", {"email": login.email, "password": login.password}
        )
        assert (status, session["me"]["roles"], bool(cookie)) == (200, [login.role], True)
        assert session["me"]["grants"][0]["role"] == login.role
    status, ticket, _ = await post(node, "/v1/auth/codes", {"phone": "+44 7700 900101"})
    assert status == 200
    async with asyncio.timeout(60):
        while "+447700900101" not in node.code_sender.last:  # noqa: ASYNC110 - the node's own task sends it
            await asyncio.sleep(0.02)
    sent = {"ticket": ticket["ticket"], "code": node.code_sender.last["+447700900101"]}
    status, session, cookie = await post(node, "/v1/auth/codes/redeem", sent)
    assert (status, session["me"]["roles"], bool(cookie)) == (200, ["resident"], True)
    assert (await post(node, "/v1/auth/codes/redeem", sent))[1]["code"] == "sign_in_failed"


async def test_a_number_that_is_nobodys_is_answered_alike_and_an_address_asks_only_so_often(
    node: Node,
) -> None:
    known, unknown = [
        await post(node, "/v1/auth/codes", {"phone": phone}) for phone in ("+44 7700 900101", "+44 7700 900998")
    ]
    assert known[0] == unknown[0] == 200
    assert {name: len(str(value)) for name, value in known[1].items()} == {
        name: len(str(value)) for name, value in unknown[1].items()
    }
    answers = [await post(node, "/v1/auth/codes", {"phone": "+44 7700 900998"}) for _ in range(CODES_AT_ONCE)]
    assert (answers[-1][0], answers[-1][1]["code"]) == (429, "too_many")


async def test_an_invitation_is_taken_up_over_http_with_a_password_of_ones_own(node: Node) -> None:
    assert node.demo_world is not None
    chief = node.demo_world.login(Role.SUPER_ADMIN)
    _, session, _ = await post(node, "/v1/auth/sign-in", {"email": chief.email, "password": chief.password})
    email = new_email()
    offer = {"email": email, "display_name": "New", "role": "nurse", "scope_id": node.demo_world.hospital_id}
    headers = {"Authorization": f"Bearer {session['access_token']}", "Idempotency-Key": f"invite-{email[:12]}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.post(node.url + "/v1/invitations", json=offer) as answer:
            assert answer.status == 201
            made = await answer.json()
        async with http.get(f"{node.url}/v1/invitations/{made['invitation_id']}/link") as answer:
            token = (await answer.json())["token"]
    path = "/v1/auth/invitations/accept"
    assert (await post(node, path, {"token": token, "password": "short"}))[1]["code"] == "invalid_message"
    status, session, cookie = await post(node, path, {"token": token, "password": PASSWORD})
    assert (status, session["me"]["roles"], bool(cookie)) == (200, ["nurse"], True)
    assert (await post(node, path, {"token": token, "password": PASSWORD}))[:1] == (404,)
    await second_factor(node, session["access_token"], email)


async def second_factor(node: Node, token: str, email: str) -> None:
    """An authenticator app over HTTP: added, then wanted at the next sign-in."""
    _, enrolment, _ = await post(node, "/v1/me/second-factor", {}, token)
    assert enrolment["code"] == "invalid_message", "the route takes no body"
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
        http.post(node.url + "/v1/me/second-factor") as answer,
    ):
        secret = (await answer.json())["secret"]
    code = code_at(secret, step_of(SystemClock().now()))
    assert (await post(node, "/v1/me/second-factor/confirm", {"code": code}, token))[0] == 204
    login = {"email": email, "password": PASSWORD}
    status, told, _ = await post(node, "/v1/auth/sign-in", login)
    assert (status, told["code"]) == (401, "second_factor_needed")
    late = {"code": code_at(secret, step_of(SystemClock().now()) + 1)}
    assert (await post(node, "/v1/auth/sign-in", login | late))[0] == 200


SCOPES = {
    Role.NURSE: "hospital", Role.PARAMEDIC: "hospital", Role.HOSPITAL_ADMIN: "hospital",
    Role.COMMUNITY_MANAGER: "community", Role.RESIDENT: "community",
    Role.OPERATOR: "centre", Role.SUPERVISOR: "centre", Role.TRAINER: "centre",
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_gets_past_the_guard_of_its_own_routes_alone(town: Town, chief: Somebody, role: Role) -> None:
    who = chief if role is Role.SUPER_ADMIN else await town.somebody(role, await getattr(town, SCOPES[role])(chief))
    wrong = []
    for route in ROUTES:
        if route.credential is not Credential.BEARER:
            continue
        path = dict.fromkeys(route.parameters, "nothing")
        try:
            await town.answer(who, route.name, {} if route.request else None, role=role, version=1, **path)
            code = None
        except Refused as refused:
            code = refused.problem.code
        if (code is ProblemCode.NOT_ALLOWED) is (role in route.roles) and code is not None:
            wrong.append((route.name, code))
    assert wrong == []


async def test_consoles_are_for_operators_and_supervisors(town: Town, chief: Somebody) -> None:
    desk = IdentityDesk(town.identity, town.codes, town.reception, town.clock)
    centre = await town.centre(chief)
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.TRAINER, Role.NURSE, Role.RESIDENT):
        scope = centre if SCOPES[role] == "centre" else await getattr(town, SCOPES[role])(chief)
        who = await town.somebody(role, scope)
        if role in CONSOLE_ROLES:
            assert desk.operator(who.token).centre_id == centre
            continue
        with pytest.raises(Refused) as refused:
            desk.operator(who.token)
        assert refused.value.problem.code is ProblemCode.NOT_ALLOWED


async def test_wrong_passwords_from_elsewhere_lock_nobody_out_whatever_the_role(town, chief, passwords) -> None:
    email = await with_login(town, chief, "Chief", passwords)
    for _ in range(12):
        with pytest.raises(Exception, match=r"belong together|Too many"):
            await town.identity.sign_in(email, "wrong", "198.51.100.7")
    assert await town.identity.sign_in(email, PASSWORD, "192.0.2.1")
