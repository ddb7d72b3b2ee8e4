"""The after-action report as a PDF: what stands in it, in any language, the same every time."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from dispatch.contract.training import ScorecardLine, ScoreLine, ScoreSheet, Verdict
from dispatch.quality.paper import Paper
from dispatch.quality.pdf import printed

pytestmark = pytest.mark.unit

SHEET = ScoreSheet(
    rubric_id="r", passed=False, score=61.5, critical_missed=("address confirmed",), category=2, category_right=False,
    lines=(
        ScoreLine(
            label="address confirmed", actions=("confirm:location",), verdict=Verdict.MISSED, points=0, of=10,
            critical=True, deadline_s=30, explanation="It was never confirmed.",
        ),
        ScoreLine(
            label="help sent", actions=("dispatch",), verdict=Verdict.ON_TIME, points=15, of=15, deadline_s=60,
            at_s=41.2, explanation="Help was sent 41 s after answering.",
        ),
    ),
    scorecard=(ScorecardLine(code="calm", label="Calm", of=5, explanation="A person judges."),),
)  # fmt: skip
TREND = (("2026-01-01", "First", 40.0, False), ("2026-01-02", "Second", 61.5, False))


def paper(**more: object) -> Paper:
    values = {"title": "Chest pain", "at": datetime(2026, 1, 2, tzinfo=UTC), "sheet": SHEET, "trend": TREND, **more}
    return Paper(**values)  # type: ignore[arg-type]


def text_of(pdf: bytes) -> str:
    """What is shown on the pages, as somebody who copies it gets it."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_the_report_holds_each_line_with_its_second_and_why() -> None:
    text = text_of(printed(paper()))
    for words in (
        "Chest pain",
        "Not passed with 61.5 %",
        "0:41",
        "15/15",
        "never confirmed",
        "for a person",
        "First: 40.0 %",
    ):
        assert words in text, words


def test_names_and_words_of_many_languages_stand_in_the_report_as_they_were_said() -> None:
    said = ("“Ça va – très mal…”", "Kia ora, ko Mānuka tēnei", "помогите", "βοήθεια", "Cứu tôi với", "Łódź, proszę")
    text = text_of(printed(paper(title="Pōneke", happened=[(1.0, f"Caller: {words}") for words in said])))
    for words in ("Pōneke", *said):
        assert words in text, words


def test_letters_that_the_font_lacks_cost_nobody_the_report() -> None:
    text = text_of(printed(paper(happened=[(2.0, "Caller: 救命, come")], judgements=["Overruled: 70 %"])))
    assert "Caller: ??, come" in text
    assert "Overruled: 70 %" in text


def test_the_same_run_is_the_same_file() -> None:
    assert printed(paper()) == printed(paper())
    assert printed(paper()).startswith(b"%PDF-")


def test_a_call_of_many_lines_goes_over_pages() -> None:
    long = printed(paper(happened=[(float(second), f"Caller: line {second}") for second in range(400)]))
    assert long.count(b"/Type /Page\n") > 3
