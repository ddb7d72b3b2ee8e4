"""Calls of this project's own making: emergencies are found, small things are left small. Per class, never pooled."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatch.contract.card import Card

from .speech import card

pytestmark = pytest.mark.acceptance

_FILES = sorted(Path(__file__).parent.glob("spoken_calls*.txt"))


@dataclass(frozen=True)
class Row:
    accepted: frozenset[int]
    arrest: bool
    call: str

    @property
    def emergency(self) -> bool:
        return max(self.accepted) <= 2

    @property
    def small(self) -> bool:
        return min(self.accepted) >= 4


def rows() -> list[Row]:
    lines = [line for path in _FILES for line in path.read_text(encoding="utf-8").splitlines() if "|" in line[:8]]
    parts = [line.split("|", 2) for line in lines if not line.startswith("#")]
    return [
        Row(frozenset(int(c) for c in accepted.split(",")), arrest == "y", call) for accepted, arrest, call in parts
    ]


@pytest.fixture(scope="module")
def shown() -> list[tuple[Row, Card]]:
    return [(row, card(row.call)) for row in rows()]


def recognised(found: Card) -> bool:
    return any(reason.code.startswith("cardiac_arrest") for reason in found.reasons)


def missed(verdicts: list[tuple[Row, bool]]) -> list[str]:
    return [row.call for row, right in verdicts if not right]


def test_no_emergency_is_shown_as_less(shown: list[tuple[Row, Card]]) -> None:
    assert missed([(r, c.category is not None and c.category <= 2) for r, c in shown if r.emergency]) == []


def test_every_arrest_is_at_once_in_category_one(shown: list[tuple[Row, Card]]) -> None:
    assert missed([(r, c.category == 1) for r, c in shown if r.arrest]) == []


def test_arrests_are_named_as_arrests(shown: list[tuple[Row, Card]]) -> None:
    arrests = [(r, recognised(c)) for r, c in shown if r.arrest]
    assert len(missed(arrests)) <= 0.1 * len(arrests)


def test_nothing_else_is_named_an_arrest(shown: list[tuple[Row, Card]]) -> None:
    others = [(r, not recognised(c)) for r, c in shown if not r.arrest]
    assert len(missed(others)) <= 0.02 * len(others)


def test_small_things_send_no_emergency_ambulance(shown: list[tuple[Row, Card]]) -> None:
    small = [(r, c.category is not None and c.category > 2) for r, c in shown if r.small]
    assert len(missed(small)) <= 0.05 * len(small)


def test_most_calls_get_an_accepted_category(shown: list[tuple[Row, Card]]) -> None:
    assert sum(c.category in r.accepted for r, c in shown) >= 0.93 * len(shown)
