"""What a medical director reads and signs, and what a signature is worth after the words have changed."""

from dataclasses import replace

import pytest

from dispatch.contract.card import Card
from dispatch.triage import NOTHING_APPROVED, Approved, Signature, act, approvals, approved_by, card_of, readable
from dispatch.triage.actions import ScriptChosen
from dispatch.triage.answers import questions
from dispatch.triage.instructions import scripts
from dispatch.triage.protocols import protocols
from dispatch.triage.readable import Readable, digest_of
from tests.triage.speech import told

pytestmark = pytest.mark.unit

SAID = "my husband has chest pain, it is crushing and he is sweating"


def signed(protocol_id: str, digest: str | None = None, name: str = "Dr Ngaire") -> Signature:
    return Signature(protocol_id, digest or readable()[protocol_id].digest, name)


def card(approved: Approved) -> Card:
    return card_of(told(SAID), version=1, call_s=30, approved=approved)


def test_a_physician_reads_every_question_red_flag_category_step_and_source_of_a_protocol() -> None:
    for code, protocol in protocols().items():
        text = readable()[code].text
        page = text.model_dump_json()
        assert [flag.category for flag in text.red_flags] == [flag.category for flag in protocol.red_flags]
        assert all(flag.when and flag.source for flag in text.red_flags)
        assert [each.ask for each in text.questions] == [questions()[asked].ask for asked in protocol.questions]
        assert set(text.sources) == set(protocol.sources)
        assert protocol.script is None or all(
            step.say.replace('"', '\\"') in page for step in scripts()[protocol.script].steps.values()
        )
        assert text.entry


def test_a_physician_reads_and_signs_the_pace_of_compressions_and_which_script_is_for_whom() -> None:
    text = readable()["cardiac_arrest"].text
    script = text.scripts[0]
    assert script.about == (
        f"The metronome beats {scripts()['cpr_adult'].metronome_bpm} times a minute",
        f"Under 16 years: {scripts()['cpr_child'].title}",
        f"Under 1 year: {scripts()['cpr_infant'].title}",
    )
    slower = script.model_copy(update={"about": ("The metronome beats 60 times a minute", *script.about[1:])})
    assert digest_of(text.model_copy(update={"scripts": (slower, *text.scripts[1:])})) != digest_of(text)


def test_a_condition_reads_as_words_and_never_as_codes() -> None:
    chest = next(flag for flag in readable()["abdominal_pain"].text.red_flags if flag.label.startswith("Tearing pain"))
    assert chest.when[0] == "Tearing pain through to the back"
    assert chest.when[1].startswith("One of: ")
    assert chest.when[2] == "None of: The patient is an animal"


def test_without_a_signature_the_card_is_not_approved() -> None:
    shown = card(NOTHING_APPROVED)
    assert shown.protocol is not None
    assert shown.protocol.approved_by is None


def test_a_signature_under_these_words_shows_on_the_card_and_on_the_script_that_the_protocol_reads_out() -> None:
    before = card(NOTHING_APPROVED)
    assert before.protocol is not None
    assert before.instructions is not None
    shown = card(approved_by([signed(before.protocol.protocol_id)]))
    assert shown.protocol is not None
    assert shown.instructions is not None
    assert (shown.protocol.approved_by, shown.instructions.approved_by) == ("Dr Ngaire", "Dr Ngaire")


def test_a_script_of_a_protocol_that_nobody_signed_stays_unapproved_beside_one_that_is_signed() -> None:
    before = card(NOTHING_APPROVED)
    assert before.protocol is not None
    approved = approved_by([signed(before.protocol.protocol_id)])
    chosen = ScriptChosen("burns")
    shown = card_of(act(told(SAID), chosen, 30), version=1, call_s=30, approved=approved)
    assert shown.protocol is not None
    assert shown.protocol.approved_by == "Dr Ngaire"
    assert shown.instructions is not None
    assert (shown.instructions.script_id, shown.instructions.approved_by) == ("burns", None)


def test_a_signature_under_other_words_or_under_a_protocol_that_is_gone_approves_nothing() -> None:
    assert approved_by([signed("chest_pain", "0" * 64), signed("gone", "0" * 64)]) == NOTHING_APPROVED


def test_one_changed_word_in_a_step_or_a_question_makes_a_protocol_unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    old = readable()["choking"]
    step = old.text.scripts[0].steps[0].model_copy(update={"say": "Can they still cough?"})
    script = old.text.scripts[0].model_copy(update={"steps": (step, *old.text.scripts[0].steps[1:])})
    text = old.text.model_copy(update={"scripts": (script, *old.text.scripts[1:])})
    assert text.version == old.text.version
    changed = Readable(text, digest_of(text))
    monkeypatch.setattr(approvals, "readable", lambda: {"choking": changed})
    assert approved_by([signed("choking", old.digest)]) == NOTHING_APPROVED
    assert "choking" in approved_by([signed("choking", changed.digest)]).protocols
    asked = replace(old, text=old.text.model_copy(update={"questions": old.text.questions[1:]}))
    assert digest_of(asked.text) != old.digest
