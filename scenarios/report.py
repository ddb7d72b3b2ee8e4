"""The after-action report: one self-contained page that can be printed, the same as JSON, and as PDF.

In: a played call, or the log, sheet and sound of any call. Out: HTML with everything inside, escaped; no address of
anything outside is in it. The PDF holds the same without the sound.
"""

import base64
import html
import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from dispatch.contract.audio import Channel
from dispatch.contract.card import Card
from dispatch.contract.timeline import (
    CallAnswered,
    CallEnded,
    CardUpdated,
    CategoryRaised,
    ChannelOpened,
    FieldAccepted,
    FieldEdited,
    HelpSent,
    QuestionAsked,
    SpeechFinal,
    StepDone,
    TimelineEntry,
)
from dispatch.contract.training import ScoreLine, ScoreSheet, Verdict
from dispatch.quality.paper import Paper, happened_on
from llm_router import Router

from . import report_strings as words
from .player import Played
from .report_words import ReportText, report_text
from .sound import mulaw_to_pcm

OPERATOR_RATE: Final = 16000

STYLE: Final = """
body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h1{margin:.2em 0}h2{margin:1.6em 0 .4em;border-bottom:1px solid #ccd}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #e3e6ea;vertical-align:top}
.exercise{background:#5b2a86;color:#fff;font-weight:700;padding:.3rem .8rem;letter-spacing:.2em}
.on_time,.kept,.passed{color:#12602f}.late{color:#7a4d00}.missed,.broken,.failed{color:#a11226;font-weight:600}
.caller{border-left:4px solid #1d5fa8}.operator{border-left:4px solid #12602f}.card{border-left:4px solid #5b2a86}
button.at{font:inherit;border:0;background:none;color:#1d5fa8;text-decoration:underline;cursor:pointer;padding:0}
.sign{display:flex;gap:4rem;margin-top:3rem}.sign div{flex:1;border-top:1px solid #1b1f24;padding-top:.3rem}
@media print{body{margin:0;max-width:none}audio,script{display:none}button.at{color:inherit;text-decoration:none}
tr{break-inside:avoid}h2{break-after:avoid}}
"""
PLAY: Final = """
document.addEventListener('click',e=>{const b=e.target.closest('button.at');if(!b)return;
for(const a of document.querySelectorAll('audio')){const t=Number(b.dataset.s)-Number(a.dataset.from);
if(t>=0&&t<=a.duration){a.currentTime=t;if(a.dataset.side===b.dataset.side)a.play()}}})
"""


@dataclass(frozen=True)
class Report:
    """What a report shows."""

    title: str
    brief: str
    call_id: str
    sheet: ScoreSheet
    entries: Sequence[TimelineEntry] = field(repr=False)
    gold_category: int | None = None
    exercise: bool = True
    sound: Mapping[Channel, bytes] = field(default_factory=dict, repr=False)
    """WAV files; second 0 of each is the moment at which its channel was opened."""
    text: ReportText | None = field(default=None, repr=False)
    """The result in connected words."""
    trend: Sequence[tuple[str, str, float, bool]] = ()
    """Earlier runs of the trainee: when, scenario, percent, passed."""


def report_of(played: Played) -> Report:
    """The report of a training call that was just played."""
    operator = bytearray()
    for offset, piece in played.operator_sound:
        operator[offset * 2 : offset * 2 + len(piece)] = piece
    sound = {Channel.CALLER: wav(mulaw_to_pcm(played.caller_sound), 8000)}
    if operator:
        sound[Channel.OPERATOR] = wav(bytes(operator), OPERATOR_RATE)
    return Report(
        title=played.script.title,
        brief=played.script.brief,
        call_id=played.call_id,
        sheet=played.sheet,
        entries=played.entries,
        gold_category=played.script.gold.category,
        sound=sound,
    )


async def worded(report: Report, router: Router | None) -> Report:
    """The same report with its result in connected words: a model's where every sentence holds, else a template's."""
    lines = [words.LINE.format(label=line.label, verdict=words.VERDICTS[line.verdict]) for line in report.sheet.lines]
    missed = "; ".join(line.label for line in report.sheet.lines if line.verdict is Verdict.MISSED) or words.NOTHING
    result = words.PASSED if report.sheet.passed else words.NOT_PASSED
    template = words.TEMPLATE.format(result=result, score=report.sheet.score, missed=missed)
    return replace(report, text=await report_text(router, [template, *lines], template))


