"""What anybody meets who asks a guarded route: the guard, roles, bodies, and problems that say what to do."""

import aiohttp
import pytest

from dispatch.bootstrap import Node
from dispatch.identity import Role
from tests.fixtures_node import signed_in

pytestmark = pytest.mark.integration


async def ask(node: Node, token: str, path: str = "/v1/me", method: str = "GET", **more: object) -> tuple[int, dict]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= more.pop("headers", {})  # type: ignore[arg-type]
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, f"{node.url}{path}", headers=headers, **more) as answer,  # type: ignore[arg-type]
    ):
        return answer.status, await answer.json(content_type=None)


async def token_of(node: Node, role: Role) -> str:
    assert node.demo_world is not None
    login = node.demo_world.login(role)
    return (await signed_in(node.url, login.email, login.password)).access_token


async def test_somebody_signed_in_is_told_who_they_are(node: Node) -> None:
    status, me = await ask(node, await token_of(node, Role.NURSE))
    assert (status, me["roles"]) == (200, ["nurse"])


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
async def test_nobody_gets_in_without_a_good_token(node: Node, token: str) -> None:
    status, problem = await ask(node, token)
    assert (status, problem["code"]) == (401, "not_signed_in")


async def test_a_role_that_somebody_does_not_have_is_not_acted_in(node: Node) -> None:
    status, problem = await ask(node, await token_of(node, Role.NURSE), headers={"Kiwimesh-Role": "supervisor"})
    assert (status, problem["code"]) == (403, "not_allowed")


async def test_an_unknown_query_is_refused_and_a_wrong_method_says_which_are_right(node: Node) -> None:
    token = await token_of(node, Role.NURSE)
    assert (await ask(node, token, "/v1/me?surprise=1"))[1]["code"] == "invalid_message"
    assert (await ask(node, token, method="DELETE"))[1]["code"] == "method_not_allowed"
