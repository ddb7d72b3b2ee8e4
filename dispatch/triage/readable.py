"""Protocols as a physician reads them, and the digest that a signature names.

In: the protocols, questions, scripts and labels as the server uses them. Out: a `ProtocolText` a complaint with the
SHA-256 of its JSON. Pure. Invariants: what is signed is what was read, so that no word, category or source changes
under a signature; the scripts that a protocol reads out belong to it, those that they hand over to are named here and
belong to the protocols that read them out; every script belongs to some protocol (the checker proves it).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dispatch.contract.protocols import FlagText, ProtocolText, QuestionText, ScriptText, StepText

from .answers import questions
from .findings import catalogue
from .instructions import INFANT_YEARS, Script, scripts
from .protocols import ADULT_YEARS, Protocol, RedFlag, When, protocols

END: Final = "end"
AGES: Final = {"infant": f"Under {INFANT_YEARS:g} year", "child": f"Under {ADULT_YEARS:g} years"}
"""When another script of the deck is read instead."""


@dataclass(frozen=True)
class Readable:
    """A protocol to read and to sign."""

    text: ProtocolText
    digest: str
    """64 hexadecimal digits."""


@lru_cache(maxsize=1)
def readable() -> dict[str, Readable]:
    """Every protocol by id, in the order of the ids."""
    texts = (_text(code, protocol) for code, protocol in sorted(protocols().items()))
    return {text.protocol_id: Readable(text, digest_of(text)) for text in texts}


def digest_of(text: ProtocolText) -> str:
    """SHA-256 of the text as JSON."""
    return hashlib.sha256(text.model_dump_json().encode()).hexdigest()


@lru_cache(maxsize=1)
def scripts_of() -> dict[str, tuple[str, ...]]:
    """The scripts that each protocol reads out, with their variants by age."""
    return {code: tuple(dict.fromkeys(_read_out(protocol))) for code, protocol in protocols().items()}


def _read_out(protocol: Protocol) -> Iterator[str]:
    named = (protocol.script, *protocol.other_scripts)
    for script in (each for each in named if each in scripts()):
        yield script
        yield from scripts()[script].deck.values()


def _text(code: str, protocol: Protocol) -> ProtocolText:
    return ProtocolText(
        protocol_id=code,
        title=protocol.title,
        version=protocol.version,
        entry=in_words(protocol.entry),
        category=protocol.category,
        category_source=protocol.category_source,
        red_flags=tuple(map(_flag, protocol.red_flags)),
        questions=tuple(map(_question, protocol.questions)),
        resources=protocol.resources,
        scripts=tuple(_script(each) for each in scripts_of()[code]),
        sources=protocol.sources,
    )


def _flag(flag: RedFlag) -> FlagText:
    return FlagText(label=flag.label, category=flag.category, when=in_words(flag.when), source=flag.source)


def in_words(when: When) -> tuple[str, ...]:
    """A condition as lines, all of which have to hold."""
    return tuple(_lines(when))


def _lines(when: When) -> Iterator[str]:
    for item in when.all:
        yield _label(item) if isinstance(item, str) else f"One of: {_labels(item)}"
    if when.any:
        yield f"One of: {_labels(when.any)}"
    if when.none:
        yield f"None of: {_labels(when.none)}"
    if when.under is not None:
        yield f"Under {when.under:g} years"
    if when.over is not None:
        yield f"Over {when.over:g} years"


def _labels(codes: tuple[str, ...]) -> str:
    return "; ".join(map(_label, codes))


def _label(code: str) -> str:
    """A finding's label; a code with a minus states its absence."""
    label = catalogue()[code.lstrip("-")].label
    return f"not: {label}" if code.startswith("-") else label


def _question(code: str) -> QuestionText:
    spec = questions()[code]
    return QuestionText(
        question_id=code,
        ask=spec.ask,
        why=spec.why,
        answers=spec.answers,
        yes=tuple(map(_label, spec.yes)),
        no=tuple(map(_label, spec.no)),
        unsure=tuple(map(_label, spec.unsure)),
        source=spec.source,
    )


def _script(code: str) -> ScriptText:
    script = scripts()[code]
    numbers = {step_id: number for number, step_id in enumerate(script.steps, 1)}
    steps = tuple(
        StepText(number=number, say=script.steps[step_id].say, ways=tuple(_ways(script, step_id, numbers)))
        for step_id, number in numbers.items()
    )
    return ScriptText(
        script_id=code,
        title=script.title,
        version=script.version,
        about=tuple(_about(script)),
        steps=steps,
        sources=script.sources,
    )


def _about(script: Script) -> Iterator[str]:
    if script.metronome_bpm is not None:
        yield f"The metronome beats {script.metronome_bpm} times a minute"
    yield from (f"{AGES[age]}: {scripts()[other].title}" for age, other in sorted(script.deck.items()))


def _ways(script: Script, step_id: str, numbers: dict[str, int]) -> Iterator[str]:
    """Where each answer leads; a step that goes elsewhere than on says so."""
    step = script.steps[step_id]
    for way in step.ways:
        on = f"step {numbers[way.step]}" if way.step else "go on"
        yield f"{way.answer}: {scripts()[way.script].title if way.script else on}"
    if not step.ways and step.then is not None:
        yield "the end" if step.then == END else f"go to step {numbers[step.then]}"
