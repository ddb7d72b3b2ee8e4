"""Paper cards: everything that the data says, word for word, on sheets that can be printed."""

import re
from html import unescape
from pathlib import Path

import pytest

from dispatch.cli import run
from dispatch.triage import paper_cards
from dispatch.triage.answers import questions
from dispatch.triage.instructions import scripts
from dispatch.triage.paper_cards import NOT_APPROVED
from dispatch.triage.protocols import protocols

pytestmark = pytest.mark.unit

PAGE = unescape(paper_cards())


def test_every_complaint_and_every_script_has_its_card_with_its_own_words() -> None:
    for code, protocol in protocols().items():
        card = PAGE[PAGE.index(f"<article id='{code}'>") :].partition("</article>")[0]
        assert protocol.title in card
        assert [flag.label for flag in protocol.red_flags if flag.label not in card] == []
        assert [asked for asked in protocol.questions if questions()[asked].ask not in card] == []
    for code, script in scripts().items():
        card = PAGE[PAGE.index(f"<article id='script-{code}'>") :].partition("</article>")[0]
        assert [step for step in script.steps.values() if step.say not in card] == []


def test_no_card_on_paper_is_approved_before_somebody_signs_it_there() -> None:
    assert PAGE.count(NOT_APPROVED) == len(protocols()) + len(scripts())


def test_every_link_leads_to_a_card_and_the_page_needs_nothing_beside_it() -> None:
    ids = set(re.findall(r"id='([^']+)'", PAGE))
    assert set(re.findall(r"href='#([^']+)'", PAGE)) <= ids
    assert not re.search(r"src=|href='(?!#)|url\(", PAGE)


def test_an_answer_that_leads_to_another_step_says_to_which() -> None:
    choking = PAGE[PAGE.index("<article id='script-choking_adult'>") :].partition("</article>")[0]
    assert "Yes: 2; No: 3" in choking
    assert "Unconscious: " + scripts()["cpr_adult"].title in choking


def test_the_command_writes_one_file(tmp_path: Path) -> None:
    out = tmp_path / "cards.html"
    assert run(["cards", "print", "--out", str(out)]) == 0
    assert out.read_text() == paper_cards()
