"""The after-action report: everything inside, escaped, the same as JSON."""

import base64
import re
from dataclasses import replace

import pytest

from dispatch.contract.audio import Channel
from dispatch.contract.timeline import CallEnded, EndReason, HelpSent, QuestionAsked
from dispatch.quality import score
from scenarios.report import Report, as_html, as_json, wav
from scenarios.script import load_script
from scenarios.sound import mulaw_to_pcm
from tests.quality.logs import answered, card, log_of, said

pytestmark = pytest.mark.unit


def report() -> Report:
    script = load_script("cardiac-arrest-bedroom")
    log = log_of(
        [
            answered(4),
            said(9, "He fell <b>down</b> & won't wake up", Channel.CALLER),
            card(10, 1, location="14 Mill Lane", complaint="cardiac_arrest"),
            (12, QuestionAsked(code="breathing", answer="No")),
            (40, HelpSent()),
            (90, CallEnded(reason=EndReason.CALLER_HUNG_UP)),
        ]
    )
    return Report(script.title, script.brief, "call-1", score(script.rubric, log), log, 1)


def test_the_page_shows_words_deeds_cards_and_misses_with_their_seconds() -> None:
    page = as_html(report())
    assert "EXERCISE" in page
    for shown in ("0:07.0", "Question: breathing – No", "Help sent", "location: 14 Mill Lane", "Ended: caller_hung_up"):
        assert shown in page
    assert "Starts resuscitation by telephone: not found in the log (due by 2:34.0)." in page


def test_what_callers_say_is_never_markup() -> None:
    page = as_html(report())
    assert "<b>down" not in page
    assert "&lt;b&gt;down&lt;/b&gt; &amp; won&#x27;t" in page


def test_the_page_needs_nothing_from_outside() -> None:
    page = as_html(replace(report(), sound={Channel.CALLER: wav(b"\0\0" * 80, 8000)}))
    assert not re.search(r"""(?:src|href)=['"](?!data:)""", page)
    assert "://" not in page
    assert base64.b64encode(b"RIFF")[:5].decode() in page


def test_a_real_call_is_not_called_an_exercise_and_has_no_right_answer() -> None:
    page = as_html(replace(report(), exercise=False))
    assert "EXERCISE" not in page


def test_the_trend_of_a_trainee_is_shown_when_there_is_one() -> None:
    page = as_html(replace(report(), trend=[("2026-03-01", "chest-pain-workshop", 72.5, False)]))
    assert "72.5 %" in page
    assert "chest-pain-workshop" in page


def test_the_json_holds_the_sheet_and_the_whole_log() -> None:
    made = report()
    content = as_json(made)
    assert content["sheet"]["score"] == made.sheet.score
    assert len(content["entries"]) == len(made.entries)


def test_mu_law_is_decoded_as_the_standard_says() -> None:
    samples = [int.from_bytes(mulaw_to_pcm(bytes([code])), "little", signed=True) for code in (0xFF, 0x7F, 0x80, 0x00)]
    assert samples == [0, 0, 32124, -32124]
