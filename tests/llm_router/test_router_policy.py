"""The policy: what ships is proven, what is dangerous is refused with its place, and a reload swaps as a whole."""

import asyncio
from pathlib import Path

import pytest

from bench._router_kit import GOOD, POLICY, PRICES, House, on_virtual_time, request
from llm_router import PolicyError, default_policy, default_prices, follow, parse_policy
from llm_router.policy import Policy
from llm_router.policy_files import read_policy
from llm_router.providers.scripted import Line
from llm_router.sensitivity import Sensitivity

pytestmark = pytest.mark.unit


def changed(before: str, after: str) -> Policy:
    assert before in POLICY
    return parse_policy(POLICY.replace(before, after, 1), PRICES)


def test_the_policy_that_ships_keeps_calls_on_self_hosted_models() -> None:
    policy = default_policy()
    for name in ("triage_extraction", "call_summary", "report_text"):
        assert policy.tasks[name].label is Sensitivity.SENSITIVE
        assert {policy.models[model].endpoint for model in policy.tasks[name].models} == {"ollama"}


def test_the_policy_that_ships_sends_cases_to_the_best_model_and_bulk_to_the_cheapest() -> None:
    policy = default_policy()
    assert policy.tasks["case_escalation"].order == "quality"
    assert {policy.models[model].endpoint for model in policy.tasks["case_escalation"].models} >= {
        "openai",
        "anthropic",
    }
    assert policy.tasks["bulk_classification"].order == "cheapest"
    assert policy.tasks["scenario_caller"].label is Sensitivity.PUBLIC


def test_every_price_that_ships_says_when_and_where_it_was_looked_up() -> None:
    for price in default_policy().prices:
        assert price.as_of.year >= 2026
        assert price.source.startswith(("developers.openai.com/", "platform.claude.com/"))


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('models = ["local", "local_two"]', 'models = ["local", "big"]', "tasks.extract: big is a cloud model"),
        ('models = ["local", "local_two"]', 'models = ["big"]', "needs a self-hosted model"),
        ('models = ["local", "local_two"]', 'models = ["nobody"]', "tasks.extract: no model nobody"),
        ('models = ["local", "local_two"]', "models = []", "tasks.extract.models: must have 1 to 16 items"),
        ('floor = "rules"', "", "tasks.extract.floor: missing"),
        ("deadline_ms = 2000", "deadline_ms = 60", "deadline_ms must be more than reserve_ms"),
        ('\ndepth = "reflex"', '\ndepth = "deep"', "no model reaches depth deep"),
        ('name = "big"', 'name = "unpriced"', "models.big: no price for scripted unpriced"),
        ('name = "local"', 'name = "gpt-oss:120b-cloud"', "is forwarded to a cloud"),
        ('name = "local"', 'name = "glm:cloud"', "is forwarded to a cloud"),
        ('url = "http://127.0.0.1:1"', 'url = "http://llm.example:1"', "self_hosted needs an IP address"),
        ('url = "http://127.0.0.1:1"', 'url = "http://8.8.8.8:1"', "self_hosted needs a loopback or private"),
        ('url = "http://127.0.0.1:1"', 'url = "http://169.254.169.254"', "self_hosted needs a loopback or private"),
        ('url = "http://127.0.0.1:1"', 'url = "http://127.0.0.1:1"\npin = "llm"', "pin is not an IP address"),
        ('url = "http://127.0.0.1:1"', 'url = "ftp://127.0.0.1"', "url must be http or https"),
        ('url = "http://127.0.0.1:1"', 'url = "http://a:b@127.0.0.1:1"', "url must not hold a user"),
        ('url = "https://cloud.example"', 'url = "http://cloud.example"', "a cloud endpoint needs https"),
        ('trust = "cloud"', 'trust = "friend"', "trust: must be one of self_hosted, cloud"),
        ("quality = 50", "quality = 500", "models.local.quality: must be at most 100"),
        ("quality = 50", 'quality = "good"', "models.local.quality: must be a whole number"),
        ("schema_version = 1", "schema_version = 2", "schema_version must be 1"),
        ('redacted_to = ["cloud"]', 'redacted_to = ["moon"]', "tenants.contract: no endpoint moon"),
        ("[tenants.default]", "[tenants.other]", "tenants: no default"),
        ("quality = 50", "quality = 50\ncolour = 1", "models.local.colour: unknown key"),
    ],
)
def test_a_policy_that_fails_a_proof_is_refused_with_the_place(before: str, after: str, problem: str) -> None:
    with pytest.raises(PolicyError) as refused:
        changed(before, after)
    assert any(problem in told for told in refused.value.problems), refused.value.problems


