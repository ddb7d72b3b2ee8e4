"""Whole answers: always one, always in time, from the first model that is valid, and nobody left running."""

import asyncio
import os
import random
from typing import Any

import pytest

from bench._router_generated import generated
from bench._router_kit import FLOOR, GOOD, House, on_virtual_time, request
from llm_router import CallText, errors
from llm_router.health import Standing
from llm_router.providers.port import Finish
from llm_router.providers.scripted import Line
from llm_router.racing import HedgeBudget

pytestmark = pytest.mark.unit

CASES = int(os.environ.get("ROUTER_CASES", "2000"))
"""Generated requests; `make bench` runs many more."""
HANGS = Line(GOOD, delay_s=9999)


async def warmed(house: House, calls: int = 20) -> None:
    for _ in range(calls):
        await house.router.complete(request())


def test_a_hanging_model_costs_a_fifth_of_a_second_twice_and_then_nothing() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD, delay_s=0.005)] * 20 + [HANGS], "own_two": [Line(GOOD, delay_s=0.003)]})
        await warmed(house)
        took = []
        for _ in range(6):
            outcome = await house.router.complete(request())
            assert outcome.source == "model"
            took.append(outcome.decision.elapsed_ms)
        assert [round(ms) for ms in took] == [203, 203, 3, 3, 3, 3]

    on_virtual_time(scenario)


def test_a_slow_model_that_hangs_is_left_alone_after_four_calls() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD, delay_s=0.5)] * 40 + [HANGS], "own_two": [Line(GOOD, delay_s=0.003)]})
        await warmed(house, 40)
        took = [(await house.router.complete(request())).decision.elapsed_ms for _ in range(6)]
        assert [ms < 5 for ms in took] == [False] * 4 + [True] * 2

    on_virtual_time(scenario)


def test_fifty_at_once_on_a_hanging_model_all_get_away_when_its_breaker_opens() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD, delay_s=0.005)] * 20 + [HANGS], "own_two": [Line(GOOD, delay_s=0.003)]})
        await warmed(house)
        outcomes = await asyncio.gather(*(house.router.complete(request()) for _ in range(50)))
        assert all(outcome.decision.answered_by == "local_two" for outcome in outcomes)
        assert max(outcome.decision.elapsed_ms for outcome in outcomes) < 500

    on_virtual_time(scenario)


def test_an_error_is_followed_by_the_next_model_at_once() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(error=errors.ServerFaultError())], "own_two": [Line(GOOD, delay_s=0.003)]})
        outcome = await house.router.complete(request())
        assert outcome.decision.elapsed_ms == pytest.approx(3)
        assert [attempt.end for attempt in outcome.decision.attempts] == ["server_fault", "answered"]

    on_virtual_time(scenario)


def test_a_slow_but_healthy_model_is_hardly_ever_hedged() -> None:
    async def scenario() -> None:
        rng = random.Random(3)
        lines = [Line(GOOD, delay_s=min(max(rng.gauss(1.5, 0.15), 1.2), 1.8)) for _ in range(400)]
        house = House({"own": lines, "own_two": [Line(GOOD, delay_s=0.01)]})
        hedged = 0
        for _ in range(200):
            outcome = await house.router.complete(request(deadline=house.router.deadline_in(4)))
            hedged += any(attempt.hedge for attempt in outcome.decision.attempts)
        assert hedged <= 10

    on_virtual_time(scenario)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.5])
def test_hedges_stay_below_their_share_of_all_calls(share: float) -> None:
    budget, taken = HedgeBudget(share), 0
    for calls in range(1, 500):
        budget.call()
        taken += budget.take()
        assert taken <= max(2, share * calls) if share else taken == 0


def test_without_a_hedge_to_spend_a_hanging_model_is_given_up_half_way() -> None:
    async def scenario() -> None:
        house = House({"own": [HANGS], "own_two": [Line(GOOD, delay_s=0.01)]})
        while house.router._hedges.take():
            pass
        outcome = await house.router.complete(request(deadline=house.router.deadline_in(2.06)))
        assert outcome.decision.answered_by == "local_two"
        assert outcome.decision.elapsed_ms == pytest.approx(1010, abs=2)

    on_virtual_time(scenario)


def test_when_nobody_answers_the_floor_does_just_before_the_deadline() -> None:
    async def scenario() -> None:
        house = House({"own": [HANGS], "own_two": [HANGS]})
        outcome = await house.router.complete(request(deadline=house.router.deadline_in(1.0)))
        assert outcome.result == FLOOR
        assert outcome.source == "floor"
        assert 930 < outcome.decision.elapsed_ms <= 1000
        assert house.ports["own"].open == house.ports["own_two"].open == 0

    on_virtual_time(scenario)


def test_a_deadline_that_is_over_is_answered_by_the_floor_without_asking_anybody() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]})
        outcome = await house.router.complete(request(deadline=house.router.deadline_in(-1)))
        assert outcome.source == "floor"
        assert house.asked("own") == 0

    on_virtual_time(scenario)


