"""The isolation bench sees a scope that is missing, in either layer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.isolation import Bench, Tally, a_server, application_alone, database_alone, execute, probe_route
from dispatch.contract.routes import ROUTES, RouteSpec
from dispatch.identity import Role
from dispatch.storage.context import DatabaseRole
from dispatch.storage.scope import SCOPES
from dispatch.storage.scope.rules import Everything
from dispatch.storage.tables import ResidentRow
from tests.fixtures_servers import quick_folder

pytestmark = pytest.mark.integration

BY_NAME = {route.name: route for route in ROUTES}
LIST, INTRODUCE = BY_NAME["read_resident"], BY_NAME["introduce_player"]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    folder: Path = quick_folder()
    async with a_server(folder, tenants=1) as made:
        yield made


async def leaks(bench: Bench, route: RouteSpec = LIST, role: Role = Role.COMMUNITY_MANAGER) -> int:
    tally = Tally()
    await probe_route(bench, tally, route, role)
    assert tally.controls_ok == tally.probes > 0
    return len(tally.leaks)


async def test_a_scope_that_somebody_removes_is_caught(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async with application_alone(bench):
        assert await leaks(bench) == 0
        assert await leaks(bench, INTRODUCE, Role.TRAINER) == 0, "another centre's player is not overwritten"
        monkeypatch.setitem(SCOPES, ResidentRow, {DatabaseRole.COMMUNITY_MANAGER: Everything()})
        assert await leaks(bench) > 0
    assert await leaks(bench) == 0, "row-level security holds by itself"


async def test_a_policy_that_somebody_widens_is_caught(bench: Bench) -> None:
    async with database_alone(bench):
        assert await leaks(bench) == 0
        await execute(
            bench.urls.owner_url, ["CREATE POLICY wide ON resident TO kiwimesh_community_manager USING (true)"]
        )
        assert await leaks(bench) > 0
    assert await leaks(bench) == 0, "the application's scope holds by itself"
