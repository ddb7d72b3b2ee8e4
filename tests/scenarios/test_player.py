"""A training call over the real wire: the caller answers, EXERCISE is on it, it is scored, reported and signed."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from dispatch.bootstrap import Node
from dispatch.client import ConsoleClient
from dispatch.contract.base import CallId
from dispatch.contract.console import (
    AnswerCall,
    CallState,
    DisposeCall,
    MarkHelpSent,
    MarkQuestion,
    MarkStep,
    SeatState,
    SetSeatState,
)
from dispatch.contract.timeline import CallStarted, Disposition
from dispatch.identity import Role
from scenarios.player import Played, Player
from scenarios.report import as_html, as_json, report_of
from scenarios.script import Script, load_script
from tests.api.test_guarded_routes import ask, token_of
from tests.fixtures_node import console_of

pytestmark = pytest.mark.integration

SPEED = 20.0


@dataclass
class Exercise:
    """A played call, and the console of the trainee who took it."""

    played: Played
    trainee: ConsoleClient


async def worked(node: Node, script: Script, console: ConsoleClient, *codes: str) -> Played:
    """Plays a script with a trainee who answers, asks, sends help, gives one step, and closes the call."""
    assert node.demo_world is not None
    token = await token_of(node, Role.OPERATOR)
    player = Player(node.url, token, script, speed=SPEED)

    async def trainee() -> None:
        call_id = await player.opened
        await console.command(SetSeatState(command_id=_id(), state=SeatState.READY))
        await console.command(AnswerCall(command_id=_id(), call_id=call_id))
        for code in codes:
            await console.command(MarkQuestion(command_id=_id(), call_id=call_id, code=code))
            await asyncio.sleep(0.4)
        await console.command(MarkHelpSent(command_id=_id(), call_id=call_id))
        await console.command(MarkStep(command_id=_id(), call_id=call_id, script_id="cpr_adult", step_id="push"))

    async with asyncio.TaskGroup() as group:
        playing = group.create_task(player.play())
        group.create_task(trainee())
    played = playing.result()
    await console.until(lambda view: view.queue[played.call_id].state is CallState.ENDED)
    closing = DisposeCall(command_id=_id(), call_id=played.call_id, disposition=Disposition.EXERCISE)
    await console.command(closing)
    return played


def _id() -> str:
    return secrets.token_hex(8)


@pytest.fixture
async def exercise(node: Node) -> AsyncIterator[Exercise]:
    script = load_script("cardiac-arrest-bedroom").model_copy(update={"limit_s": 16.0})
    console = await console_of(node)
    try:
        yield Exercise(await worked(node, script, console, "breathing"), console)
    finally:
        await console.close()


async def settled_run(node: Node, call_id: CallId, rubric: dict[str, object]) -> tuple[int, dict[str, object]]:
    """Scores the run as the trainer, once its log has reached the database."""
    token = await token_of(node, Role.TRAINER)
    for _ in range(300):
        status, body = await posted(node, token, "/v1/training/runs", {"call_id": call_id, "rubric": rubric})
        if status not in (404, 409):
            return status, body
        await asyncio.sleep(0.2)
    return status, body


async def posted(node: Node, token: str, path: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
    return await ask(node, token, path, "POST", json=body, headers={"Idempotency-Key": _id()})


async def test_a_training_call_is_played_scored_reported_overruled_and_countersigned(
    node: Node, exercise: Exercise
) -> None:
    played = exercise.played
    _the_caller_answered_and_ended(played)
    _the_call_is_an_exercise_wherever_it_is_shown(exercise)
    _the_report_holds_it_all(played)
    rubric = played.script.rubric.model_dump(mode="json")
    status, run = await settled_run(node, played.call_id, rubric)
    assert (status, run["score"], run["passed"]) == (201, played.sheet.score, played.sheet.passed)
    await _people_add_to_the_run(node, str(run["run_id"]))
    status, _ = await settled_run(node, played.call_id, rubric)
    assert status == 409


def _the_caller_answered_and_ended(played: Played) -> None:
    said = [turn for turn, _ in played.said]
    assert {"opening", "breath", "crew", "push"} <= set(said)
    assert said[-1] == "end"
    assert played.lost_samples == 0
    assert played.flag_said


def _the_call_is_an_exercise_wherever_it_is_shown(exercise: Exercise) -> None:
    call_id = exercise.played.call_id
    started = exercise.played.entries[0].body
    assert isinstance(started, CallStarted)
    assert started.exercise
    assert exercise.trainee.view.queue[call_id].exercise


def _the_report_holds_it_all(played: Played) -> None:
    page = as_html(report_of(played))
    assert "EXERCISE" in page
    assert "data:audio/wav;base64," in page
    assert "http://" not in page
    assert json.loads(json.dumps(as_json(report_of(played))))["sheet"]["score"] == played.sheet.score


async def _people_add_to_the_run(node: Node, run_id: str) -> None:
    trainer, trainee = await token_of(node, Role.TRAINER), await token_of(node, Role.OPERATOR)
    path = f"/v1/training/runs/{run_id}"
    overrule = {"score": 61, "passed": True, "comment": "The line was bad."}
    assert (await posted(node, trainee, f"{path}/overrules", overrule))[0] == 403
    assert (await posted(node, trainer, f"{path}/overrules", overrule))[0] == 201
    assert (await posted(node, trainer, f"{path}/countersignature", {}))[0] == 403
    assert (await posted(node, trainee, f"{path}/countersignature", {"comment": "Read."}))[0] == 201
    assert (await posted(node, trainee, f"{path}/countersignature", {}))[0] == 409
    _, run = await ask(node, trainee, path)
    assert (run["score"], run["passed"], run["overruled"], run["countersigned"]) == (61, True, True, True)
    assert run["sheet"]["score"] != 61
    _, listed = await ask(node, trainer, "/v1/training/runs?scenario_id=cardiac-arrest-bedroom")
    assert [line["run_id"] for line in listed["runs"]] == [run_id]


async def test_a_call_that_nobody_played_cannot_be_scored(node: Node) -> None:
    rubric = load_script("pocket-dial-kitchen").rubric.model_dump(mode="json")
    token = await token_of(node, Role.TRAINER)
    status, _ = await posted(node, token, "/v1/training/runs", {"call_id": "call-none", "rubric": rubric})
    assert status == 404
