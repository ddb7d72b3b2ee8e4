"""An ambulance is sent from a console while the questioning goes on; its crew reports; every console follows."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from dispatch.api.limits import RequestBudget
from dispatch.bootstrap import Node
from dispatch.cli.crew import drive
from dispatch.client import CallerClient
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AnswerCall, CallState, DeliveryBody
from dispatch.contract.dispatch_commands import ConfirmPlace, DispatchUnit
from dispatch.contract.dispatching import Known, UnitChanged, UnitState, UnitView
from dispatch.identity import Role
from dispatch.observability.supervision import TaskSupervisor
from tests.fixtures_node import MULAW, console_of, new_id, signed_in

pytestmark = pytest.mark.integration

PLACE = "demo-community.ga-b-2b"


class Heard:
    """What a console is told beside its calls."""

    def __init__(self) -> None:
        self.bodies: list[DeliveryBody] = []
        self._more = asyncio.Event()

    def take(self, body: DeliveryBody) -> None:
        self.bodies.append(body)
        self._more.set()

    async def until(self, true: Callable[[DeliveryBody], bool]) -> Any:
        """The first body that a condition holds for."""
        async with asyncio.timeout(60):
            while not (found := [body for body in self.bodies if true(body)]):
                self._more.clear()
                await self._more.wait()
        return found[0]


async def crew(node: Node, method: str, path: str, body: dict[str, object] | None = None) -> tuple[int, Any]:
    """A request of the demonstration's paramedic."""
    assert node.demo_world is not None
    login = node.demo_world.login(Role.PARAMEDIC)
    session = await signed_in(node.url, login.email, login.password)
    headers = {"Authorization": f"Bearer {session.access_token}", "Idempotency-Key": new_id()}
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, node.url + path, json=body, headers=headers) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


async def test_an_ambulance_is_sent_with_one_command_and_its_way_is_seen_on_every_console(node: Node) -> None:
    seen, elsewhere = Heard(), Heard()
    console = await console_of(node, on_delivery=seen.take)
    other = await console_of(node, Role.SUPERVISOR, on_delivery=elsewhere.take)
    caller = CallerClient(node.url)
    opened = await caller.start(StartCall(format=MULAW, entry="web", phone="+44 7700 900105"))
    try:
        await console.until(lambda view: opened.call_id in view.queue)
        assert (await console.command(AnswerCall(command_id=new_id(), call_id=opened.call_id))).ok
        await console.open_call(opened.call_id)
        known = await seen.until(lambda body: isinstance(body, Known))
        assert known.resident.name == "Elsie Hughes"
        assert {note.words for note in known.notes} >= {"Penicillin."}

        confirm = ConfirmPlace(command_id=new_id(), call_id=opened.call_id, place_id=PLACE)
        assert (await console.command(confirm)).seq is not None
        incident_id = console.view.queue[opened.call_id].incident_id
        send = DispatchUnit(command_id=new_id(), incident_id=incident_id)
        assert (await console.command(send)).ok
        assert (await console.command(send)).ok
        moved = await elsewhere.until(lambda body: isinstance(body, UnitChanged) and body.unit.incident_id)
        assert moved.unit.state is UnitState.ASSIGNED
        assert moved.unit.unit_id == "demo-unit-1"
        assert node.demo_world is not None

        await the_crew_is_told_of_its_mission_and_nothing_that_it_is_not_on(node)
        other_mission = {"state": "acknowledged", "incident_id": "incident-of-before"}
        status, problem = await crew(node, "POST", "/v1/units/demo-unit-1/state", other_mission)
        assert (status, problem["code"]) == (409, "wrong_state")
        tapped = {"state": "acknowledged", "at": "2020-01-01T00:00:00Z", "incident_id": incident_id}
        status, unit = await crew(node, "POST", "/v1/units/demo-unit-1/state", tapped)
        assert (status, unit["state"]) == (200, "acknowledged")
        assert unit["state_since"] == moved.unit.state_since.isoformat().replace("+00:00", "Z")
        status, problem = await crew(node, "POST", "/v1/units/demo-unit-1/state", {"state": "at_hospital"})
        assert (status, problem["code"]) == (409, "wrong_state")
        status, mission = await crew(node, "GET", "/v1/units/demo-unit-1/mission")
        assert (status, mission["hazards"]) == (200, "Home oxygen: no naked flame.")
        async with TaskSupervisor() as tasks:
            login = node.demo_world.login(Role.PARAMEDIC)
            tasks.start("crew", drive(node.url, login.email, login.password, 100.0, lambda _: None))
            await console.until(lambda view: "clear" in moves(view))
            await elsewhere.until(lambda body: isinstance(body, UnitChanged) and away(body.unit))
        assert moves(console.view)[:7] == [
            "assigned", "acknowledged", "en_route", "on_scene", "transporting", "at_hospital", "clear",
        ]  # fmt: skip
        assert console.view.queue[opened.call_id].state is CallState.ANSWERED
    finally:
        await caller.close()
        await console.close()
        await other.close()


async def test_crews_that_ask_faster_than_the_server_allows_wait_and_go_on(node: Node) -> None:
    assert node.demo_world is not None
    login = node.demo_world.login(Role.PARAMEDIC)
    node.api.budget = RequestBudget(steady_per_s=8.0, burst=2)
    said: list[str] = []
    refused_often = asyncio.Event()

    def say(words: str) -> None:
        said.append(words)
        if said.count("The crews wait: You are asking faster than anybody works.") == 3:
            refused_often.set()

    async with TaskSupervisor() as tasks:
        tasks.start("crew", drive(node.url, login.email, login.password, 100.0, say))
        async with asyncio.timeout(60):
            await refused_often.wait()


async def the_crew_is_told_of_its_mission_and_nothing_that_it_is_not_on(node: Node) -> None:
    _, listed = await crew(node, "GET", "/v1/units?mine=true")
    assert "demo-unit-1" in [unit["unit_id"] for unit in listed["units"]]
    _, news = await crew(node, "GET", "/v1/units/demo-unit-1/news")
    _, mission = await crew(node, "GET", "/v1/units/demo-unit-1/mission")
    assert (news["unit"]["state"], news["mission_mark"]) == ("assigned", mission["mark"])
    assert {"kind": "allergy", "words": "Penicillin."} in mission["notes"]
    assert {"name": "callback_number", "value": "+44 7700 900105"} in mission["facts"]
    assert news.keys() == {"at", "unit", "offers", "mission_mark"}
    _, idle = await crew(node, "GET", "/v1/units/demo-unit-2/mission")
    assert (idle["incident"], idle["notes"], idle["facts"], idle["mark"]) == (None, [], [], "none")


def away(unit: UnitView) -> bool:
    """Whether a unit is no longer where it stood when it was sent."""
    return unit.unit_id == "demo-unit-1" and unit.latitude != -41.2840


def moves(view: Any) -> list[str]:
    """The states of the unit as the open call's log has them."""
    return [entry.body.state for log in view.entries.values() for entry in log if entry.body.kind == "unit.moved"]
