"""Scoring: each line of a rubric against a call's log, with the second of the call and the reason."""

import pytest

from dispatch.contract.card import FieldName
from dispatch.contract.timeline import (
    CallEnded,
    CategoryOverridden,
    EndReason,
    FieldAccepted,
    HelpSent,
    QuestionAsked,
    StepDone,
)
from dispatch.contract.training import ExpectedAction, ForbiddenAction, Gold, Rubric, ScoreSheet, Verdict
from dispatch.quality import deeds_of, rubric_for, score
from tests.quality.logs import answered, card, log_of, said

pytestmark = pytest.mark.unit

ASKS = ExpectedAction(
    action=("ask:breathing",), label="Asks about the breathing", by_s=30, latest_s=60, points=10, critical=True
)
SENDS = ExpectedAction(action=("dispatch",), label="Sends help", by_s=60, points=10)
NO_HANG_UP = ForbiddenAction(action="hang_up", why="He is alone")


def rubric(*expect: ExpectedAction, forbid: tuple[ForbiddenAction, ...] = (), gold: Gold | None = None) -> Rubric:
    return Rubric(rubric_id="test", title="Test", expect=expect or (ASKS, SENDS), forbid=forbid, gold=gold)


def only(sheet: ScoreSheet, label: str) -> Verdict:
    return next(line.verdict for line in sheet.lines if line.label == label)


def test_what_is_done_in_time_earns_everything_and_passes() -> None:
    sheet = score(rubric(), log_of([answered(), (10, QuestionAsked(code="breathing")), (40, HelpSent())]))
    assert (sheet.passed, sheet.score) == (True, 100.0)
    assert [line.at_s for line in sheet.lines] == [10, 40]


def test_deadlines_count_from_answering_not_from_the_first_ring() -> None:
    sheet = score(rubric(), log_of([answered(50), (79, QuestionAsked(code="breathing")), (100, HelpSent())]))
    assert only(sheet, "Asks about the breathing") is Verdict.ON_TIME
    assert sheet.lines[0].deadline_s == 80


def test_what_is_late_earns_half_and_says_by_how_much() -> None:
    sheet = score(rubric(), log_of([answered(0), (36, QuestionAsked(code="breathing")), (40, HelpSent())]))
    assert (sheet.lines[0].verdict, sheet.lines[0].points) == (Verdict.LATE, 5)
    assert "6.0 s late (due by 0:30.0)" in sheet.lines[0].explanation


def test_a_critical_action_that_is_missing_fails_whatever_the_score() -> None:
    easy = ExpectedAction(action=("answer",), points=100)
    sheet = score(rubric(ASKS, easy), log_of([answered()]))
    assert sheet.score > 80
    assert (sheet.passed, sheet.critical_missed) == (False, ("Asks about the breathing",))


def test_a_critical_action_after_its_last_second_counts_as_missing() -> None:
    sheet = score(rubric(), log_of([answered(0), (61, QuestionAsked(code="breathing")), (40, HelpSent())]))
    assert only(sheet, "Asks about the breathing") is Verdict.MISSED
    assert "too late to count" in sheet.lines[0].explanation


def test_a_forbidden_action_fails_and_is_named_with_its_reason() -> None:
    happened = [answered(), (10, QuestionAsked(code="breathing")), (20, HelpSent())]
    ended = (30, CallEnded(reason=EndReason.OPERATOR_HUNG_UP))
    sheet = score(rubric(ASKS, SENDS, forbid=(NO_HANG_UP,)), log_of([*happened, ended]))
    assert (sheet.score, sheet.passed) == (100.0, False)
    assert sheet.forbidden_done == ("Must not: hang_up",)
    assert "He is alone" in sheet.lines[-1].explanation
    assert score(rubric(ASKS, SENDS, forbid=(NO_HANG_UP,)), log_of(happened)).passed


def test_a_call_that_the_caller_ends_is_not_hung_up() -> None:
    log = log_of([answered(), (30, CallEnded(reason=EndReason.CALLER_HUNG_UP))])
    assert "hang_up" not in {deed.action for deed in deeds_of(log)}


def test_a_question_that_is_spoken_counts_at_the_end_of_the_words() -> None:
    log = log_of([answered(), said(12, "Okay, and is he breathing normally?")])
    deed = next(deed for deed in deeds_of(log) if deed.action == "ask:breathing_normal")
    assert (deed.at_s, deed.words) == (12, "Okay, and is he breathing normally?")


def test_a_caller_who_asks_does_not_ask_for_the_operator() -> None:
    from dispatch.contract.audio import Channel

    log = log_of([answered(), said(12, "Is he breathing?", Channel.CALLER)])
    assert not [deed for deed in deeds_of(log) if deed.action.startswith("ask:")]


