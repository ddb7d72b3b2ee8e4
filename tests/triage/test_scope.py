"""Negation, time and person: what a sentence says of a finding, by the table beside this file."""

from pathlib import Path

import pytest

from dispatch.triage.values import State

from .speech import told

pytestmark = pytest.mark.unit

_TABLE = Path(__file__).with_name("scope_sentences.tsv")
_ROWS = [line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]


def state(sentence: str, code: str) -> State | None:
    return told(sentence).picture.states.get(code)


def test_the_table_holds_at_least_three_hundred_sentences() -> None:
    assert len(_ROWS) >= 300


@pytest.mark.parametrize(("expected", "code", "sentence"), _ROWS)
def test_a_sentence_is_understood_as_a_person_would(expected: str, code: str, sentence: str) -> None:
    case = told(sentence)
    found = case.picture.states.get(code)
    if expected == "present":
        assert found is not None
        assert found.counts
    elif expected == "absent":
        assert found is not None
        assert not found.present
    else:
        assert code not in case.picture.present
