"""The `kiwimesh` command: it teaches, it starts quickly, and it fails in plain words with the way out."""

import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from dispatch.cli import COMMANDS, Entry, Failure, cli, failure_of, run
from dispatch.contract.problems import WAY_OUT, ProblemCode, problem

pytestmark = pytest.mark.unit

Captured = pytest.CaptureFixture[str]


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--with-way-out", is_flag=True)
def broken(as_json: bool, with_way_out: bool) -> None:
    """Fails."""
    if with_way_out:
        raise Failure("The disk is full.", "Free some space.", code="disk_full")
    raise ValueError("the caller said: 14 Mill Lane")


@pytest.fixture
def _broken_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "broken", Entry(__name__, "broken", "Fails."))


def test_the_help_lists_every_command_with_a_line_on_it(capsys: Captured) -> None:
    assert run(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name, entry in COMMANDS.items():
        assert f"{name} {entry.summary}" in shown


def test_the_help_answers_without_loading_the_server() -> None:
    program = "import sys; from dispatch.cli import run; run(['--help']); print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    for heavy in ("pydantic", "structlog", "aiohttp", "sqlalchemy", "numpy", "dispatch.settings"):
        assert f"'{heavy}'" not in loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_and_each_of_its_options(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    for part in with_subcommands(command):
        assert CliRunner().invoke(part, ["--help"]).exit_code == 0
        assert part.help, part.name
        assert [one.name for one in part.params if isinstance(one, click.Option) and not one.help] == [], part.name


def with_subcommands(command: click.Command) -> list[click.Command]:
    if not isinstance(command, click.Group):
        return [command]
    context = click.Context(command)
    found = [command.get_command(context, name) for name in command.list_commands(context)]
    return [command, *(sub for sub in found if sub is not None)]


def test_an_unknown_command_is_a_mistake_of_usage(capsys: Captured) -> None:
    assert run(["telephone"]) == 2
    assert "No such command 'telephone'" in capsys.readouterr().err


@pytest.mark.usefixtures("_broken_command")
def test_a_failure_says_what_went_wrong_and_the_way_out(capsys: Captured) -> None:
    assert run(["broken", "--with-way-out"]) == 1
    assert capsys.readouterr().err == "Error: The disk is full.\nFree some space.\n"


@pytest.mark.usefixtures("_broken_command")
def test_with_json_a_failure_is_one_json_object(capsys: Captured) -> None:
    assert run(["broken", "--with-way-out", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "code": "disk_full",
        "message": "The disk is full.",
        "way_out": "Free some space.",
    }


@pytest.mark.usefixtures("_broken_command")
def test_an_unexpected_error_shows_where_it_happened_but_not_what_a_caller_said(capsys: Captured) -> None:
    assert run(["broken"]) == 1
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert "test_command_line.py" in shown
    assert "--traceback" in shown
    assert "Mill Lane" not in shown


@pytest.mark.usefixtures("_broken_command")
def test_the_traceback_is_there_for_those_who_ask() -> None:
    with pytest.raises(ValueError, match="Mill Lane"):
        run(["--traceback", "broken"])


def test_a_coded_error_of_ours_is_shown_in_its_own_words() -> None:
    class InUseError(Exception):
        code = "data_in_use"

    failure = failure_of(InUseError("Another process holds the data folder."))
    assert (failure.message, failure.code) == ("Another process holds the data folder.", "data_in_use")


def test_a_refusal_of_the_server_brings_its_own_way_out() -> None:
    class RefusedError(Exception):
        problem = problem(ProblemCode.SIGN_IN_FAILED, "Wrong password.")

    failure = failure_of(RefusedError())
    assert (failure.message, failure.way_out) == ("Wrong password.", WAY_OUT[ProblemCode.SIGN_IN_FAILED])
    assert failure.code == "sign_in_failed"
