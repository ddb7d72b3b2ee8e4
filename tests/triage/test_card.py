"""What the card shows beside the category: fields, next question, scripts, timers, candidates, overlays."""

import pytest

from dispatch.contract.card import FieldName
from dispatch.triage import (
    Answered,
    Case,
    Dispatched,
    FieldAccepted,
    OperatorAction,
    QuestionAsked,
    ScriptChosen,
    StepDone,
    Summary,
    act,
    card_of,
    propose_duplicates,
)
from dispatch.triage.duplicates import metres

from .speech import card, fields, told

pytestmark = pytest.mark.unit

ARREST = "My dad has collapsed and he's not breathing"


def test_the_place_is_asked_first() -> None:
    question = card(Case.new()).next_question
    assert question is not None
    assert question.code == "location"


def test_a_place_that_is_known_is_confirmed_not_asked_anew() -> None:
    question = card(Case.new(known_location="14 Mill Lane")).next_question
    assert question is not None
    assert question.code == "location_confirm"


def test_what_was_said_is_not_asked_again() -> None:
    shown = card("He's not breathing and not awake, we're at 14 Mill Lane, he's 60")
    asked = {question.code for question in shown.must_ask}
    assert asked.isdisjoint({"location", "breathing", "conscious"})


def test_an_unanswered_must_ask_question_comes_back() -> None:
    case = act(Case.new(), QuestionAsked("location"), 5.0)
    soon = card_of(case, version=1, call_s=10.0).next_question
    late = card_of(case, version=2, call_s=40.0).next_question
    assert soon is not None
    assert late is not None
    assert soon.code != "location"
    assert late.code == "location"


@pytest.mark.parametrize("wound", ["", "There's blood all over his shirt.", "It's pouring out of his leg."])
def test_where_somebody_was_stabbed_the_callers_safety_is_asked_before_age_whatever_the_wound(wound: str) -> None:
    told_of = "At 14 Mill Lane. A guy stabbed him with a knife. He's awake. He's breathing normally."
    question = card(f"{told_of} {wound}").next_question
    assert question is not None
    assert question.code == "attacker_near"


def test_must_ask_questions_say_by_when() -> None:
    assert all(question.due_s for question in card("hello").must_ask)


def test_an_arrest_opens_the_compressions_with_a_beat() -> None:
    instructions = card(ARREST).instructions
    assert instructions is not None
    assert instructions.script_id == "cpr_adult"
    assert instructions.metronome_bpm == 110
    assert instructions.approved_by is None


@pytest.mark.parametrize(
    ("call", "script"),
    [
        ("My baby is three months old and she's not breathing", "cpr_infant"),
        ("My son is six years old, he's collapsed and he's not breathing", "cpr_child"),
        ("He's choking on a grape, he is two years old", "choking_child"),
        ("The baby is choking, she is five months old", "choking_infant"),
    ],
)
def test_the_age_chooses_the_script(call: str, script: str) -> None:
    instructions = card(call).instructions
    assert instructions is not None
    assert instructions.script_id == script


def test_a_script_goes_on_by_its_answers() -> None:
    case = act(act(told(ARREST), StepDone("cpr_adult", "speaker"), 50.0), StepDone("cpr_adult", "helper", "No"), 55.0)
    instructions = card(case).instructions
    assert instructions is not None
    assert instructions.current == "floor"


def test_a_script_hands_over_to_another() -> None:
    case = told(ARREST)
    for step, answer in [("keep", "Defibrillator here")]:
        case = act(case, StepDone("cpr_adult", step, answer), 60.0)
    instructions = card(case).instructions
    assert instructions is not None
    assert instructions.script_id == "aed"
    assert instructions.current == "on"


def test_an_operator_can_choose_another_script() -> None:
    instructions = card(act(told(ARREST), ScriptChosen("bleeding"), 60.0)).instructions
    assert instructions is not None
    assert instructions.script_id == "bleeding"


