"""The report of a call that was just played shows the trainee's earlier runs, where the server lets them be seen."""

from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from dispatch.contract.base import CallId, PersonId
from dispatch.contract.timeline import Actor, ActorKind, CallAnswered, TimelineEntry
from dispatch.contract.training_runs import Run, RunPage
from scenarios.trend import trend_of

pytestmark = pytest.mark.unit

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TRAINEE = PersonId("ann")
ANSWERED = TimelineEntry(
    call_id=CallId("c"), seq=1, at=NOW, call_s=1.0, actor=Actor(kind=ActorKind.OPERATOR, person_id=TRAINEE),
    body=CallAnswered(waited_s=1.0),
)  # fmt: skip


def run(day: int, title: str, score: float, *, passed: bool) -> Run:
    return Run(
        run_id=f"r{day}", call_id=CallId("c"), scenario_id="s", title=title, trainee_id=TRAINEE,
        trainer_id=PersonId("tom"), at=NOW.replace(day=day), score=score, passed=passed,
    )  # fmt: skip


async def served(request: web.Request) -> web.Response:
    if request.headers.get("Authorization") != "Bearer good" or request.query["trainee_id"] != TRAINEE:
        return web.json_response({"code": "not_allowed"}, status=403)
    page = RunPage(runs=(run(9, "Second", 90, passed=True), run(2, "First", 40, passed=False)))
    return web.Response(text=page.model_dump_json())


async def test_a_trainees_earlier_runs_come_oldest_first_and_a_server_that_refuses_gives_none() -> None:
    app = web.Application()
    app.router.add_get("/v1/training/runs", served)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        assert await trend_of(url, "good", [ANSWERED]) == (
            ("2026-03-02", "First", 40, False),
            ("2026-03-09", "Second", 90, True),
        )
        assert await trend_of(url, "bad", [ANSWERED]) == ()
        assert await trend_of(url, "good", []) == ()
    assert await trend_of(url, "good", [ANSWERED]) == ()