def test_a_cancelled_caller_leaves_nothing_running() -> None:
    async def scenario() -> None:
        house = House({"own": [HANGS], "own_two": [HANGS]})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.7):
                await house.router.complete(request())
        assert house.ports["own"].open == house.ports["own_two"].open == 0
        assert house.router.health().models[0].in_flight == 0

    on_virtual_time(scenario)


@pytest.mark.parametrize(
    ("line", "end"),
    [
        (Line("no json here"), "no_object"),
        (Line(GOOD, finish=Finish.REFUSAL), "refused"),
        (Line(GOOD, finish=Finish.LENGTH), "truncated"),
        (Line('{"complaint": 5}'), "schema"),
    ],
)
def test_an_answer_that_cannot_be_used_leads_to_the_next_model(line: Line, end: str) -> None:
    async def scenario() -> None:
        house = House({"own": [line], "own_two": [Line(GOOD)]})
        outcome = await house.router.complete(request())
        assert [attempt.end for attempt in outcome.decision.attempts] == [end, "answered"]
        assert house.router.health().self_hosted is Standing.UP

    on_virtual_time(scenario)


def test_an_answer_below_the_floor_is_not_used() -> None:
    async def scenario() -> None:
        house = House({"own": [Line('{"complaint": "milder"}')], "own_two": [Line(GOOD)]})
        rule = lambda answer, floor: "below_floor" if answer.complaint == "milder" else None  # noqa: E731
        outcome = await house.router.complete(request(invariant=rule))
        assert outcome.decision.attempts[0].end == "invariant:below_floor"
        assert outcome.result.complaint == "chest_pain"

    on_virtual_time(scenario)


def test_a_fault_in_an_sdk_is_an_entry_in_the_decision_and_no_exception() -> None:
    class Broken:
        async def complete(self, call: Any) -> Any:
            raise ZeroDivisionError("with the words of the caller in it")

        async def aclose(self) -> None: ...

    async def scenario() -> None:
        house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]})
        house.router._lanes.targets["local"].link.port = Broken()  # type: ignore[assignment]
        outcome = await house.router.complete(request())
        assert outcome.decision.attempts[0].end == "adapter_fault"
        assert "words" not in str(outcome.decision)
        assert outcome.source == "model"

    on_virtual_time(scenario)


def test_the_same_key_and_content_is_asked_once() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD, delay_s=0.1)], "own_two": [Line(GOOD)]})
        same = [house.router.complete(request(idempotency_key="k")) for _ in range(20)]
        outcomes = await asyncio.gather(*same)
        assert house.asked("own") == 1
        assert len({id(outcome) for outcome in outcomes}) == 1
        other = await house.router.complete(request("extract", CallText("another text"), idempotency_key="k"))
        assert other is not outcomes[0]
        assert house.asked("own") == 2

    on_virtual_time(scenario)


def test_a_cancelled_first_asker_does_not_take_the_others_along() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD, delay_s=0.1)], "own_two": [Line(GOOD)]})
        async with asyncio.TaskGroup() as group:
            first = group.create_task(house.router.complete(request(idempotency_key="k")))
            await asyncio.sleep(0.01)
            second = group.create_task(house.router.complete(request(idempotency_key="k")))
            await asyncio.sleep(0.01)
            first.cancel()
        assert second.result().source == "model"

    on_virtual_time(scenario)


def test_a_busy_server_is_passed_over_when_the_queue_is_longer_than_the_time() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD, delay_s=0.5)], "own_two": [Line(GOOD, delay_s=0.5)]})
        await warmed(house, 8)
        house.router._lanes.targets["local"].link.in_flight = 32 * 5
        decision = house.router.explain(request())
        assert [candidate.verdict for candidate in decision.candidates] == ["excluded_by_deadline", "eligible"]

    on_virtual_time(scenario)


def test_a_probe_in_the_background_closes_a_breaker_before_a_call_has_to() -> None:
    async def scenario() -> None:
        from bench._router_kit import POLICY, PRICES
        from llm_router import parse_policy

        probed = parse_policy(POLICY.replace('url = "http://127.0.0.1:1"',
                                             'url = "http://127.0.0.1:1"\nprobe_every_s = 20'), PRICES)  # fmt: skip
        house = House(
            {"own": [Line(error=errors.UnreachableError())] * 2 + [Line(GOOD)], "own_two": [Line(GOOD)]}, probed
        )
        async with asyncio.TaskGroup() as group:
            background = group.create_task(house.router.run())
            await warmed(house, 2)
            assert house.router.health().self_hosted is Standing.DEGRADED
            await asyncio.sleep(3)
            assert house.router.health().self_hosted is Standing.UP
            assert house.ports["own"].asked[-1].max_output_tokens == 1
            assert "chest" not in house.ports["own"].asked[-1].turns[0].text
            asked = house.asked("own")
            await asyncio.sleep(60)
            assert asked + 2 <= house.asked("own") <= asked + 4
            background.cancel()

    on_virtual_time(scenario)


def test_every_generated_request_is_answered_validly_in_time_and_within_its_lane() -> None:
    counts = generated(CASES)
    assert counts.cases >= CASES
    assert counts.wrong == 0, counts
