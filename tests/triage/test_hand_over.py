"""Calls in which no emergency is heard: offered to go on elsewhere, and taken back at the first red flag."""

import pytest

from dispatch.contract.audio import Channel
from dispatch.contract.card import HandOver
from dispatch.contract.transcript import Word
from dispatch.triage import Case, Dispatched, HandedOver, Heard, HeardStatus, act, card_of, hear

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
