"""Calls written before any pattern was read: one half was developed on, nobody looked at the other. See ADR 0501."""

from pathlib import Path

import pytest

from bench.triage import run

from .speech import card

pytestmark = pytest.mark.acceptance

_FOLDER = Path(__file__).parent / "unseen"


def shares(half: str) -> tuple[float, float]:
    """Of the emergencies, those shown as such; of what can wait, what is shown as an emergency or not assessed."""
    lines = (_FOLDER / f"{half}.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.split("|", 3) for line in lines if line and not line.startswith("#")]
    rows = [({int(c) for c in accepted.split(",")}, card(call).category) for accepted, _, _, call in parts]
    found = [shown is not None and shown <= 2 for accepted, shown in rows if max(accepted) <= 2]
    false = [shown is None or shown <= 2 for accepted, shown in rows if min(accepted) >= 3]
    return sum(found) / len(found), sum(false) / len(false)


def test_calls_that_were_developed_on_are_understood() -> None:
    found, false = shares("develop")
    assert found >= 0.97
    assert false <= 0.05


def test_calls_that_nobody_developed_on_are_mostly_understood() -> None:
    found, false = shares("held_out")
    assert found >= 0.88
    assert false <= 0.24  # half of them are not assessed: nothing is called small because little was said


@pytest.mark.parametrize("author", ["blind_one", "blind_two", "blind_three"])
def test_calls_by_other_authors_that_were_developed_on_are_understood(author: str) -> None:
    figures = run([str(_FOLDER / f"{author}.jsonl")])
    assert float(str(figures["emergency_sensitivity"])) >= 0.95
    assert float(str(figures["over_triage"])) <= 0.15
    assert float(str(figures["category_accepted"])) >= 0.85


@pytest.mark.parametrize(
    ("author", "found", "over", "accepted"),
    [
        ("blind_second_halves", 0.96, 0.08, 0.9),  # of three authors; held out until 22 November, 14:30
        ("blind_four", 0.95, 0.13, 0.89),
        ("blind_five", 0.95, 0.18, 0.88),
        ("blind_six_to_twelve", 0.97, 0.19, 0.84),  # half of them held out until 22 November, 18:40
    ],
)
def test_calls_developed_on_by_their_reasons_are_mostly_understood(
    author: str, found: float, over: float, accepted: float
) -> None:
    figures = run([str(_FOLDER / f"{author}.jsonl")])
    assert float(str(figures["emergency_sensitivity"])) >= found
    assert float(str(figures["over_triage"])) <= over
    assert float(str(figures["category_accepted"])) >= accepted


def test_an_arrest_told_by_another_author_is_named_an_arrest() -> None:
    figures = run([str(_FOLDER / f"{author}.jsonl") for author in ("blind_one", "blind_three")])
    assert float(str(figures["arrest_sensitivity"])) >= 0.93
    assert float(str(figures["arrest_specificity"])) >= 0.95
