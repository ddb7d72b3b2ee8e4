"""A trainer asks for an exercise, a player rings, the trainer watches, disturbs and stops it, and reads the score."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.base import CallId
from dispatch.contract.caller import StartCall
from dispatch.contract.console import (
    AnswerCall,
    CallState,
    DeliveryBody,
    DisposeCall,
    HangUpCall,
    MarkHelpSent,
    Ring,
    SeatState,
    SetSeatState,
)
from dispatch.contract.timeline import Disposition
from dispatch.identity import Role
from dispatch.observability.supervision import TaskSupervisor
from scenarios.serving import serve
from tests.api.test_guarded_routes import ask, token_of
from tests.fixtures_node import MULAW, console_of, signed_in

pytestmark = pytest.mark.integration

SPEED = 8.0
ROOM = "/v1/training/exercises"


class Trainer:
    """A trainer's page, without the page."""

    def __init__(self, node: Node, token: str) -> None:
        self.node, self.token = node, token

    async def get(self, path: str) -> Any:
        return (await ask(self.node, self.token, path))[1]

    async def post(self, path: str, body: dict[str, object] | None = None) -> tuple[int, Any]:
        return await ask(self.node, self.token, path, "POST", json=body, headers={"Idempotency-Key": _id()})

    async def until(self, path: str, true: Callable[[Any], bool]) -> Any:
        """The answer, as soon as a condition holds for it."""
        async with asyncio.timeout(90):
            while not true(body := await self.get(path)):  # noqa: ASYNC110 - as a page does
                await asyncio.sleep(0.2)
            return body


def _id() -> str:
    return secrets.token_hex(8)


@pytest.fixture
async def trainer(node: Node) -> Trainer:
    return Trainer(node, await token_of(node, Role.TRAINER))


@pytest.fixture
async def player(node: Node, trainer: Trainer) -> AsyncIterator[None]:
    assert node.demo_world is not None
    nobody_yet = await trainer.get("/v1/training/scenarios")
    assert not nobody_yet["player_there"]
    login = node.demo_world.login(Role.TRAINER)
    async with TaskSupervisor() as tasks:
        tasks.start("player", serve(node.url, login.email, login.password, speed=SPEED))
        await trainer.until("/v1/training/scenarios", lambda listed: listed["player_there"])
        yield


async def test_an_exercise_is_asked_for_played_disturbed_and_scored(node: Node, trainer: Trainer, player: None) -> None:
    wanted = {"scenario_id": "cardiac-arrest-bedroom", "trainee_id": "demo-operator"}
    await _only_trainers_may_and_only_what_there_is(node, trainer, wanted)
    rung: list[tuple[str, str]] = []
    console = await console_of(node, on_delivery=_keeps_rings(rung, "trainee"))
    colleague = await _second_operator(node, _keeps_rings(rung, "colleague"))
    try:
        for seat in (console, colleague):
            await seat.command(SetSeatState(command_id=_id(), state=SeatState.READY))
        status, asked_for = await trainer.post(ROOM, wanted)
        assert (status, asked_for["state"]) == (201, "requested")
        path = f"{ROOM}/{asked_for['exercise_id']}"
        playing = await trainer.until(path, lambda one: one["call_id"] and one["lines"])
        call_id = playing["call_id"]
        assert console.view.queue[call_id].exercise
        await colleague.until(lambda view: call_id in view.queue)
        assert rung == [("trainee", call_id)]
        await console.command(AnswerCall(command_id=_id(), call_id=call_id))
        await console.command(MarkHelpSent(command_id=_id(), call_id=call_id))
        assert (await trainer.post(f"{path}/injections", {"kind": "line", "line_id": "no-such"}))[0] == 404
        assert (await trainer.post(f"{path}/injections", {"kind": "line", "line_id": "crew"}))[0] == 201
        assert (await trainer.post(f"{path}/injections", {"kind": "line_noise"}))[0] == 201
        await trainer.until(path, lambda one: all(event["done"] for event in one["injections"]))
        await trainer.until(f"{path}/log", lambda log: "call.help_sent" in kinds(log))
        assert (await trainer.post(f"{path}/injections", {"kind": "hang_up"}))[0] == 201
        over = await trainer.until(path, lambda one: one["run_id"])
        assert (over["state"], over["call_id"], over["problem"]) == ("over", call_id, "")
        assert all(event["done"] for event in over["injections"])
        run = await trainer.get(f"/v1/training/runs/{over['run_id']}")
        assert (run["call_id"], run["trainee_id"]) == (call_id, "demo-operator")
        await _the_report_is_a_pdf(trainer, over["run_id"])
        log = await trainer.get(f"{path}/log?after_seq=1")
        assert log["entries"][0]["seq"] == 2
        ended = next(entry["body"] for entry in log["entries"] if entry["body"]["kind"] == "call.ended")
        assert ended["reason"] == "caller_hung_up"
        assert (await trainer.post(f"{path}/injections", {"kind": "hang_up"}))[0] == 409
        await _one_that_is_stopped_before_anybody_answers_has_no_score(trainer, wanted)
        await _one_whose_trainee_is_away_rings_nowhere(trainer, wanted, colleague)
        await _a_supervisor_reviews_real_calls_and_no_exercise(node, console, call_id)
    finally:
        await console.close()
        await colleague.close()


