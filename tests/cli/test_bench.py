"""`kiwimesh bench`: a bench is a module, and its figures are one JSON object on the last line."""

import json
from pathlib import Path

import pytest

from dispatch.cli import bench as command
from dispatch.cli import run

pytestmark = pytest.mark.unit

Captured = pytest.CaptureFixture[str]

SQUARE = '''"""Squares a number.

More about it.
"""

import click


def arguments():
    return [click.Option(["--number"], type=int, default=3, help="What to square.")]


def run(number):
    return {"square": number * number}
'''


@pytest.fixture(autouse=True)
def _benches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of benches of this test's own."""
    (tmp_path / "square.py").write_text(SQUARE)
    (tmp_path / "hungry.py").write_text('"""Needs what is not there."""\n\nimport no_such_package\n')
    monkeypatch.setattr("bench.__path__", [str(tmp_path)])
    monkeypatch.setattr(
        command, "bench_files", lambda: {name: tmp_path / f"{name}.py" for name in ("hungry", "square")}
    )


def test_the_last_line_is_one_json_object_with_the_figures_and_the_machine(capsys: Captured) -> None:
    assert run(["bench", "square", "--number", "7", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["bench"], result["square"]) == ("square", 49)
    assert result["machine"]["cpus"] >= 1


def test_the_benches_are_listed_with_a_line_each_without_being_loaded(capsys: Captured) -> None:
    assert run(["bench", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "square  Squares a number." in shown
    assert "hungry  Needs what is not there." in shown


def test_a_bench_that_lacks_a_package_says_how_to_get_it(capsys: Captured) -> None:
    assert run(["bench", "hungry", "--json"]) == 1
    failure = json.loads(capsys.readouterr().out)
    assert failure["code"] == "not_installed"
    assert "make setup" in failure["way_out"]
