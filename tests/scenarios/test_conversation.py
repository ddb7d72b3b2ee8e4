"""What the caller says next: answers, nags, distractors, the end."""

from collections.abc import Sequence

import pytest

from dispatch.contract.timeline import ActorKind
from dispatch.contract.training import DeedView
from scenarios.conversation import DONE_QUIET_S, QUIET_S, Conversation
from scenarios.script import Script, load_script

pytestmark = pytest.mark.unit


@pytest.fixture
def talk() -> Conversation:
    return Conversation(load_script("cardiac-arrest-bedroom"))


def deeds(*names: str) -> Sequence[DeedView]:
    return [DeedView(action=name, by=ActorKind.OPERATOR, at_s=0, seq=1) for name in names]


def said(talk: Conversation, now_s: float) -> str | None:
    turn = talk.next_turn(now_s)
    return turn.id if turn else None


def test_the_caller_begins_by_themselves(talk: Conversation) -> None:
    assert said(talk, 0.2) is None
    assert said(talk, 0.5) == "opening"
    assert said(talk, 0.6) is None


def test_a_question_is_answered_and_comes_before_what_is_said_unasked(talk: Conversation) -> None:
    talk.notice(deeds("ask:breathing"), 41)
    assert said(talk, 41.0) is None
    assert said(talk, 41.5) == "breath"
    assert said(talk, 41.5) == "opening"


def test_a_question_marked_and_spoken_is_one_question_and_asked_again_later_is_answered_again(
    talk: Conversation,
) -> None:
    said(talk, 0.5)
    talk.notice(deeds("ask:age"), 10)
    assert said(talk, 10.5) == "age"
    talk.notice(deeds("ask:age"), 12)
    assert said(talk, 13) is None
    talk.notice(deeds("ask:age"), 20)
    assert said(talk, 20.5) == "age"


def test_a_question_that_the_script_does_not_name_gets_the_other_answer(talk: Conversation) -> None:
    said(talk, 0.5)
    talk.notice(deeds("ask:epilepsy_q"), 10)
    assert said(talk, 10.5) == "unsure"


def test_the_exact_step_is_answered_before_any_step(talk: Conversation) -> None:
    said(talk, 0.5)
    talk.notice(deeds("instruct:cpr_adult", "instruct:cpr_adult/push"), 10)
    assert said(talk, 10.5) == "push"
    talk.notice(deeds("instruct:cpr_adult/floor"), 20)
    assert said(talk, 20.5) == "doing"


def test_a_caller_who_is_not_asked_nags_and_one_who_was_asked_does_not(talk: Conversation) -> None:
    said(talk, 0.5)
    assert said(talk, 25) == "nag"
    other = Conversation(talk.script)
    said(other, 0.5)
    other.notice(deeds("ask:conscious"), 5)
    assert said(other, 6) == "awake"
    assert said(other, 25) is None


def test_the_telling_words_are_volunteered_when_nobody_asks(talk: Conversation) -> None:
    said(talk, 0.5)
    said(talk, 25)
    assert said(talk, 28) == "breath"


def test_only_what_was_said_has_been_told(talk: Conversation) -> None:
    said(talk, 0.5)
    assert talk.told == frozenset()
    talk.notice(deeds("ask:aed_near"), 5)
    said(talk, 6)
    assert talk.told == {"defibrillator", "alone"}


def quiet_script() -> Script:
    return load_script("pocket-dial-kitchen")


def test_the_caller_ends_the_call_when_all_is_done_and_it_is_quiet_or_when_the_time_is_up() -> None:
    talk = Conversation(quiet_script())
    said(talk, 1.0)
    assert not talk.over(1.0 + DONE_QUIET_S - 0.1, done=True)
    assert talk.over(1.0 + DONE_QUIET_S, done=True)
    assert not talk.over(1.0 + DONE_QUIET_S, done=False)
    assert talk.over(1.0 + QUIET_S, done=False)
    assert talk.over(talk.script.limit_s, done=False)


def test_the_caller_does_not_end_the_call_while_the_operator_works() -> None:
    talk = Conversation(quiet_script())
    said(talk, 1.0)
    talk.notice(deeds("ask:anyone_hurt"), 1 + QUIET_S - 1)
    assert not talk.over(1 + QUIET_S, done=False)
