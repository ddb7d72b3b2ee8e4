"""The outbox as a page: a super admin sees there what the in-memory providers would have sent."""

import re
from pathlib import Path

import httpx
import pytest

from dispatch.bootstrap import OUTBOX_PAGE, Node
from dispatch.contract.roles import Role
from dispatch.contract.routes import ROUTES
from dispatch.providers.messaging import TextMessage

pytestmark = pytest.mark.integration

SCRIPT = (OUTBOX_PAGE / "assets" / "outbox.js").read_text()
PAGE = (OUTBOX_PAGE / "index.html").read_text()


async def test_the_page_is_served_and_shows_what_would_have_been_sent(node: Node) -> None:
    await node.providers.real.messaging.send(TextMessage("+447700900199", "Open Kiwimesh.", "outbox-page"))
    assert node.demo_world is not None
    login = node.demo_world.login(Role.SUPER_ADMIN)
    async with httpx.AsyncClient(base_url=node.url) as http:
        for path in ("/outbox/", "/outbox/assets/outbox.js", "/outbox/assets/outbox.css"):
            answer = await http.get(path)
            assert (answer.status_code, "script-src 'self'" in answer.headers["Content-Security-Policy"]) == (200, True)
        body = {"email": login.email, "password": login.password}
        session = (await http.post("/v1/auth/sign-in", json=body)).json()
        headers = {"Authorization": f"Bearer {session['access_token']}"}
        page = (await http.get("/v1/outbox", params={"port": "messaging", "limit": "50"}, headers=headers)).json()
    assert "+447700900199" in [item["recipient"] for item in page["items"]]
    named = set(re.findall(r"\bitem\.(\w+)", SCRIPT))
    assert named == {"exercise", "at", "port", "operation", "recipient", "said", "reference"} <= set(page["items"][0])


def test_the_page_asks_only_for_what_exists_and_runs_under_the_servers_own_rules() -> None:
    asked = set(re.findall(r"/v1/[a-z/-]+", SCRIPT))
    assert asked == {"/v1/outbox", "/v1/auth/sign-in", "/v1/auth/refresh"} <= {route.path for route in ROUTES}
    assert "innerHTML" not in SCRIPT
    assert re.findall(r"<script(?![^>]*\bsrc=)|\bon\w+=|style=", PAGE) == []
    files = re.findall(r"(?:src|href)=\"/outbox/([^\"]+)\"", PAGE)
    assert files
    assert all((Path(OUTBOX_PAGE) / file).exists() for file in files)
