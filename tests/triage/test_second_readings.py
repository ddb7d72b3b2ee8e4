"""A better reading of several utterances at once: each still answers the question that it answered."""

import pytest

from dispatch.contract.audio import Channel
from dispatch.triage import Case, Heard, HeardStatus, QuestionAsked, act, category_of, revise

from .speech import card, fields, told, words

pytestmark = pytest.mark.unit

CALLS = [
    "My husband collapsed. [Is he awake?] No. [Is he breathing?] Yes. [Is he breathing normally?] No, he's gasping.",
    "My mum fell. [Is she awake?] Yes. [Is anybody else hurt?] No. [How old is she?] Seventy. [Is she bleeding?] No.",
    "I'd like to book transport. [Are you hurt?] No. [Are you breathing normally?] Yes. [Is anybody else there?] No.",
    "He stopped breathing. [Is he breathing now?] Yes, normally. He's awake. [Is there any bleeding?] No.",
    "There's a fire. [Is everybody out?] No. [Is anybody hurt?] Not yet. [Where are you?] Twelve Mill Lane.",
    "[What has happened?] She took tablets. [Is she awake?] Yes. [Is she breathing?] Yes. [How many?] Thirty.",
]


def read_again(case: Case, most: int = 9) -> Case:
    """The caller's last utterances, `most` of them, heard anew with the very words."""
    caller = [turn for turn in case.turns if turn.channel is Channel.CALLER][-most:]
    said = [Heard(f"{turn.utterance_id}.r", turn.channel, turn.words, HeardStatus.FINAL) for turn in caller]
    return revise(case, [turn.utterance_id for turn in caller], said)


@pytest.mark.parametrize("most", [1, 2, 9])
@pytest.mark.parametrize("call", CALLS)
def test_the_same_words_again_change_nothing(call: str, most: int) -> None:
    once = told(call)
    again = read_again(once, most)
    assert category_of(again) == category_of(once)
    assert fields(card(again)) == fields(card(once))
    assert [turn.words for turn in again.turns] == [turn.words for turn in once.turns]


def test_a_no_to_one_marked_question_is_no_answer_to_the_marked_questions_before_it() -> None:
    case = told("I would like to book transport to the clinic.")
    for code, answer in (("conscious", "perfectly well, thank you"), ("breathing", "breeding is normal"),
                         ("anyone_hurt", "No, nobody is hurt. I feel fine."), ("age", "I am 70.")):  # fmt: skip
        case = told(answer, act(case, QuestionAsked(code), 20.0))
    before = category_of(case)
    again = read_again(case, 4)
    assert category_of(again) == before
    assert fields(card(again)).get("conscious") != "no"


def test_words_said_after_the_ones_that_are_read_again_stay_after_them() -> None:
    case = told("He is breathing normally. He's awake. [And now?] He has stopped breathing. He's not breathing.")
    first, last = case.turns[0], case.turns[-1]
    parts = [Heard("a", Channel.CALLER, first.words[:4], HeardStatus.FINAL),
             Heard("b", Channel.CALLER, first.words[4:], HeardStatus.FINAL)]  # fmt: skip
    again = revise(case, [first.utterance_id], parts)
    assert [turn.utterance_id for turn in again.turns] == ["a", "b", case.turns[1].utterance_id, last.utterance_id]
    assert fields(card(again))["breathing"] == "absent"


def test_utterances_that_become_one_and_words_that_are_gone_leave_no_hole() -> None:
    case = told("He is not [okay] breathing [yes] at all")
    ids = [turn.utterance_id for turn in case.turns if turn.channel is Channel.CALLER]
    whole = Heard("r", Channel.CALLER, words("he is not breathing at all"), HeardStatus.FINAL)
    assert [turn.utterance_id for turn in revise(case, ids, [whole]).turns if turn.channel is Channel.CALLER] == ["r"]
    nothing = revise(case, ids, [Heard("r", Channel.CALLER, (), HeardStatus.FINAL)])
    assert [turn.channel for turn in nothing.turns] == [Channel.OPERATOR, Channel.OPERATOR]
    unknown = revise(Case.new(), ["never heard"], [whole])
    assert [turn.utterance_id for turn in unknown.turns] == ["r"]
