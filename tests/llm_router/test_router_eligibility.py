"""The four dimensions as a table: every combination, checked against a rule written down separately."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._router_kit import CASE_PART, FLOOR, GOOD, Extraction, House, on_virtual_time, request
from llm_router import CallText, PublicText, RequestError, Verdict
from llm_router.eligibility import Candidate, Question, in_order, verdict_on
from llm_router.policy import Depth, Model, Order
from llm_router.providers.scripted import Line
from llm_router.requests import LLMRequest, Message, Role

pytestmark = pytest.mark.unit

SCRIPTS = {name: [Line(GOOD)] for name in ("own", "own_two", "cloud", "cloud_two")}
PARTS = {
    "public": PublicText("Kneel beside the chest.", origin="scripts/cpr"),
    "deidentified": CASE_PART,
    "sensitive": CallText("he is pale"),
}
LABELS = ("public", "deidentified", "redacted", "sensitive")
LEAST = {"chat": "public", "escalate": "deidentified", "extract": "sensitive"}
DEEPEST = {"local": 1, "local_two": 0, "big": 2, "cheap": 1}
CLOUD = {"big", "cheap"}
USUAL_MS = 800.0


def expected_verdict(model: str, label: str, depth: Depth, left_ms: float, ceiling: int) -> str:
    """The table in words: may it see the text, can it think that deep, is it quick and cheap enough."""
    if model in CLOUD and LABELS.index(label) > LABELS.index("deidentified"):
        return "excluded_by_sensitivity"
    if DEEPEST[model] < ("reflex", "shallow", "deep").index(depth.value):
        return "excluded_by_depth"
    if model == "big" and left_ms < USUAL_MS:
        return "excluded_by_deadline"
    if model in CLOUD and ceiling == 0:
        return "excluded_by_cost"
    return "eligible"


@pytest.mark.parametrize("task", ["extract", "escalate", "chat"])
def test_every_combination_of_the_four_dimensions_has_its_verdict(task: str) -> None:
    async def scenario() -> None:
        house = House(SCRIPTS)
        big = house.router._lanes.targets["big"].times_of(task, "answer")
        for _ in range(10):
            big.add(USUAL_MS / 1000)
        for (content, part), depth, left_ms, ceiling in itertools.product(
            PARTS.items(), Depth, (300.0, 3000.0), (0, 50_000)
        ):
            deadline = house.router.deadline_in((left_ms + 60) / 1000)
            asked = request(task, part, depth=depth, deadline=deadline, max_micro_usd=ceiling)
            label = max(content, LEAST[task], key=LABELS.index)
            decision = house.router.explain(asked)
            assert decision.sensitivity.name.lower() == label
            for candidate in decision.candidates:
                told = expected_verdict(candidate.model, label, depth, left_ms, ceiling)
                assert candidate.verdict == told, (candidate, content, depth, left_ms, ceiling)

    on_virtual_time(scenario)


MODEL = Model(endpoint="e", name="m", quality=50, max_depth=Depth.DEEP, max_input_chars=100)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.ELIGIBLE),
        ({"standing": Verdict.SENSITIVITY, "admitted": False, "reserve": 99}, Verdict.SENSITIVITY),
        ({"expected_s": 2.0, "admitted": False}, Verdict.DEADLINE),
        ({"reserve": 11}, Verdict.COST),
        ({"reserve": 10, "has_room": False}, Verdict.QUOTA),
        ({"admitted": False}, Verdict.BREAKER),
    ],
)
def test_the_first_reason_is_the_one_that_is_told(changes: dict[str, Any], verdict: Verdict) -> None:
    candidate = Candidate(**{"name": "m", "model": MODEL, "standing": Verdict.ELIGIBLE, **changes})
    assert verdict_on(Question(chars=10, left_s=1.0, ceiling=10), candidate) is verdict


def test_a_text_that_a_model_cannot_take_excludes_it() -> None:
    candidate = Candidate("m", MODEL, Verdict.ELIGIBLE)
    assert verdict_on(Question(chars=101, left_s=1.0, ceiling=10), candidate) is Verdict.CAPABILITY


candidates = st.lists(
    st.builds(
        lambda at, quality, reserve: Candidate(
            str(at),
            Model(endpoint="e", name="m", quality=quality, max_depth=Depth.DEEP),
            Verdict.ELIGIBLE,
            0.0,
            reserve,
        ),
        st.integers(),
        st.integers(0, 100),
        st.integers(0, 9),
    ),
    max_size=8,
)


@given(candidates)
def test_orders_only_reorder(given_candidates: list[Candidate]) -> None:
    for order in Order:
        assert sorted(map(id, in_order(order, given_candidates))) == sorted(map(id, given_candidates))
    by_price = [candidate.reserve for candidate in in_order(Order.CHEAPEST, given_candidates)]
    by_quality = [candidate.model.quality for candidate in in_order(Order.QUALITY, given_candidates)]
    assert by_price == sorted(by_price)
    assert by_quality == sorted(by_quality, reverse=True)


def test_explaining_changes_nothing_and_tells_what_completing_then_does() -> None:
    async def scenario() -> None:
        house = House(SCRIPTS)
        explained = [house.router.explain(request("escalate", CASE_PART)) for _ in range(3)]
        assert explained[0] == explained[1] == explained[2]
        assert all(not port.asked for port in house.ports.values())
        outcome = await house.router.complete(request("escalate", CASE_PART))
        assert outcome.decision.candidates == explained[0].candidates
        assert outcome.decision.attempts[0].model == explained[0].candidates[0].model == "big"

    on_virtual_time(scenario)


def test_a_rule_gives_a_hurried_request_other_models() -> None:
    from llm_router import default_policy
    from llm_router.providers.scripted import ScriptedModels
    from llm_router.router import Router

    router = Router(default_policy(), lambda name, endpoint: ScriptedModels([Line(GOOD)]))
    calm = router.explain(request("case_escalation", CASE_PART))
    hurried = router.explain(request("case_escalation", CASE_PART, deadline=router.deadline_in(2.0)))
    assert (calm.rule, calm.depth, calm.candidates[0].model) == (None, Depth.DEEP, "opus")
    assert (hurried.rule, hurried.depth, hurried.candidates[0].model) == (
        "hurried_escalation",
        Depth.REFLEX,
        "gpt_luna",
    )


def test_a_cloud_without_a_key_is_off_and_the_decision_says_so() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]})
        decision = house.router.explain(request("chat", PARTS["public"]))
        assert {c.model: c.verdict for c in decision.candidates}["big"] is Verdict.CAPABILITY
        assert house.router.health().cloud == "off"

    on_virtual_time(scenario)


def test_a_callers_mistake_is_told_at_once() -> None:
    async def scenario() -> None:
        house = House(SCRIPTS)
        with pytest.raises(RequestError):
            await house.router.complete(request("nonsense"))
        empty = LLMRequest(task="extract", messages=(), schema=Extraction, floor=lambda: FLOOR)
        with pytest.raises(RequestError):
            await house.router.complete(empty)
        assert Message(Role.USER, ()).parts == ()

    on_virtual_time(scenario)
