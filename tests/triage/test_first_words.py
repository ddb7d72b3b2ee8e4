"""The first words of calls: small matters that sound urgent are not raised, and emergencies that sound small are."""

from pathlib import Path

import pytest

from .speech import card

pytestmark = pytest.mark.unit


def _lines(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()


_URGENT = [line.split("\t") for line in _lines("urgent_openings.txt")]


@pytest.mark.parametrize("opening", _lines("harmless_openings.txt"))
def test_an_opening_about_things_plays_animals_or_the_past_is_not_raised(opening: str) -> None:
    assert card(opening).category not in (1, 2)


@pytest.mark.parametrize(("category", "opening"), _URGENT)
def test_things_and_animals_beside_the_patient_take_nothing_from_an_emergency(category: str, opening: str) -> None:
    assert card(opening).category == int(category)
