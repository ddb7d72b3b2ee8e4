"""The report of a call that was just played shows the trainee's earlier runs, where the server lets them be seen."""

from datetime import UTC, datetime

import pytest

from dispatch.client import ClientError
from dispatch.contract.base import CallId, PersonId
from dispatch.contract.problems import ProblemCode, problem
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


class Answers:
    """The runs of one trainee, or a refusal."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self._refusal = refusal
        self.asked: list[str] = []

    async def ask(self, method: str, path: str, answer: type[RunPage]) -> RunPage:
        self.asked.append(f"{method} {path}")
        if self._refusal:
            raise self._refusal
        return RunPage(runs=(run(9, "Second", 90, passed=True), run(2, "First", 40, passed=False)))


async def test_a_trainees_earlier_runs_come_oldest_first() -> None:
    answers = Answers()
    assert await trend_of(answers, [ANSWERED]) == (
        ("2026-03-02", "First", 40, False),
        ("2026-03-09", "Second", 90, True),
    )
    assert answers.asked == ["GET /v1/training/runs?trainee_id=ann&limit=10"]


@pytest.mark.parametrize(
    "refusal", [ClientError(problem(ProblemCode.NOT_ALLOWED, "Not yours.")), ConnectionError("away")]
)
async def test_a_server_that_refuses_or_is_away_gives_an_empty_trend(refusal: Exception) -> None:
    assert await trend_of(Answers(refusal), [ANSWERED]) == ()


async def test_a_call_that_nobody_answered_has_no_trend() -> None:
    answers = Answers()
    assert (await trend_of(answers, []), answers.asked) == ((), [])
