"""Calls in which no emergency is heard: offered to go on elsewhere, and taken back at the first red flag."""

import pytest

from dispatch.contract.audio import Channel
from dispatch.contract.card import HandOver
from dispatch.contract.transcript import Word
from dispatch.triage import Case, Dispatched, HandedOver, Heard, HeardStatus, act, card_of, hear
from dispatch.triage.services import service_asked

pytestmark = pytest.mark.unit


def said(text: str, case: Case | None = None, utterance: str = "c-1") -> Case:
    words = tuple(Word(text=w, start_s=n, end_s=n + 1, confidence=1) for n, w in enumerate(text.split()))
    return hear(case or Case.new(), Heard(utterance, Channel.CALLER, words, HeardStatus.FINAL))


def offer(case: Case) -> HandOver | None:
    return card_of(case, version=1, call_s=10).hand_over


BOOKING = "hello i would like to book a transport to the hospital on monday for my dialysis"


@pytest.mark.parametrize(
    "text", [BOOKING, "i want to know the opening hours of the pharmacy", "can i get my test results please"]
)
def test_a_call_without_an_emergency_is_offered_as_a_booking_or_a_call_back(text: str) -> None:
    offered = offer(said(text))
    assert offered is not None
    assert offered.advice
    assert offered.to is None


@pytest.mark.parametrize("text", ["hello", "he is not breathing", "my father has chest pain and he is sweating"])
def test_an_emergency_or_a_call_not_yet_understood_is_never_offered(text: str) -> None:
    assert offer(said(text)) is None


def test_a_red_flag_takes_the_offer_away() -> None:
    assert offer(said("and now he has collapsed and is not breathing", said(BOOKING), "c-2")) is None


def test_a_red_flag_after_the_hand_over_is_said_aloud() -> None:
    handed = act(said(BOOKING), HandedOver("booking"), 20)
    assert (taken := offer(handed)) is not None
    assert (taken.to, taken.overtaken) == ("booking", False)
    worse = offer(said("and now he has collapsed and is not breathing", handed, "c-2"))
    assert worse is not None
    assert worse.overtaken


def test_help_sent_stops_the_timer_once() -> None:
    sent = act(act(said("he is not breathing"), Dispatched(), 42), Dispatched(), 90)
    reached = {timer.code: timer.reached_s for timer in card_of(sent, version=1, call_s=100).timers}
    assert reached["dispatched"] == 42


@pytest.mark.parametrize(
    ("call", "service"),
    [
        ("I'd like to book patient transport to the hospital on Monday", "ambulance"),
        ("I need to book a blood test please", "blood_test"),
        ("can I make an appointment with the doctor for next week", "consultation"),
        ("could a first aider come to our fair, we need first aid cover", "first_aid"),
        ("can the district nurse come and change my dressing", "home_nursing"),
        ("could a neighbour come and help me with my shopping", "neighbor_sos"),
        ("I'd like to book physio for my knee", "physiotherapy"),
        ("can I book a video call with the doctor", "remote_care"),
        ("I want to book my annual check up", "routine_checkup"),
        ("sorry wrong number", None),
    ],
)
def test_each_service_is_recognised_by_what_is_asked_for(call: str, service: str | None) -> None:
    assert service_asked(said(call)) == service
