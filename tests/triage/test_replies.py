"""Replies to questions of life: what callers tell besides yes and no, and what they tell of something else."""

import pytest

from dispatch.triage.answers import Answer, answer_in
from dispatch.triage.findings import catalogue
from dispatch.triage.replies import ReplySpec, replied, replies
from dispatch.triage.words import chunk_of, cut

from .speech import card, words

pytestmark = pytest.mark.unit

_SAYS = [(spec, sentence) for spec in replies() for sentence in spec.says]
_LEAVES = [(spec, sentence) for spec in replies() for sentence in spec.leaves]
_ONE = {"state": "conscious"}
"""A question of each kind."""


def stated(spec: ReplySpec, sentence: str) -> set[str]:
    said = words(sentence)
    closed, rest = cut(said)
    spans = [*closed, *([(rest, len(said))] if rest < len(said) else [])]
    asked = [_ONE.get(spec.asked, spec.asked)]
    return {code for begin, end in spans for code in replied(chunk_of(said, begin, end), asked)}


@pytest.mark.parametrize(("spec", "sentence"), _SAYS, ids=lambda one: getattr(one, "states", one))
def test_a_reply_states_its_finding_in_its_examples(spec: ReplySpec, sentence: str) -> None:
    assert spec.states in stated(spec, sentence)


@pytest.mark.parametrize(("spec", "sentence"), _LEAVES, ids=lambda one: getattr(one, "states", one))
def test_a_reply_states_nothing_in_its_counter_examples(spec: ReplySpec, sentence: str) -> None:
    assert spec.states not in stated(spec, sentence)


def test_replies_state_known_findings_only() -> None:
    assert {spec.states for spec in replies()} <= catalogue().keys()


def test_without_a_question_of_life_quiet_is_only_quiet() -> None:
    said = words("It's quiet.")
    assert replied(chunk_of(said, 0, len(said)), ["age", "location"]) == ()


def shown(call: str) -> dict[str, str]:
    return {field.name.value: field.value for field in card(call).fields}


@pytest.mark.parametrize(
    ("call", "breathing"),
    [
        ("My gran fell. [How's her breathing, is it fast?] No, it's normal.", "normal"),
        ("My gran fell. [Is she struggling to breathe?] No.", None),
        ("My gran won't wake. [Is she breathing? Put your ear to her mouth.] No.", "absent"),
        ("My gran won't wake. [Is she breathing? Where are you?] No. Nine Mill Lane.", "absent"),
        ("My gran won't wake. [Is she breathing?] I think so. [Watch her chest.] Not yet. No.", "absent"),
        ("My gran's had a fall. [Is she breathing normally?] No, she's wheezing.", "abnormal"),
    ],
)
def test_no_is_an_answer_to_what_was_asked_of_the_breathing(call: str, breathing: str | None) -> None:
    assert shown(call).get("breathing") in {breathing, "normal" if breathing is None else breathing}


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("He is.", Answer.YES),
        ("She is, love.", Answer.YES),
        ("He is a terrible colour.", None),
        ("She is in bed.", None),
    ],
)
def test_he_is_alone_is_a_yes_and_what_he_is_is_none(said: str, answer: Answer | None) -> None:
    heard = words(said)
    assert answer_in(chunk_of(heard, 0, len(heard))) is answer


@pytest.mark.parametrize(
    ("call", "conscious"),
    [
        ("She fell in the road. [Is she awake and breathing?] Yes.", "yes"),
        ("My gran won't wake up. [Did you give her a shake?] Yes.", "no"),
        ("There's a man on the floor. [Is he awake?] He's in the kitchen. He's just flat in my arms.", "no"),
    ],
)
def test_a_yes_is_an_answer_to_what_was_asked_of_being_awake(call: str, conscious: str | None) -> None:
    assert shown(call).get("conscious") == conscious
