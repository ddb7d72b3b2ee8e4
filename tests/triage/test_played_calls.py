"""What playing the training scripts showed: marked questions, animals, places, several ill, means at hand."""

import pytest

from dispatch.contract.audio import Channel
from dispatch.triage import Case, Heard, HeardStatus, QuestionAsked, act, category_of, revise

from .speech import card, codes, fields, told, words

pytestmark = pytest.mark.unit


def after_mark(code: str, said: str, before: str = "My husband has chest pain.") -> dict[str, str]:
    """The card's values after a question was marked as asked, with no words of the operator's, and what was said."""
    return fields(card(told(said, act(told(before), QuestionAsked(code), 20.0))))


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ("He is sixty four.", "64"),
        ("Twenty five.", "25"),
        ("I'd say forty five.", "45"),
        ("He's about thirty.", "30"),
        ("It's me, I'm forty one.", "41"),
        ("He would be about seventy I think.", "70"),
    ],
)
def test_a_marked_question_for_the_age_is_answered_by_the_callers_next_words(said: str, years: str) -> None:
    assert after_mark("age", said)["age"] == years


@pytest.mark.parametrize("said", ["About ten minutes.", "Three of us.", "Forty four College Road."])
def test_a_number_of_something_else_is_no_age(said: str) -> None:
    assert "age" not in after_mark("age", said)


@pytest.mark.parametrize(
    ("code", "said", "name", "value"),
    [
        ("conscious", "No.", "conscious", "no"),
        ("breathing", "No.", "breathing", "absent"),
        ("location", "Rose Cottage Hutton", "location", "Rose Cottage Hutton"),
        ("callback_number", "Oh seven seven double oh nine one two three four", "callback_number", "07700" + "91234"),
    ],
)
def test_a_marked_question_is_a_topic_like_a_spoken_one(code: str, said: str, name: str, value: str) -> None:
    assert after_mark(code, said)[name] == value


def test_a_short_answer_without_a_marked_question_says_nothing() -> None:
    assert "breathing" not in fields(card(told("Yes.", told("My husband has chest pain."))))


def test_a_number_alone_is_an_age_until_it_turns_out_to_be_a_house_number() -> None:
    assert fields(card("He has chest pain. Seventy-nine. You'll think I'm making a fuss."))["age"] == "79"
    assert "age" not in fields(card("He has chest pain. Thirty-one. Thirty-one Pemberton Street."))


def test_a_late_mark_does_not_take_the_next_number_for_the_age() -> None:
    assert after_mark("age", "Fourteen Mill Lane.", "My dad fell, he is seventy.")["age"] == "70"


def test_a_mark_joins_the_question_that_was_spoken_with_it() -> None:
    case = act(told("He has collapsed. [Is he breathing?]"), QuestionAsked("age"), 20.0)
    assert fields(card(told("No.", case)))["breathing"] == "absent"


def test_a_mark_replaces_a_question_that_was_answered_before() -> None:
    case = act(told("My dad fell. [Is he awake?] Yes, he is awake."), QuestionAsked("bleeding_controlled_q"), 20.0)
    assert fields(card(told("No.", case)))["conscious"] == "yes"


def test_a_mark_is_still_a_topic_when_the_answer_is_revised() -> None:
    case = told("No", act(told("He has collapsed."), QuestionAsked("breathing"), 20.0))
    gone = (case.turns[-1].utterance_id,)
    case = revise(case, gone, [Heard("r0", Channel.CALLER, words("No."), HeardStatus.FINAL)])
    assert fields(card(case))["breathing"] == "absent"


def test_an_answer_entered_by_the_operator_closes_the_marked_question() -> None:
    case = act(
        act(told("He has collapsed."), QuestionAsked("breathing"), 20.0), QuestionAsked("breathing", "Yes"), 22.0
    )
    assert fields(card(told("No.", case))).get("breathing") != "absent"


def test_the_edge_of_a_bed_is_nothing_to_jump_from() -> None:
    assert card("She is awake, she is sitting on the edge of the bed.").category is None
    assert category_of(told("He is sitting on the edge of the roof and says he'll jump.")) == 2


def test_an_animal_as_the_cause_leaves_the_complaint() -> None:
    asthma = "My friend has asthma and she can't breathe. It's because of the neighbour's cat, I told her not to."
    assert fields(card(asthma))["complaint"] == "breathing_problem"


def test_an_animal_named_late_does_not_hide_a_persons_symptoms() -> None:
    assert category_of(told("My husband has chest pain. Our neighbour is a vet, she's with him.")) == 2
    assert category_of(told("My dog was choking. Now my dad has collapsed and he's not breathing.")) == 1


def test_an_animal_is_still_an_animal() -> None:
    assert fields(card("My dog has collapsed. He's not breathing."))["complaint"] == "animal"


