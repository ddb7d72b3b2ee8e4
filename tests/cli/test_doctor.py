"""`kiwimesh doctor`: every check answers in words, and a bad answer brings its way out."""

import json
import socket
from pathlib import Path

import pytest

from dispatch.cli import checks, run
from dispatch.cli.checks import Finding, State
from dispatch.settings import Settings

pytestmark = pytest.mark.integration

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", port=0, database_url=None, redis_url=None)


def test_every_check_answers_and_what_is_not_well_has_a_way_out(settings: Settings) -> None:
    findings = [check(settings) for check in checks.CHECKS]
    assert len({finding.name for finding in findings}) == len(checks.CHECKS)
    assert [finding for finding in findings if finding.state is not State.OK and not finding.way_out] == []


def test_a_port_in_use_is_only_a_warning_since_it_may_be_kiwimesh_itself(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        finding = checks.port(settings.model_copy(update={"port": taken.getsockname()[1]}))
    assert finding.state is State.WARNING
    assert "kiwimesh health" in finding.way_out


def test_a_data_folder_that_cannot_be_made_is_a_failure(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = checks.data_folder(settings.model_copy(update={"data_dir": tmp_path / "file" / "data"}))
    assert finding.state is State.FAILED


def test_a_disk_without_room_for_a_start_is_a_warning(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1024

    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage)
    finding = checks.disk(settings)
    assert finding.state is State.WARNING
    assert "1.0 GiB" in finding.way_out


@pytest.mark.parametrize(("check", "variable"), [(checks.database, "DATABASE_URL"), (checks.broker, "REDIS_URL")])
def test_a_configured_server_that_does_not_answer_is_a_failure(
    check: object, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "scheme://user:secret@127.0.0.1:1/x")
    assert callable(check)
    finding: Finding = check(Settings(data_dir=tmp_path))
    assert finding.state is State.FAILED
    assert variable in finding.way_out
    assert "secret" not in finding.message


def test_more_speech_engines_than_cores_is_a_warning(settings: Settings) -> None:
    assert checks.processors(settings.model_copy(update={"engine_processes": 64})).state is State.WARNING


@pytest.mark.parametrize(
    ("name", "state"), [("base", State.OK), ("large-v3", State.WARNING), ("no-such-model", State.FAILED)]
)
def test_the_speech_model_is_here_to_be_fetched_or_unknown(settings: Settings, name: str, state: State) -> None:
    assert checks.weights(settings.model_copy(update={"model": name})).state is state


def test_the_exit_code_says_whether_calls_can_be_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    bad = Finding("disk", State.FAILED, "Gone.", "Plug it in.")
    monkeypatch.setattr(checks, "CHECKS", (checks.python, lambda _: bad))
    assert run(["doctor", "--json", "--data", str(tmp_path)]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert answer["findings"][1]["way_out"] == "Plug it in."
    monkeypatch.setattr(checks, "CHECKS", (checks.python,))
    assert run(["doctor", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("ok      python")