def _keeps_rings(rung: list[tuple[str, str]], where: str) -> Callable[[DeliveryBody], None]:
    def keep(body: DeliveryBody) -> None:
        if isinstance(body, Ring):
            rung.append((where, body.call.call_id))

    return keep


async def _second_operator(node: Node, on_delivery: Callable[[DeliveryBody], None]) -> ConsoleClient:
    assert node.demo_world is not None
    login = next(one for one in node.demo_world.logins if one.email.startswith("operator2@"))
    session = await signed_in(node.url, login.email, login.password)
    console = ConsoleClient(node.url, session.access_token, on_delivery=on_delivery)
    await console.connect()
    return console


async def _one_whose_trainee_is_away_rings_nowhere(
    trainer: Trainer, wanted: dict[str, object], colleague: ConsoleClient
) -> None:
    await colleague.close()
    _, asked_for = await trainer.post(ROOM, {**wanted, "trainee_id": "demo-operator2"})
    path = f"{ROOM}/{asked_for['exercise_id']}"
    log = await trainer.until(f"{path}/log", lambda log: "call.rang" in kinds(log))
    rang = [entry["body"]["seats"] for entry in log["entries"] if entry["body"]["kind"] == "call.rang"]
    assert rang == [[]] * len(rang)
    assert (await trainer.post(f"{path}/stop"))[0] == 200
    await trainer.until(path, lambda one: one["problem"])


async def _the_report_is_a_pdf(trainer: Trainer, run_id: str) -> None:
    headers = {"Authorization": f"Bearer {trainer.token}"}
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{trainer.node.url}/v1/training/runs/{run_id}/report", headers=headers) as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        assert (await answer.read()).startswith(b"%PDF-")


def kinds(log: Any) -> set[str]:
    return {entry["body"]["kind"] for entry in log["entries"]}


async def _only_trainers_may_and_only_what_there_is(node: Node, trainer: Trainer, wanted: dict[str, object]) -> None:
    operator = Trainer(node, await token_of(node, Role.OPERATOR))
    assert (await operator.post(ROOM, wanted))[0] == 403
    assert (await operator.get("/v1/training/scenarios"))["code"] == "not_allowed"
    assert (await trainer.post(ROOM, {**wanted, "scenario_id": "no-such"}))[0] == 404
    assert (await trainer.post(ROOM, {**wanted, "trainee_id": "demo-nurse"}))[0] == 404
    listed = await trainer.get("/v1/training/trainees")
    assert [one["person_id"] for one in listed["trainees"]] == ["demo-operator", "demo-operator2"]


async def _one_that_is_stopped_before_anybody_answers_has_no_score(trainer: Trainer, wanted: dict[str, object]) -> None:
    _, asked_for = await trainer.post(ROOM, wanted)
    path = f"{ROOM}/{asked_for['exercise_id']}"
    await trainer.until(path, lambda one: one["lines"])
    assert (await trainer.post(f"{path}/stop"))[0] == 200
    over = await trainer.until(path, lambda one: one["problem"])
    assert (over["state"], over["run_id"], over["problem"]) == ("over", None, "Nobody answered this training call.")
    listed = await trainer.get(ROOM)
    assert listed["exercises"][0]["exercise_id"] == asked_for["exercise_id"]


async def _a_supervisor_reviews_real_calls_and_no_exercise(node: Node, console: ConsoleClient, exercise: str) -> None:
    caller = CallerClient(node.url)
    opened = await caller.start(StartCall(format=MULAW))
    await console.until(lambda view: opened.call_id in view.queue)
    await console.command(AnswerCall(command_id=_id(), call_id=opened.call_id))
    await console.command(HangUpCall(command_id=_id(), call_id=opened.call_id))
    for call_id in (exercise, opened.call_id):
        await console.until(lambda view, known=call_id: view.queue[known].state is CallState.ENDED)
        closing = DisposeCall(command_id=_id(), call_id=CallId(call_id), disposition=Disposition.ADVICE_GIVEN)
        await console.command(closing)
    await caller.close()
    supervisor = Trainer(node, await token_of(node, Role.SUPERVISOR))
    listed = await supervisor.until("/v1/quality/calls", lambda page: page["calls"])
    assert [call["call_id"] for call in listed["calls"]] == [opened.call_id]
    review = await supervisor.get(f"/v1/quality/calls/{opened.call_id}")
    missed = [line["label"] for line in review["sheet"]["lines"] if line["verdict"] == "missed"]
    assert listed["calls"][0]["missing"] == missed != []
    assert (await supervisor.get(f"/v1/quality/calls/{exercise}"))["code"] == "not_found"
    operator = Trainer(node, await token_of(node, Role.OPERATOR))
    assert (await operator.get("/v1/quality/calls"))["code"] == "not_allowed"
