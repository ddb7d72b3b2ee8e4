"""Every route under requests that nobody thought of: generated from the published document, against a real server."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from dispatch.api import RequestBudget
from dispatch.bootstrap import Node
from dispatch.contract.routes import ROUTES, RouteSpec
from dispatch.identity import Role
from tests.api.test_guarded_routes import token_of

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "protocol" / "openapi.json").read_text())
WHAT_ENDS_THE_TEST = {
    *("sign_out_everywhere", "end_my_session", "suspend_centre", "suspend_community", "suspend_hospital"),
    *("suspend_person", "suspend_resident", "suspend_staff", "revoke_grant", "merge_people"),
}
"""Carried out with luck, they shut the door on whoever asks next; bad requests to them are in the feature's tests."""
EXAMPLES = 5
"""For each operation and role that leads it; more by the night."""

load_all_checks()


def checks() -> list[Any]:
    """No 5xx, no status, content type or body that the document does not name."""
    wanted = (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    )
    return [check for name in wanted for check in CHECKS.get_by_names([name])]


def routes() -> Iterator[RouteSpec]:
    for route in ROUTES:
        if route.roles and route.name not in WHAT_ENDS_THE_TEST:
            yield route


async def test_no_generated_request_makes_the_server_fail_or_answer_what_is_not_written_down(node: Node) -> None:
    node.api.budget = RequestBudget(steady_per_s=1e6, burst=10**6)
    tokens = {role: await token_of(node, role) for role in Role if role is not Role.RESIDENT}
    found = await asyncio.to_thread(ask_everything, node.url, tokens)
    assert not found, "\n".join(found)


def ask_everything(url: str, tokens: dict[Role, str]) -> list[str]:
    """What was found, in a line for each operation. In a thread of its own: the generator waits for each answer."""
    found = []
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    for route in routes():
        role = next((role for role in route.roles if role in tokens), None)
        if role is not None:
            try:
                ask(schema[route.path][route.method.value], url, tokens[role], role)
            except FailureGroup as failures:
                found.append(f"{route.name} as {role}: {failures}")
    return found


def ask(operation: Any, url: str, token: str, role: Role) -> None:
    """A few requests to one operation; the first finding is raised with the request that made it."""

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), data=st.data())
    def requests(case: Any, data: Any) -> None:
        del data
        headers = {"Authorization": f"Bearer {token}", "Kiwimesh-Role": role.value}
        answer = case.call(base_url=url, headers=headers)
        case.validate_response(answer, checks=checks())

    requests()
