"""The wording as a whole raises a call, says so as a model's, and never on half a sentence."""

import math

import pytest

from dispatch.contract.audio import Channel
from dispatch.contract.base import UtteranceId
from dispatch.contract.card import SetBy
from dispatch.triage import Case, Heard, HeardStatus, category_of, hear
from dispatch.triage.context import DENIED, IMAGINED, OVER, THING, marks
from dispatch.triage.wording import MAX_TOKENS, REFERENCE, Line, Lines, weights
from dispatch.triage.words import chunk_of

from .speech import card, told, words

pytestmark = pytest.mark.unit

UNUSUAL = "There's a man in the weir, he's clinging to a branch and going under"
"""No pattern of the rules finds an emergency in it as its own category; the text model does."""


def marked(text: str) -> dict[str, str]:
    said = words(text)
    return dict(marks(chunk_of(said, 0, len(said)).text))


@pytest.mark.parametrize(
    ("text", "word", "mark"),
    [
        ("he has no chest pain", "pain", DENIED),
        ("I had a heart attack years ago", "attack", OVER),
        ("what if he has a fit", "fit", IMAGINED),
        ("the dog is bleeding", "bleeding", THING),
        ("he is bleeding", "bleeding", ""),
        ("I can't breathe", "breathe", ""),
    ],
)
def test_words_are_weighed_by_denial_time_and_person(text: str, word: str, mark: str) -> None:
    assert marked(text)[word] == mark


def test_what_only_the_wording_says_is_shown_as_a_models_with_its_words() -> None:
    shown = card("daughter's locked in her room, left a note saying sorry, her pills are gone")
    reasons = [reason for reason in shown.reasons if reason.code.startswith("possible_emergency")]
    assert reasons
    assert {reason.source.set_by for reason in reasons} == {SetBy.MODEL}
    assert {reason.source.reference for reason in reasons} == {REFERENCE}
    assert all(evidence.quote for reason in reasons for evidence in reason.evidence)


def test_what_is_worded_like_an_arrest_is_shown_as_one_that_a_model_suspects() -> None:
    shown = card("She's lying by the pool, her chest is still as a stone and she's the colour of candle wax.")
    suspected = next(reason for reason in shown.reasons if reason.code == "cardiac_arrest.wording")
    assert suspected.source.set_by is SetBy.MODEL
    assert shown.category == 1


def test_what_is_worded_like_an_arrest_is_none_when_the_patient_speaks() -> None:
    call = "She went the colour of wax by the pool and dropped, but she's awake now, talking to me, breathing fine."
    assert not [reason for reason in card(call).reasons if reason.code.startswith("cardiac_arrest")]


def test_a_call_about_nobodys_illness_is_for_information_and_needs_no_ambulance() -> None:
    shown = card("I'm trying to reach the garden centre about the sheds that were in the paper on Saturday.")
    assert shown.category == 5
    assert "information.nobody_ill" in {reason.code for reason in shown.reasons}


def test_an_unusual_emergency_is_found() -> None:
    assert card(UNUSUAL).category in (1, 2)


def test_the_wording_waits_for_the_end_of_the_utterance() -> None:
    half = hear(Case.new(), Heard("u0", Channel.CALLER, words(UNUSUAL), HeardStatus.STABLE))
    assert half.suggested == {}
    assert hear(half, Heard("u0", Channel.CALLER, words(UNUSUAL), HeardStatus.FINAL)).suggested


def test_what_the_wording_raised_stays_whatever_is_said_later() -> None:
    case = told(UNUSUAL)
    raised = category_of(case)
    assert raised is not None
    later = category_of(told("Oh it's nothing really, I'm fine, where can I buy a kettle?", case))
    assert later is not None
    assert later <= raised


def test_only_the_newest_words_are_held() -> None:
    lines = Lines()
    for number in range(100):
        lines = lines.with_line(Line(" and then we went home again . ", UtteranceId(f"u{number}"), 0, 6))
    assert lines.tokens <= MAX_TOKENS
    assert lines.kept[-1].utterance_id == "u99"


def test_every_weight_is_a_number() -> None:
    assert all(math.isfinite(value) for row in weights().by_feature.values() for value in row)
    assert len(weights().by_feature) > 1000


def test_a_call_of_which_only_the_wording_speaks_is_small_once_it_is_told_at_some_length() -> None:
    call = (
        "There's a feeling under my thumbnail like a crumb, it's been so for weeks, I garden and knit as ever. "
        "I only wondered about it this morning when I did the washing up and thought I would ask at the counter."
    )
    assert card("Hello there love, it's only me").category is None
    assert card(call).category in (4, 5)


@pytest.mark.parametrize(
    "opening",
    [
        "We are at 27 Park Road, flat two. Please hurry, it is my husband.",
        "Please come quickly to 14 Station Road, it's my daughter, she is six.",
        "Hello, is that the ambulance? Please come to twelve Mill Lane, hurry, my mother needs help.",
        "I am at 5 Church Street in the flat above the bakery, can you send someone please.",
        "Hello, it's Mrs Hill at twelve Mill Lane, the blue door opposite the bakery, my number is five five five "
        "zero one two two, that's twelve Mill Lane in Otley, second floor, ring the top bell, please hurry, my mother.",
    ],
)
def test_somebody_who_has_said_no_more_than_where_and_to_hurry_is_not_shown_as_small(opening: str) -> None:
    assert card(opening).category not in (4, 5)