RULE = '\n[[rules]]\nname = "quick"\ntask = "{task}"\nmodels = ["{model}"]\n'


def test_no_rule_can_add_a_cloud_model_to_a_sensitive_task() -> None:
    with pytest.raises(PolicyError, match=r"rules\.quick: big is a cloud model on a sensitive task"):
        parse_policy(POLICY + RULE.format(task="extract", model="big"), PRICES)
    assert parse_policy(POLICY + RULE.format(task="chat", model="big"), PRICES).rules


def test_a_redacted_task_may_name_a_cloud_only_under_a_contract() -> None:
    with_contract = POLICY.replace('sensitivity = "sensitive"\nmodels = ["local", "local_two"]',
                                   'sensitivity = "redacted"\nmodels = ["big", "local"]')  # fmt: skip
    assert parse_policy(with_contract, PRICES).tasks["extract"].label is Sensitivity.REDACTED
    with pytest.raises(PolicyError, match="big is a cloud model on a redacted task"):
        parse_policy(with_contract.replace('redacted_to = ["cloud"]', ""), PRICES)


def test_a_self_hosted_endpoint_may_be_far_away_behind_tls_and_a_pin() -> None:
    far = 'url = "https://llm.example:1"\npin = "203.0.113.7"'
    assert changed('url = "http://127.0.0.1:1"', far).clearance("own") is Sensitivity.SENSITIVE


def test_every_task_must_name_a_floor_that_exists() -> None:
    assert parse_policy(POLICY, PRICES, floors=["rules"])
    with pytest.raises(PolicyError, match=r"tasks\.extract: no floor rules"):
        parse_policy(POLICY, PRICES, floors=["other"])


def test_all_problems_are_told_at_once() -> None:
    bad = POLICY.replace('floor = "rules"', "").replace("quality = 50", "quality = -1")
    with pytest.raises(PolicyError) as refused:
        parse_policy(bad, PRICES)
    assert len(refused.value.problems) == 4


def test_a_text_that_is_not_toml_is_refused() -> None:
    with pytest.raises(PolicyError, match="policy:"):
        parse_policy("this is [not", PRICES)


def test_the_hash_names_the_very_policy_and_its_prices() -> None:
    first = parse_policy(POLICY, PRICES)
    assert first.hash == parse_policy(POLICY, PRICES).hash
    assert first.hash != parse_policy(POLICY, PRICES.replace("3.0", "3.1")).hash
    assert first.hash != changed("quality = 50", "quality = 51").hash


def test_a_reload_keeps_what_did_not_change_and_finishes_what_is_under_way() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD, delay_s=0.3)], "own_two": [Line(GOOD)]})
        own = house.ports["own"]
        async with asyncio.TaskGroup() as group:
            under_way = group.create_task(house.router.complete(request()))
            await asyncio.sleep(0.1)
            house.router.reload(changed('models = ["local", "local_two"]', 'models = ["local_two"]'))
            after = await house.router.complete(request())
        assert house.ports["own"] is own
        assert under_way.result().decision.answered_by == "local"
        assert after.decision.answered_by == "local_two"
        assert after.decision.policy_hash != under_way.result().decision.policy_hash

    on_virtual_time(scenario)


def test_a_reload_closes_what_nobody_uses_any_more() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]})
        closed: list[str] = []

        async def close() -> None:
            closed.append("own")

        house.ports["own"].aclose = close  # type: ignore[method-assign]
        house.router.reload(changed('url = "http://127.0.0.1:1"', 'url = "http://127.0.0.1:9"'))
        await house.router.complete(request())
        assert closed == ["own"]

    on_virtual_time(scenario)


async def test_a_bad_policy_file_leaves_the_old_policy_in_force(tmp_path: Path) -> None:
    house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]})
    path, prices = tmp_path / "policy.toml", tmp_path / "prices.toml"
    path.write_text(POLICY)
    prices.write_text(PRICES)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(follow(house.router, path, {}, prices, every_s=0.01))
        before = house.router.policy.hash
        path.write_text(POLICY.replace('floor = "rules"', ""))
        await asyncio.sleep(0.1)
        assert house.router.policy.hash == before
        path.write_text(POLICY.replace("quality = 50", "quality = 51"))
        for _look in range(500):
            await asyncio.sleep(0.01)
            if house.router.policy.hash != before:
                break
        watching.cancel()
    assert house.router.policy.models["local"].quality == 51


def test_a_policy_file_takes_the_prices_that_ship(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text((Path(default_policy.__code__.co_filename).parent / "policies" / "default.toml").read_text())
    assert read_policy(path).hash == default_policy().hash
    assert "claude" in default_prices()