@pytest.mark.parametrize(
    "action",
    [ScriptChosen("gone"), StepDone("gone", "gone"), StepDone("cpr_adult", "gone", "gone"), QuestionAsked("gone", "x")],
)
def test_a_log_that_names_what_no_longer_exists_still_gives_a_card(action: OperatorAction) -> None:
    instructions = card(act(told(ARREST), action, 60.0)).instructions
    assert instructions is not None
    assert instructions.script_id == "cpr_adult"


def test_the_timers_stop_when_their_goal_is_met() -> None:
    case = act(act(told(ARREST), Answered(), 4.0), Dispatched(), 42.0)
    case = act(act(case, FieldAccepted(FieldName.LOCATION), 25.0), StepDone("cpr_adult", "speaker"), 70.0)
    reached = {timer.code: timer.reached_s for timer in card(case).timers}
    assert (reached["answered"], reached["dispatched"], reached["address_verified"]) == (4.0, 42.0, 25.0)
    assert reached["instructions_started"] == 70.0
    assert reached["arrest_recognised"] is not None


def test_a_call_without_an_arrest_has_no_arrest_timer() -> None:
    assert "arrest_recognised" not in {timer.code for timer in card("My ankle hurts").timers}


def test_candidates_are_ranked_and_share_one_probability() -> None:
    candidates = card("I have chest pain and I feel dizzy and I've been sick").candidates
    assert [c.probability for c in candidates] == sorted((c.probability for c in candidates), reverse=True)
    assert sum(c.probability for c in candidates) <= 1.01
    assert candidates[0].complaint == "chest_pain"


def test_a_caller_abroad_is_shown_as_a_third_party() -> None:
    assert "third_party" in card("My mum rang me, I am in another city, she has chest pain").overlays


def test_another_language_is_shown() -> None:
    assert "other_language" in card(Case.new(language="es")).overlays


def test_a_booking_that_turns_into_an_emergency_keeps_what_was_said() -> None:
    shown = card("I'd like to book transport for Monday, I'm at 12 Oak Street. Oh, he's not breathing!")
    assert shown.category == 1
    assert "booking" in shown.overlays
    assert "12 Oak Street" in fields(shown)["location"]


def test_a_wrong_number_is_left_to_a_person_to_close() -> None:
    shown = card("Sorry, wrong number, I was trying to reach the dentist")
    assert shown.category == 5
    assert "wrong_number" in shown.overlays


def test_the_device_sends_number_and_place() -> None:
    shown = card(Case.new(phone="5550142", known_location="Gate 4"))
    assert fields(shown) == {"location": "Gate 4", "callback_number": "5550142"}


def test_the_same_case_gives_the_same_card() -> None:
    assert card(ARREST) == card(ARREST)


def test_two_calls_about_one_crash_are_proposed_for_merging() -> None:
    one = Summary("a", 0.0, "M4 junction 12", (51.45, -1.05), "road_crash", 2)
    other = Summary("b", 90.0, "junction 12 of the M4", (51.4501, -1.0501), "road_crash", 2)
    proposals = propose_duplicates([one, other])
    assert [(p.call_id, p.other_id) for p in proposals] == [("a", "b")]
    assert "same place named" in proposals[0].reasons


def test_the_same_complaint_elsewhere_is_no_duplicate() -> None:
    one = Summary("a", 0.0, "14 Mill Lane", None, "chest_pain", 2)
    assert propose_duplicates([one, Summary("b", 5.0, "9 Acorn Street", None, "chest_pain", 2)]) == ()


def test_the_same_place_hours_later_is_no_duplicate() -> None:
    one = Summary("a", 0.0, "14 Mill Lane", None, "chest_pain", 2)
    assert propose_duplicates([one, Summary("b", 7200.0, "14 Mill Lane", None, "chest_pain", 2)]) == ()


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert metres((51.0, 0.0), (52.0, 0.0)) == pytest.approx(111_195, rel=0.01)


@pytest.mark.parametrize("said", ["we are at 27 Park Road", "[Where are you?] At 27 Park Road."])
def test_a_place_is_shown_without_the_preposition_before_it(said: str) -> None:
    assert fields(card(said))["location"] == "27 Park Road"


def test_a_baby_s_age_is_heard_without_the_word_old() -> None:
    assert told("my baby is three months and she is not feeding").picture.years == 0.25
