"""`kiwimesh route`: a table that says why, and JSON for machines."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench._router_kit import POLICY, PRICES
from dispatch.cli.route import route

pytestmark = pytest.mark.acceptance

CALL = "Zebedee Quillfeather has chest pain"


def kiwimesh_route(*arguments: str, **environment: str) -> Result:
    keys = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "KIWIMESH_LLM_POLICY": "", **environment}
    return CliRunner(env=keys).invoke(route, arguments)


def test_explain_shows_every_candidate_with_its_reason() -> None:
    shown = kiwimesh_route("explain", "case_escalation", "--text", CALL)
    assert shown.exit_code == 0, shown.output
    assert "sensitive (provenance:CallText)" in shown.output
    rows = {line.split()[0]: line for line in shown.output.splitlines() if line.startswith("  ")}
    assert "may not see this text" in rows["opus"]
    assert "does not think deeply enough" in rows["local"]
    assert "Zebedee" not in shown.output


def test_explain_of_public_text_shows_times_and_money() -> None:
    shown = kiwimesh_route("explain", "scenario_caller", "--public", "--text", "Kneel.", "--json")
    told = json.loads(shown.output.splitlines()[-1])
    by_model = {candidate["model"]: candidate for candidate in told["candidates"]}
    assert by_model["haiku"]["verdict"] == "eligible"
    assert by_model["haiku"]["reserve_micro_usd"] > 0
    assert by_model["local"]["reserve_micro_usd"] == 0
    assert told["attempts"] == []


def test_try_without_any_model_gives_the_floor_and_says_what_was_asked(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'schema_version = 1\n[endpoints.o]\nkind = "ollama"\ntrust = "self_hosted"\nurl = "http://127.0.0.1:9"\n'
        '[models.m]\nendpoint = "o"\nname = "m"\nquality = 1\nmax_depth = "deep"\n'
        '[tasks.ask]\nsensitivity = "sensitive"\nmodels = ["m"]\ndepth = "reflex"\ndeadline_ms = 2000\n'
        'max_micro_usd = 0\nmax_output_tokens = 10\nfloor = "rules"\n'
        "[tenants.default]\ndaily_micro_usd = 0\ncall_micro_usd = 0\n"
    )
    shown = kiwimesh_route("try", "ask", "--text", CALL, "--policy", str(policy))
    assert shown.exit_code == 0, shown.output
    assert "unreachable" in shown.output
    assert "floor: (the floor: no model answered)" in shown.output


def test_policy_check_proves_what_ships_and_tells_every_problem_of_what_does_not(tmp_path: Path) -> None:
    assert "holds" in kiwimesh_route("policy", "check").output
    bad, prices = tmp_path / "bad.toml", tmp_path / "prices.toml"
    bad.write_text(POLICY.replace('models = ["local", "local_two"]', 'models = ["big"]'))
    prices.write_text(PRICES)
    shown = kiwimesh_route("policy", "check", str(bad), "--prices", str(prices))
    assert shown.exit_code == 1
    assert "tasks.extract: big is a cloud model on a sensitive task" in shown.output
    told = kiwimesh_route("policy", "check", str(bad), "--prices", str(prices), "--json")
    assert told.exit_code == 1
    assert len(json.loads(told.output)["problems"]) == 2


def test_a_task_that_does_not_exist_is_told_in_plain_words() -> None:
    shown = kiwimesh_route("explain", "nonsense")
    assert shown.exit_code == 1
    assert "no such task" in shown.output
