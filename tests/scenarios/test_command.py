"""`kiwimesh scenarios`: what trainers meet on the command line."""

import json
from pathlib import Path

import pytest

from dispatch.cli import run
from scenarios.script import script_ids

pytestmark = pytest.mark.integration


def test_the_library_is_listed_with_its_call_types(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scenarios", "list", "--json"]) == 0
    scripts = json.loads(capsys.readouterr().out)["scripts"]
    assert [script["id"] for script in scripts] == list(script_ids())
    assert len({script["type"] for script in scripts}) == 32


def test_the_library_passes_its_own_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scenarios", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "checked": len(script_ids()), "problems": []}


def test_a_broken_file_fails_the_check_with_what_to_put_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("id: mine\ntitel: x\n")
    assert run(["scenarios", "check", str(path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["problems"][0]
    assert "mine.yaml: line 2: titel: is no field of this form" in told
    assert "mine.yaml: line 1: turns: is missing; add it" in told


def test_an_unknown_script_is_said_before_a_server_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scenarios", "play", "no-such", "--operator", "a@b.c", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "bad_scenario"


def test_scoring_wants_scripts_or_all_of_them() -> None:
    assert run(["scenarios", "score"]) == 2