@pytest.mark.parametrize(
    "said",
    [
        "We all have a terrible headache and we feel sick. The whole family.",
        "I have a terrible headache and my wife feels sick too.",
    ],
)
def test_several_ill_at_once_raise_carbon_monoxide(said: str) -> None:
    shown = card(said)
    assert fields(shown)["complaint"] == "carbon_monoxide"
    assert shown.category == 2


def test_a_family_with_the_flu_raises_no_carbon_monoxide() -> None:
    shown = card("Both my kids have the flu, they've got headaches and a cough.")
    assert "carbon_monoxide.several_unexplained" not in codes(shown.reasons)


@pytest.mark.parametrize(
    "said",
    [
        "I want to kill myself. I have a box of sleeping tablets here in front of me.",
        "I want to die, the tablets are here next to me.",
        "I want to die. There's a rope in the garage.",
    ],
)
def test_means_at_hand_raise_the_risk_of_suicide(said: str) -> None:
    assert category_of(told(said)) == 2


def test_tablets_at_hand_without_a_thought_of_dying_are_a_question_about_tablets() -> None:
    shown = card("I have a box of sleeping tablets here, can I take them with ibuprofen?")
    assert shown.category not in (1, 2)


def test_a_twisted_ankle_is_minor_in_translated_speech_too() -> None:
    assert (
        category_of(told("Mein Freund spricht kein Englisch. He twisted his ankle. He is awake. He can't walk.")) == 4
    )


def test_a_twisted_ankle_hides_nothing_worse() -> None:
    assert category_of(told("He twisted his ankle, and now he's not breathing.")) == 1


def test_an_adult_who_does_not_breathe_is_no_limp_newborn() -> None:
    case: Case = told("My dad is not breathing.")
    assert "newborn_trouble" not in case.picture.states
    assert "newborn_trouble" in told("The baby's just been born, she's floppy and not breathing.").picture.states


def test_an_age_behind_who_is_understood() -> None:
    assert fields(card("My husband who is fifty eight has chest pain."))["age"] == "58"


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("I'd like to book transport to the clinic on Tuesday.", None),
        ("There's a runner down at the half marathon.", None),
        ("There's a runner down at the half marathon. At the finish on Park Road.", "the finish on Park Road"),
        ("We're at a party and my friend's passed out.", None),
        ("We're at a party and my friend's passed out. It's forty four College Road.", "forty four College Road"),
        ("Seventy one Queen Street, second floor.", "Seventy one Queen Street, second floor"),
        ("The beach at the end of Park Road.", "The beach at the end of Park Road"),
        ("Twenty seven Park Road and hurry.", "Twenty seven Park Road"),
    ],
)
def test_a_place_is_an_address_and_no_day_or_event(said: str, place: str | None) -> None:
    assert fields(card(said)).get("location") == place


def test_there_is_somebody_here_is_no_answer_to_whether_he_is_awake() -> None:
    shown = card(
        "He went down on the dance floor. [Is he responding to you?] No. There's a vet here, she says it's agonal."
    )
    assert fields(shown)["conscious"] == "no"
    assert any(reason.code.startswith("cardiac_arrest") for reason in shown.reasons)


@pytest.mark.parametrize(
    ("told_of_it", "arrest"),
    [
        ("His cheeks blow out like an old accordion.", True),
        ("Yes, his chest goes up and down, nice and regular.", False),
        ("Hang on, let me look.", False),
    ],
)
def test_what_is_no_clear_word_of_breathing_beside_no_response_is_an_arrest(told_of_it: str, arrest: bool) -> None:
    shown = card(f"I can't wake my dad. [What's his breathing like?] {told_of_it}")
    assert any(reason.code.startswith("cardiac_arrest") for reason in shown.reasons) is arrest


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ("My son is seventeen months and has a cough.", "1"),
        ("Gent of fifty-nine came off his bike.", "59"),
        ("My chest hurts. I'm... seventy-four.", "74"),
        ("She has a fever. [How old is she?] Ooh, that'd be, um, forty-one last birthday.", "41"),
        ("He is asleep a lot. He's a year and a half.", "1"),
    ],
)
def test_an_age_is_heard_in_whole_years(said: str, years: str) -> None:
    assert fields(card(said))["age"] == years


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("He fainted. Powerleague, Ardwick, pitch seven.", "Powerleague, Ardwick, pitch seven"),
        ("He's burnt. Millbrook Chemicals, gate two, Runcorn.", "Millbrook Chemicals, gate two, Runcorn"),
        ("A lad got hit at Fifth and Alder.", "Fifth and Alder"),
        ("We're at number nine, the yellow door, Pelham Street.", "number nine, the yellow door, Pelham Street"),
    ],
)
def test_names_told_without_a_verb_are_a_place(said: str, place: str) -> None:
    assert fields(card(said))["location"] == place


def test_awake_by_nothing_said_against_it_is_a_suggestion_and_stays_to_be_asked() -> None:
    shown = card("My mum has a rash on her arm.")
    assert fields(shown)["conscious"] == "yes"
    assert "conscious" in [question.code for question in shown.must_ask]
    assert "conscious" not in fields(card("He collapsed in the kitchen."))