def test_telling_that_help_is_coming_is_heard_and_is_not_sending_it() -> None:
    log = log_of([answered(), said(12, "Alright, the ambulance is on its way to you.")])
    actions = {deed.action for deed in deeds_of(log)}
    assert "tell_help" in actions
    assert "dispatch" not in actions


def test_a_category_that_is_lowered_by_hand_is_seen_and_a_raised_one_is_not() -> None:
    lower = log_of([(5, CategoryOverridden(before=1, after=3, reason="calmer"))])
    higher = log_of([(5, CategoryOverridden(before=3, after=1, reason="worse"))])
    assert [deed.action for deed in deeds_of(lower)] == ["lower_category"]
    assert not deeds_of(higher)


def test_any_one_of_several_actions_will_do() -> None:
    either = ExpectedAction(action=("ask:location", "know:location"), by_s=30)
    assert score(rubric(either), log_of([answered(0), card(9, location="14 Mill Lane")])).lines[0].at_s == 9


def test_a_step_counts_for_its_script_too() -> None:
    log = log_of([answered(), (90, StepDone(script_id="cpr_adult", step_id="push"))])
    assert {"instruct:cpr_adult", "instruct:cpr_adult/push"} <= {deed.action for deed in deeds_of(log)}


def test_the_card_is_compared_with_the_right_answers() -> None:
    gold = Gold(
        category=1, complaint="cardiac_arrest", address="14 Mill Lane", callback="555 0142", age=64, conscious=False
    )
    right = card(
        9,
        location="14 Mill Lane, flat 2",
        callback_number="5550142",
        age="64",
        conscious="no",
        complaint="cardiac_arrest",
    )
    wrong = card(9, 2, location="40 Mill Lane", callback_number="5550142", age="46", complaint="fall")
    assert score(rubric(gold=gold), log_of([right])).wrong_fields == ()
    assert score(rubric(gold=gold), log_of([right])).category_right
    sheet = score(rubric(gold=gold), log_of([wrong]))
    assert set(sheet.wrong_fields) == {FieldName.LOCATION, FieldName.AGE, FieldName.CONSCIOUS, FieldName.COMPLAINT}
    assert sheet.category_right is False


def test_numbers_in_words_are_the_same_address_and_a_category_that_is_right_too_is_right() -> None:
    gold = Gold(category=1, accept=(2,), complaint="fall", accept_complaints=("any",), address="27 Park Road")
    sheet = score(rubric(gold=gold), log_of([card(9, 2, location="twenty seven Park Road")]))
    assert (sheet.wrong_fields, sheet.category_right) == ((), True)


def test_an_empty_log_is_a_legal_one_in_which_everything_is_missing() -> None:
    sheet = score(rubric(), [])
    assert (sheet.passed, sheet.score, sheet.category) == (False, 0.0, None)


def points(sheet: ScoreSheet, code: str) -> int | None:
    return next(line.points for line in sheet.scorecard if line.code == code)


def test_the_scorecard_has_its_sixteen_lines_and_leaves_to_people_what_a_log_cannot_show() -> None:
    sheet = score(rubric(), log_of([answered()]))
    assert len(sheet.scorecard) == 16
    assert (points(sheet, "calm"), points(sheet, "control"), points(sheet, "greeting")) == (None, None, None)


def test_asking_twice_costs_a_point_on_the_scorecard() -> None:
    twice = [answered(), (9, QuestionAsked(code="age")), (30, QuestionAsked(code="age"))]
    assert points(score(rubric(), log_of(twice)), "repeats") == 4
    assert points(score(rubric(), log_of(twice[:2])), "repeats") == 5


def test_beginning_in_the_middle_of_the_callers_words_is_interrupting() -> None:
    from dispatch.contract.audio import Channel

    caller = said(20, "he fell down and now he does not move", Channel.CALLER, lasting_s=8)
    cut = score(rubric(), log_of([answered(), caller, said(17, "Where are you?")]))
    waited = score(rubric(), log_of([answered(), caller, said(23, "Where are you?")]))
    assert (points(cut, "interrupting"), points(waited, "interrupting")) == (4, 5)


def test_a_real_call_is_reviewed_by_its_complaints_protocol() -> None:
    log = log_of(
        [
            answered(),
            card(20, 2, complaint="stroke", location="14 Mill Lane"),
            (30, FieldAccepted(name=FieldName.LOCATION)),
        ]
    )
    found = rubric_for(log)
    actions = {action for line in found.expect for action in line.action}
    assert found.rubric_id == "protocol.stroke"
    assert {"ask:face_droop", "ask:last_seen_well", "instruct:stroke", "dispatch"} <= actions
    sheet = score(found, log)
    assert (
        "Is their face drooping" in " ".join(line.label for line in sheet.lines if line.verdict is Verdict.MISSED)
        or sheet.lines
    )


def test_a_call_without_a_complaint_is_reviewed_by_the_opening_alone() -> None:
    assert rubric_for(log_of([answered()])).rubric_id == "protocol.opening"
