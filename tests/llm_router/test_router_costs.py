"""Money: reserved before, settled after, and never above a limit, however many ask at once."""

import asyncio
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._router_kit import GOOD, POLICY, PRICES, House, on_virtual_time, request
from llm_router import PublicText, Verdict, errors, parse_policy
from llm_router.costs import CALLS_REMEMBERED, Budget, Ledger, Rate, reserve
from llm_router.providers.scripted import Line

pytestmark = pytest.mark.unit

PUBLIC = PublicText("Kneel beside the chest.", origin="scripts/cpr")
ONLY_BIG = POLICY.replace('models = ["big", "cheap", "local"]\norder = "cheapest"', 'models = ["big"]')


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=60), st.integers(0, 3000))
def test_reserved_and_spent_never_pass_a_limit(asked: list[tuple[int, int]], limit: int) -> None:
    budgets = (Budget(limit), Budget(2000))
    held = []
    for bound, used in asked:
        reservation = reserve(budgets, bound)
        if reservation is not None:
            held.append((reservation, min(used, bound)))
        assert all(budget.spent + budget.reserved <= budget.limit for budget in budgets)
        if len(held) > 3:
            first, settled = held.pop(0)
            first.settle(settled)
    assert all(budget.spent + budget.reserved <= budget.limit for budget in budgets)


def test_a_cost_is_rounded_up_and_its_bound_is_one_token_a_byte() -> None:
    rate = Rate(input=100, output=500)
    assert rate.micro_usd(1, 0) == 1
    assert rate.micro_usd(10_000, 2000) == 2000
    assert rate.upper_bound(1000, 1, 100) >= rate.micro_usd(1000, 100)
    assert Rate(0, 0).upper_bound(10**6, 10, 10**6) == 0


def test_settling_twice_charges_once_and_unknown_use_is_charged_in_full() -> None:
    budget = Budget(100)
    reservation = reserve((budget,), 60)
    assert reservation is not None
    assert reservation.settle(None) == 60
    reservation.settle(5)
    assert (budget.spent, budget.reserved) == (60, 0)


def test_two_hundred_at_once_do_not_overshoot_the_day() -> None:
    async def scenario() -> None:
        policy = parse_policy(ONLY_BIG.replace("daily_micro_usd = 10_000_000", "daily_micro_usd = 20_000", 1), PRICES)
        house = House({"cloud": [Line("ok", delay_s=0.1)], "own": [Line("ok")]}, policy)
        outcomes = await asyncio.gather(*(house.router.complete(request("chat", PUBLIC)) for _ in range(200)))
        asked = house.asked("cloud")
        assert 0 < asked < 200
        charged = sum(outcome.decision.micro_usd for outcome in outcomes)
        assert charged <= 20_000
        quota = [outcome.decision.candidates[0].verdict for outcome in outcomes]
        assert Verdict.QUOTA in quota

    on_virtual_time(scenario)


def test_the_next_day_has_its_own_budget_and_each_tenant_its_own() -> None:
    days = [date(2026, 10, 10)]
    ledger = Ledger(lambda: days[0])
    policy = parse_policy(POLICY, PRICES)
    first = reserve(ledger.budgets(policy, "default", None), 10_000_000)
    assert first is not None
    assert reserve(ledger.budgets(policy, "default", None), 1) is None
    assert reserve(ledger.budgets(policy, "contract", None), 1) is not None
    days[0] += timedelta(days=1)
    assert reserve(ledger.budgets(policy, "default", None), 10_000_000) is not None


def test_a_call_has_a_limit_of_its_own_and_old_calls_are_forgotten() -> None:
    ledger, policy = Ledger(lambda: date(2026, 10, 10)), parse_policy(POLICY, PRICES)
    assert reserve(ledger.budgets(policy, "default", "call-1"), 1_000_000) is not None
    assert reserve(ledger.budgets(policy, "default", "call-1"), 1) is None
    assert reserve(ledger.budgets(policy, "default", "call-2"), 1) is not None
    for at in range(CALLS_REMEMBERED + 10):
        ledger.budgets(policy, "default", f"other-{at}")
    assert len(ledger._calls) == CALLS_REMEMBERED


def test_a_free_model_is_never_blocked_by_money() -> None:
    async def scenario() -> None:
        policy = parse_policy(POLICY.replace("daily_micro_usd = 10_000_000", "daily_micro_usd = 0"), PRICES)
        house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]}, policy)
        outcome = await house.router.complete(request(max_micro_usd=0))
        assert outcome.decision.answered_by == "local"

    on_virtual_time(scenario)


def test_the_ceiling_of_a_request_holds_for_all_its_attempts_together() -> None:
    async def scenario() -> None:
        both = POLICY.replace('models = ["big", "cheap", "local"]\norder = "cheapest"', 'models = ["big", "cheap"]')
        house = House(
            {"cloud": [Line(error=errors.TimedOutError())], "cloud_two": [Line("ok")]}, parse_policy(both, PRICES)
        )
        dear = house.router.explain(request("chat", PUBLIC)).candidates[0].reserve_micro_usd
        outcome = await house.router.complete(request("chat", PUBLIC, max_micro_usd=dear))
        assert outcome.decision.micro_usd == dear
        assert house.asked("cloud_two") == 0
        assert outcome.source == "floor"

    on_virtual_time(scenario)


def test_an_unknown_tenant_shares_the_budget_of_the_default() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]})
        assert house.router.explain(request(tenant="made-up-17")).tenant == "default"

    on_virtual_time(scenario)
