"""The after-action report as a PDF.

In: a `Paper`. Out: the bytes of a PDF of A4 pages, with the letters that it uses. Invariants: the same values give the
same bytes; nothing is fetched from anywhere; what the font (Latin with its accents, Greek, Cyrillic) has no picture of
is shown as a question mark. Whoever prints imports this module then: the library behind it costs as much to load as the
rest of the server together.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

from font_source_sans_pro import SourceSansPro, SourceSansProBold
from fontTools.ttLib import TTFont
from fpdf import FPDF, FontFace

from dispatch.contract.training import ScoreLine, ScoreSheet, Verdict

from .paper import Paper

FONT: Final = "Source Sans Pro"
WIDE_MM: Final = 180
"""Of an A4 page between margins of 15 mm."""
TREND_MM: Final = 25
GREEN: Final = (18, 96, 47)
RED: Final = (161, 18, 38)
AMBER: Final = (122, 77, 0)
COLOURS: Final = {
    Verdict.ON_TIME: GREEN, Verdict.KEPT: GREEN, Verdict.LATE: AMBER, Verdict.MISSED: RED, Verdict.BROKEN: RED,
}  # fmt: skip
VERDICTS: Final = {
    Verdict.ON_TIME: "on time",
    Verdict.LATE: "late",
    Verdict.MISSED: "missed",
    Verdict.KEPT: "not done, rightly",
    Verdict.BROKEN: "done, though forbidden",
}


def printed(paper: Paper) -> bytes:
    """The report as a PDF."""
    pdf = FPDF(format="A4")
    pdf.set_creation_date(paper.at)
    pdf.add_font(FONT, fname=SourceSansPro)
    pdf.add_font(FONT, style="B", fname=SourceSansProBold)
    pdf.set_title(paper.title)
    pdf.set_margin(15)
    pdf.add_page()
    _head(pdf, paper)
    _expected(pdf, paper.sheet.lines)
    _scorecard(pdf, paper.sheet)
    _trend(pdf, paper.trend)
    _happened(pdf, paper.happened)
    _signatures(pdf)
    return bytes(pdf.output())


def _head(pdf: FPDF, paper: Paper) -> None:
    sheet = paper.sheet
    if paper.exercise:
        _line(pdf, "E X E R C I S E", size=10, bold=True)
    _line(pdf, paper.title, size=18, bold=True)
    pdf.set_text_color(*(GREEN if sheet.passed else RED))
    _line(pdf, f"{'Passed' if sheet.passed else 'Not passed'} with {sheet.score:.1f} %", size=13, bold=True)
    pdf.set_text_color(0)
    right = {True: " (right)", False: " (not right)", None: ""}[sheet.category_right]
    facts = [
        *paper.facts,
        ("Category at the end", f"{sheet.category or '-'}{right}"),
        ("Critical and missed", "; ".join(sheet.critical_missed) or "-"),
        ("Forbidden and done", "; ".join(sheet.forbidden_done) or "-"),
        ("Wrong on the card", ", ".join(sheet.wrong_fields) or "-"),
    ]
    for name, value in facts:
        _line(pdf, f"{name}: {value}" if name else value)
    for judgement in paper.judgements:
        _line(pdf, judgement, bold=True)


def _expected(pdf: FPDF, lines: Sequence[ScoreLine]) -> None:
    _heading(pdf, "What was expected")
    with pdf.table(col_widths=(14, 62, 14, 18, 72), headings_style=FontFace(emphasis="BOLD")) as table:
        heads = table.row()
        for head in ("At", "What", "By", "Points", "Why"):
            heads.cell(head)
        for line in lines:
            row = table.row()
            critical = " (critical)" if line.critical else ""
            what = f"{line.label}{critical}: {VERDICTS[line.verdict]}"
            row.cell(_clock(line.at_s))
            row.cell(_shown(what), style=FontFace(color=COLOURS[line.verdict]))
            row.cell(_clock(line.deadline_s))
            row.cell(f"{line.points:g}/{line.of}")
            row.cell(_shown(line.explanation))


def _scorecard(pdf: FPDF, sheet: ScoreSheet) -> None:
    _heading(pdf, "Scorecard")
    _line(pdf, "Nothing here scores how a voice sounds; what a log cannot show is left to a person.")
    with pdf.table(col_widths=(60, 24, 96), first_row_as_headings=False) as table:
        for line in sheet.scorecard:
            row = table.row()
            row.cell(_shown(line.label))
            row.cell("for a person" if line.points is None else f"{line.points}/{line.of}")
            row.cell(_shown(line.explanation))


def _trend(pdf: FPDF, trend: Sequence[tuple[str, str, float, bool]]) -> None:
    if len(trend) < 2:
        return
    _heading(pdf, "Trend of the trainee")
    left, top, step = pdf.get_x(), pdf.get_y() + 1, WIDE_MM / (len(trend) - 1)
    points = [(left + place * step, top + TREND_MM * (1 - run[2] / 100)) for place, run in enumerate(trend)]
    pdf.set_draw_color(190)
    pdf.rect(left, top, WIDE_MM, TREND_MM)
    pdf.set_draw_color(29, 95, 168)
    pdf.polyline(points)
    pdf.set_draw_color(0)
    pdf.set_y(top + TREND_MM + 2)
    for when, name, percent, passed in trend:
        _line(pdf, f"{when}  {name}: {percent:.1f} %, {'passed' if passed else 'not passed'}")


def _happened(pdf: FPDF, happened: Sequence[tuple[float, str]]) -> None:
    if not happened:
        return
    _heading(pdf, "What was said and done")
    for at_s, what in happened:
        _line(pdf, f"{_clock(at_s)}  {what}")


def _signatures(pdf: FPDF) -> None:
    pdf.ln(18)
    with pdf.table(borders_layout="NONE", first_row_as_headings=False, col_widths=(80, 20, 80)) as table:
        row = table.row()
        for text in ("_" * 30, "", "_" * 30):
            row.cell(text)
        row = table.row()
        for text in ("Trainer", "", "Trainee"):
            row.cell(text)


def _heading(pdf: FPDF, text: str) -> None:
    pdf.ln(5)
    _line(pdf, text, size=13, bold=True)


def _line(pdf: FPDF, text: str, *, size: float = 9.5, bold: bool = False) -> None:
    pdf.set_font(FONT, style="B" if bold else "", size=size)
    pdf.multi_cell(0, size * 0.5, _shown(text), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FONT, size=9.5)


def _shown(text: str) -> str:
    return "".join(letter if ord(letter) in _letters() else "?" for letter in text)


@cache
def _letters() -> frozenset[int]:
    """What both styles of the font have a picture of."""
    regular, bold = (TTFont(path).getBestCmap() for path in (SourceSansPro, SourceSansProBold))
    return frozenset(regular.keys() & bold.keys())


def _clock(at_s: float | None) -> str:
    if at_s is None:
        return "-"
    minutes, seconds = divmod(round(at_s), 60)
    return f"{minutes}:{seconds:02}"
