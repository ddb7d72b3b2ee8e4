"""Generated requests on virtual time: any mix of faults, delays, tasks and labels, whole and streamed.

In: how many. Out: counts of what must never be: an answer after its deadline, an answer that does not fit the schema, a
stream whose pieces are not its end, an attempt outside the lane, a question left open, a word of a call at a cloud.
"""

import random
from dataclasses import dataclass
from typing import Any

from llm_router import CallText, Delta, Finished, PublicText, Restarted, Sensitivity, errors
from llm_router.providers.port import Finish
from llm_router.providers.scripted import Line

from ._router_kit import CASE_PART, GOOD, Extraction, House, on_virtual_time, plain_request, request

NAMES = ("own", "own_two", "cloud", "cloud_two")
CANARY = "Zebedee Quillfeather is pale"
PARTS = (CallText(CANARY), CASE_PART, PublicText("Kneel.", origin="scripts/cpr"))
PER_HOUSE = 20
_FAILURES = (errors.ServerFaultError, errors.UnreachableError, errors.RateLimitedError, errors.MalformedError)
_BROKEN = ("", "{", "null", "[]", '{"complaint": 1}', '{"complaint":"x"', "x" * 300)
_WORDS = ("press", "hard", "now", "wait", "breathe")


@dataclass
class Counts:
    """What happened; all but `cases` must be 0."""

    cases: int = 0
    late: int = 0
    unanswered: int = 0
    spliced: int = 0
    outside_lane: int = 0
    left_open: int = 0
    leaked: int = 0

    @property
    def wrong(self) -> int:
        return self.late + self.unanswered + self.spliced + self.outside_lane + self.left_open + self.leaked


def generated(cases: int, seed: int = 1) -> Counts:
    """Runs so many generated requests, half of them as streams."""
    counts = Counts()
    rng = random.Random(seed)
    for _house in range(max(cases // PER_HOUSE, 1)):
        on_virtual_time(lambda: _one_house(rng, counts))
    return counts


async def _one_house(rng: random.Random, counts: Counts) -> None:
    house = House({name: [_line(rng) for _ in range(30)] for name in NAMES})
    for at in range(PER_HOUSE):
        await (_one_stream if at % 2 else _one_answer)(house, rng, counts)
    counts.left_open += sum(port.open for port in house.ports.values())
    counts.left_open += sum(model.in_flight for model in house.router.health().models)
    asked = [turn.text for name in ("cloud", "cloud_two") for call in house.ports[name].asked for turn in call.turns]
    counts.leaked += sum(CANARY in text for text in asked)


async def _one_answer(house: House, rng: random.Random, counts: Counts) -> None:
    deadline = house.clock() + rng.choice([0.05, 0.1, 0.5, 2.0, 4.0])
    outcome = await house.router.complete(request(_task(rng), rng.choice(PARTS), deadline=deadline))
    counts.unanswered += Extraction.model_validate(outcome.result.model_dump()) != outcome.result
    _count(house, outcome, deadline, counts)


async def _one_stream(house: House, rng: random.Random, counts: Counts) -> None:
    deadline = house.clock() + rng.choice([0.1, 0.5, 2.0])
    page = ""
    events = []
    async for event in house.router.stream(plain_request(_task(rng), rng.choice(PARTS), deadline=deadline)):
        page = "" if isinstance(event, Restarted) else page + event.text if isinstance(event, Delta) else page
        events.append(event)
    ends = [event for event in events if isinstance(event, Finished)]
    counts.unanswered += len(ends) != 1 or events[-1] is not ends[0]
    counts.spliced += page != ends[0].outcome.result
    _count(house, ends[0].outcome, deadline, counts)


def _count(house: House, outcome: Any, deadline: float, counts: Counts) -> None:
    decision = outcome.decision
    eligible = {candidate.model for candidate in decision.candidates if candidate.verdict == "eligible"}
    asked = {attempt.model for attempt in decision.attempts}
    sensitive = decision.sensitivity is Sensitivity.SENSITIVE
    counts.cases += 1
    counts.late += house.clock() > deadline
    counts.outside_lane += not asked <= eligible or (sensitive and not asked <= {"local", "local_two"})


def _task(rng: random.Random) -> str:
    return rng.choice(["extract", "escalate", "chat"])


def _line(rng: random.Random) -> Line:
    words = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(1, 12)))
    return Line(
        text=rng.choice([GOOD, GOOD, GOOD, words, words, rng.choice(_BROKEN)]),
        error=rng.choice([None] * 4 + [rng.choice(_FAILURES)()]),
        delay_s=rng.choice([0, 0, 0.001, 0.05, 0.4, 1.1, 9999]),
        gap_s=rng.choice([0, 0.001, 0.03, 0.3]),
        finish=rng.choice([Finish.STOP] * 6 + [Finish.LENGTH, Finish.REFUSAL]),
        cut_after=rng.choice([None, None, None, rng.randint(0, 8)]),
        stall_after=rng.choice([None, None, None, rng.randint(0, 8)]),
    )