def write(made: Report, path: Path) -> None:
    """Writes the report as .html, .pdf or .json. Raises ValueError for another ending."""
    match path.suffix:
        case ".html":
            path.write_text(as_html(made), encoding="utf-8")
        case ".json":
            path.write_text(json.dumps(as_json(made), indent=1, ensure_ascii=False), encoding="utf-8")
        case ".pdf":
            path.write_bytes(as_pdf(made))
        case other:
            raise ValueError(f"a report is .html, .pdf or .json, not {other}")


def as_json(report: Report) -> dict[str, Any]:
    """The report for machines, without the sound."""
    return {
        "title": report.title,
        "call_id": report.call_id,
        "exercise": report.exercise,
        "gold_category": report.gold_category,
        "text": report.text.text if report.text else None,
        "text_by": report.text.model if report.text else None,
        "sheet": report.sheet.model_dump(mode="json"),
        "entries": [entry.model_dump(mode="json") for entry in report.entries],
    }


def as_pdf(report: Report) -> bytes:
    """The report on paper, without the sound. Its library is loaded by the first who prints."""
    from dispatch.quality.pdf import printed

    facts = [(words.CALL, report.call_id), (words.BRIEF, report.brief)]
    return printed(
        Paper(
            title=report.title,
            at=max((entry.at for entry in report.entries), default=datetime.now(UTC)),
            sheet=report.sheet,
            exercise=report.exercise,
            facts=[*facts, *([("", report.text.text)] if report.text else [])],
            happened=tuple(happened_on(report.entries)),
            trend=report.trend,
        )
    )


def as_html(report: Report) -> str:
    """The page."""
    banner = f'<p class="exercise">{_e(words.EXERCISE)}</p>' if report.exercise else ""
    body = "".join((banner, _head(report), _actions(report.sheet), _scorecard(report.sheet), _sounds(report),
                    _happened(report), _cards(report.entries), _trend(report), _signatures()))  # fmt: skip
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_e(words.TITLE)}: {_e(report.title)}'
        f"</title><style>{STYLE}</style></head><body>{body}<script>{PLAY}</script></body></html>"
    )


def _head(report: Report) -> str:
    sheet = report.sheet
    result = (words.PASSED, "passed") if sheet.passed else (words.NOT_PASSED, "failed")
    right = words.RIGHT if sheet.category_right else words.WRONG.format(gold=report.gold_category)
    known = f" ({right})" if sheet.category_right is not None else ""
    facts = [
        (words.CALL, report.call_id),
        (words.SCORE, f"{sheet.score:.1f} %"),
        (words.CATEGORY, f"{sheet.category or '–'}{known}"),
        (words.CRITICAL, "; ".join(sheet.critical_missed) or "–"),
        (words.FORBIDDEN, "; ".join(sheet.forbidden_done) or "–"),
        (words.BRIEF, report.brief),
    ]
    rows = "".join(f"<tr><th>{_e(name)}</th><td>{_e(value)}</td></tr>" for name, value in facts)
    heading = f'<h1>{_e(report.title)}</h1><p class="{result[1]}">{_e(result[0])}</p>'
    return f"{heading}{_text(report)}<table>{rows}</table>"


def _text(report: Report) -> str:
    if report.text is None:
        return ""
    by = words.BY_MODEL.format(model=report.text.model) if report.text.model else ""
    return f"<p>{_e(report.text.text)} <small>{_e(by)}</small></p>"


def _actions(sheet: ScoreSheet) -> str:
    heads = "".join(f"<th>{_e(name)}</th>" for name in words.COLUMNS)
    rows = "".join(_action(line) for line in sheet.lines)
    return f"<h2>{_e(words.ACTIONS)}</h2><table><tr>{heads}</tr>{rows}</table>"


def _action(line: ScoreLine) -> str:
    cells = (
        _at(line.at_s, Channel.CALLER),
        f"{_e(line.label)}<br><small>{_e(words.VERDICTS[line.verdict])}</small>",
        _e(_clock(line.deadline_s)),
        f"{line.points:g}/{line.of}",
        _e(line.explanation),
    )
    return f'<tr class="{line.verdict.value}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _scorecard(sheet: ScoreSheet) -> str:
    rows = "".join(
        f"<tr><td>{_e(line.label)}</td><td>{words.FOR_A_PERSON if line.points is None else f'{line.points}/{line.of}'}"
        f"</td><td>{_e(line.explanation)}</td></tr>"
        for line in sheet.scorecard
    )
    return f"<h2>{_e(words.SCORECARD)}</h2><p>{_e(words.NOBODY_JUDGES)}</p><table>{rows}</table>"


