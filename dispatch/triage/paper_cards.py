"""Protocols on paper, for the hours without a server: one card a complaint, one a script, made for printing.

In: the protocols, questions and scripts as the server uses them. Out: one HTML page, nothing beside it. Pure.
Invariants: what is on paper is what the data says, word for word; a card asks for a signature; a card never
breaks over two sheets. Approvals are a centre's own and paper belongs to none: a card counts as approved where somebody
has signed the paper itself.
"""

from collections.abc import Iterator
from html import escape
from typing import Final

from .answers import questions
from .instructions import Script, scripts
from .protocols import Protocol, protocols

NOT_APPROVED: Final = "Not approved for clinical use unless signed here:"
FIRST: Final = ("location", "callback_number", "what_happened")
"""Asked on every call, before any card is chosen (OpenISES all-callers card, GFDL)."""
BLANKS: Final = (
    "Time of the call", "Place", "Call-back number", "What happened", "Conscious", "Breathing", "Age, sex", "How many",
    "Second person: who, conscious, breathing", "Third person", "Fourth person", "Category", "Sent, and when",
    "Operator",
)  # fmt: skip

STYLE: Final = """
@page { size: A4; margin: 12mm }
body { font: 10.5pt/1.4 system-ui, sans-serif; color: #111; max-width: 186mm; margin: 0 auto }
h1 { font-size: 16pt; margin: 4mm 0 } h2 { font-size: 13pt; margin: 0 } h3 { font-size: 10.5pt; margin: 2.5mm 0 1mm }
article { break-inside: avoid; border: 1.5pt solid #111; border-radius: 2mm; padding: 4mm 5mm; margin: 0 0 5mm }
header { display: flex; gap: 4mm; align-items: center; border-bottom: .75pt solid #111; padding-bottom: 2mm }
.category { font-size: 18pt; font-weight: 700; border: 2pt solid #111; min-width: 9mm; text-align: center }
.about { margin-left: auto; font-size: 8.5pt; text-align: right } ol, ul { margin: 0; padding-left: 5mm }
li { margin: .6mm 0 } .answers { font-size: 9pt } .answers::before { content: " \\2192 " } footer { font-size: 8pt }
table { border-collapse: collapse; width: 100% } td { border: .75pt solid #111; padding: 2.2mm; height: 8mm }
td:first-child { width: 45mm; font-weight: 600 } nav { columns: 3; font-size: 9pt } a { color: inherit }
@media print { nav { break-after: page } }
"""


def paper_cards() -> str:
    """The page: an index, a sheet for what is written down, a card for each complaint and each script."""
    cards = sorted(protocols().items(), key=lambda item: (item[1].category, item[1].title))
    parts = ["<h1>Kiwimesh: paper cards</h1>", _index(cards), _call_sheet()]
    parts += [_protocol(code, protocol) for code, protocol in cards]
    parts += [_script(code, script) for code, script in sorted(scripts().items(), key=lambda item: item[1].title)]
    head = f"<meta charset='utf-8'><title>Kiwimesh paper cards</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(parts)}</body></html>\n"


def _index(cards: list[tuple[str, Protocol]]) -> str:
    complaints = [f"<li><a href='#{code}'>{card.category} {escape(card.title)}</a></li>" for code, card in cards]
    read = [f"<li><a href='#script-{code}'>{escape(script.title)}</a></li>" for code, script in scripts().items()]
    return f"<nav><ul>{''.join(complaints)}</ul><ul>{''.join(read)}</ul></nav>"


def _call_sheet() -> str:
    """What is written down of each call, to be keyed in afterwards."""
    rows = "".join(f"<tr><td>{blank}</td><td></td></tr>" for blank in BLANKS)
    first = "".join(f"<li>{escape(questions()[code].ask)}</li>" for code in FIRST)
    return (
        "<article id='call-sheet'><header><h2>Call sheet</h2><p class='about'>One a call. Key it in afterwards.</p>"
        f"</header><h3>Ask first</h3><ol>{first}</ol><table>{rows}</table></article>"
    )


def _protocol(code: str, protocol: Protocol) -> str:
    flags = "".join(f"<li><b>{flag.category}</b> {escape(flag.label)}</li>" for flag in protocol.red_flags)
    asked = "".join(f"<li>{escape(questions()[each].ask)}</li>" for each in protocol.questions)
    read = [f"<a href='#script-{each}'>{escape(scripts()[each].title)}</a>" for each in _scripts_of(protocol)]
    body = [
        f"<h3>More urgent with</h3><ul>{flags}</ul>" if flags else "",
        f"<h3>Ask</h3><ol>{asked}</ol>" if asked else "",
        f"<h3>Send</h3><p>{escape(', '.join(protocol.resources))}</p>" if protocol.resources else "",
        f"<h3>Read out</h3><p>{', '.join(read)}</p>" if read else "",
    ]
    head = _head(protocol.title, protocol.version, protocol.category)
    return f"<article id='{code}'>{head}{''.join(body)}{_sources(protocol.sources)}</article>"


def _scripts_of(protocol: Protocol) -> Iterator[str]:
    if protocol.script is not None:
        yield protocol.script
    yield from protocol.other_scripts


def _script(code: str, script: Script) -> str:
    numbers = {step_id: number for number, step_id in enumerate(script.steps, 1)}
    steps = "".join(
        f"<li>{escape(step.say)}{_ways(script, step_id, numbers)}</li>" for step_id, step in script.steps.items()
    )
    head = _head(script.title, script.version, None)
    return f"<article id='script-{code}'>{head}<ol>{steps}</ol>{_sources(script.sources)}</article>"


def _ways(script: Script, step_id: str, numbers: dict[str, int]) -> str:
    """Where each answer leads, by the numbers on the card."""
    step = script.steps[step_id]
    led = [
        f"{way.answer}: {scripts()[way.script].title if way.script else numbers.get(way.step or '', 'on')}"
        for way in step.ways
    ]
    if not led and step.then not in (None, "end"):
        led = [f"go to {numbers[step.then or '']}"]
    return f" <span class='answers'>{escape('; '.join(led))}</span>" if led else ""


def _head(title: str, version: str, category: int | None) -> str:
    mark = f"<span class='category'>{category}</span>" if category else ""
    about = f"<p class='about'>Version {escape(version)}<br>{NOT_APPROVED} ____________________</p>"
    return f"<header>{mark}<h2>{escape(title)}</h2>{about}</header>"


def _sources(sources: tuple[str, ...]) -> str:
    return f"<footer>Sources: {escape(', '.join(sources))}</footer>" if sources else ""