def _sounds(report: Report) -> str:
    opened = {e.body.channel: e.call_s for e in report.entries if isinstance(e.body, ChannelOpened)}
    players = "".join(
        f"<p>{_e(words.SOUND_OF[side.value])}<br><audio controls data-side='{side.value}' data-from='"
        f"{opened.get(side, 0.0)}' src='data:audio/wav;base64,{base64.b64encode(content).decode()}'></audio></p>"
        for side, content in report.sound.items()
    )
    return f"<h2>{_e(words.SOUND)}</h2>{players}" if players else ""


def _happened(report: Report) -> str:
    rows = "".join(
        f'<tr class="{side.value}"><td>{_at(at_s, side)}</td><td>{_e(text)}</td></tr>'
        for at_s, side, text in sorted(_events(report.entries), key=lambda event: event[0])
    )
    return f"<h2>{_e(words.TRANSCRIPT)}</h2><table>{rows}</table>"


def _events(entries: Iterable[TimelineEntry]) -> Iterator[tuple[float, Channel, str]]:
    """What a debriefing walks through: words of both sides, and what the operator did."""
    for entry in entries:
        match entry.body:
            case SpeechFinal(utterance=said) if said.words:
                yield said.start_s, said.channel, said.text
            case CallAnswered(waited_s=waited_s):
                yield entry.call_s, Channel.OPERATOR, words.ANSWERED.format(waited_s=waited_s)
            case QuestionAsked(code=code, answer=answer):
                yield entry.call_s, Channel.OPERATOR, words.QUESTION.format(what=_with(code, answer))
            case StepDone(script_id=script, step_id=step, answer=answer):
                yield entry.call_s, Channel.OPERATOR, words.STEP.format(what=_with(f"{script}/{step}", answer))
            case FieldAccepted(name=name):
                yield entry.call_s, Channel.OPERATOR, words.CONFIRMED.format(name=name.value)
            case FieldEdited(name=name, value=value):
                yield entry.call_s, Channel.OPERATOR, words.TYPED.format(name=name.value, value=value)
            case HelpSent():
                yield entry.call_s, Channel.OPERATOR, words.HELP_SENT
            case CategoryRaised(before=before, after=after):
                yield entry.call_s, Channel.CALLER, words.RAISED.format(before=before or "–", after=after)
            case CallEnded(reason=reason):
                yield entry.call_s, Channel.CALLER, words.ENDED.format(reason=reason.value)


def _with(what: str, answer: str | None) -> str:
    return f"{what} – {answer}" if answer else what


def _cards(entries: Iterable[TimelineEntry]) -> str:
    rows, before = [], ""
    for entry in entries:
        if isinstance(entry.body, CardUpdated) and (shown := _card(entry.body.card)) != before:
            before = shown
            version = entry.body.card.version
            cells = (_at(entry.call_s, Channel.CALLER), str(version), _e(shown))
            rows.append(f'<tr class="card">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    return f"<h2>{_e(words.CARDS)}</h2><table>{''.join(rows)}</table>"


def _card(card: Card) -> str:
    fields = "; ".join(f"{field.name.value}: {field.label}" for field in card.fields)
    why = ", ".join(reason.label for reason in card.reasons[:3])
    return f"{card.category or '–'} | {fields}{f' | {why}' if why else ''}"


def _trend(report: Report) -> str:
    if not report.trend:
        return ""
    heads = "".join(f"<th>{_e(name)}</th>" for name in words.TREND_COLUMNS)
    rows = "".join(
        f"<tr><td>{_e(when)}</td><td>{_e(name)}</td><td>{percent:.1f} %</td>"
        f"<td>{_e(words.PASSED if passed else words.NOT_PASSED)}</td></tr>"
        for when, name, percent, passed in report.trend
    )
    return f"<h2>{_e(words.TREND)}</h2><table><tr>{heads}</tr>{rows}</table>"


def _signatures() -> str:
    return f'<div class="sign">{"".join(f"<div>{_e(name)}</div>" for name in words.SIGNATURES)}</div>'


def _at(at_s: float | None, side: Channel) -> str:
    if at_s is None:
        return "–"
    return f'<button class="at" data-s="{at_s:.2f}" data-side="{side.value}">{_clock(at_s)}</button>'


def _clock(at_s: float | None) -> str:
    if at_s is None:
        return "–"
    minutes, seconds = divmod(round(at_s, 1), 60)
    return f"{int(minutes)}:{seconds:04.1f}"


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)


def wav(pcm: bytes, rate: int) -> bytes:
    """A mono 16-bit WAV file."""
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(pcm),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        rate,
        rate * 2,
        2,
        16,
        b"data",
        len(pcm),
    )
    return head + pcm
