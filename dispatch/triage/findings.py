"""The catalogue of findings, and what a chunk of speech says of them.

In: a `Chunk` and whether it is the caller who speaks. Out: `Mention`s, each a finding's code with polarity, time,
whom it is about, and the words behind it. The catalogue is `findings/*.yaml`; the scope rules are in `context`.
Invariant: no state; the same chunk and subject always give the same mentions, in the order of the words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from .context import Reading, Subject, Time, likened, read
from .patterns import Pattern, pattern
from .prefilter import Prefilter
from .resources import documents
from .words import Chunk


class FindingSpec(BaseModel):
    """One finding of the catalogue, as written in `findings/*.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    kind: Literal["symptom", "sign", "mechanism", "hazard", "condition", "patient", "place", "call"] = "symptom"
    flag: bool = False
    """A red flag: shown as such, and never cleared from the category by later words."""
    immediate: bool = False
    """Counts only while it is happening: yesterday's does not."""
    says: tuple[str, ...] = ()
    """Patterns that state it; a negation in scope makes it absent."""
    fixed: tuple[str, ...] = ()
    """Patterns that carry their own negation, or that no negation can undo."""
    unless: tuple[str, ...] = ()
    """A match that overlaps one of these does not count."""
    denied: str | None = None
    """What its denial states: nobody who is not awake is anything but unresponsive."""
    yes: tuple[str, ...] = Field(default=(), repr=False)
    """Sentences that must state it: its tests."""
    no: tuple[str, ...] = Field(default=(), repr=False)
    """Sentences that must not."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A finding in the words: present, absent, or only mentioned."""

    code: str
    present: bool
    time: Time
    subject: Subject
    unsure: bool
    begin: int
    end: int
    """Character span in the chunk's text."""


_ALWAYS_NOW: Final = frozenset({"condition", "patient", "call", "place", "hazard"})


@lru_cache(maxsize=1)
def catalogue() -> dict[str, FindingSpec]:
    """Every finding by code."""
    return {
        code: FindingSpec.model_validate(body) for _, content in documents("findings") for code, body in content.items()
    }


@dataclass(frozen=True, slots=True)
class _Rule:
    code: str
    pattern: Pattern
    fixed: bool
    own_negation: bool
    """The pattern speaks of something not being so; a "not" inside its match is its own."""
    unless: Prefilter[str]


def _rules_of(code: str, spec: FindingSpec) -> Iterator[_Rule]:
    unless = Prefilter((pattern(text), code) for text in spec.unless)
    for text in spec.says:
        yield _Rule(code, pattern(text), False, _NEGATIVE.search(text) is not None, unless)
    for text in spec.fixed:
        yield _Rule(code, pattern(text), True, True, unless)


_NEGATIVE: Final = re.compile(r"\b(?:not|no|never|without|nothing|neg)\b")


@lru_cache(maxsize=1)
def _rules() -> Prefilter[_Rule]:
    return Prefilter((rule.pattern, rule) for code, spec in catalogue().items() for rule in _rules_of(code, spec))


def mentions(chunk: Chunk, animal: bool = False) -> tuple[Mention, ...]:
    """What the chunk says, one mention per code and place. A red flag both stated and denied in one breath is stated.

    `animal` says that the call turned out to be about an animal.
    """
    found = [m for _, rule in _rules().near(chunk.text) for m in _matches(chunk, rule, animal)]
    stated = {m.code for m in found if m.present and m.time in (Time.NOW, Time.RECENT) and catalogue()[m.code].flag}
    found = [m for m in found if m.present or m.code not in stated]
    return tuple(_without_overlaps(sorted(found, key=lambda m: (m.begin, -m.end, m.code, not m.present))))


def _matches(chunk: Chunk, rule: _Rule, animal: bool) -> Iterator[Mention]:
    spec = catalogue()[rule.code]
    for match in rule.pattern.finditer(chunk.text):
        if not any(_overlaps(u, chunk.text, match.start(), match.end()) for u, _ in rule.unless.near(chunk.text)):
            reading = read(chunk.text, match.start(), match.end(), animal, inside=not rule.own_negation)
            if spec.kind == "mechanism" and likened(chunk.text, match.start()):
                continue  # nothing of the kind has happened
            mention = _mention(rule, spec, reading, match.start(), match.end())
            yield mention
            if spec.denied is not None and not mention.present:
                yield replace(mention, code=spec.denied, present=True)


def _mention(rule: _Rule, spec: FindingSpec, reading: Reading, begin: int, end: int) -> Mention:
    present = rule.fixed or not reading.negated
    always = spec.kind in _ALWAYS_NOW and (spec.kind == "call" or reading.time not in _never_now(spec))
    time = Time.NOW if always else reading.time
    if spec.kind == "mechanism" and time is Time.RESOLVED:
        time = Time.NOW  # what happened has happened, however the patient is since
    if spec.immediate and time is Time.RECENT:
        time = Time.PAST
    return Mention(rule.code, present, time, reading.subject, reading.unsure, begin, end)


def _never_now(spec: FindingSpec) -> tuple[Time, ...]:
    """What is only imagined is no condition and no place, and last year's fire is none."""
    return (Time.IMAGINED, Time.PAST) if spec.kind == "hazard" else (Time.IMAGINED,)


def _overlaps(exclusion: Pattern, text: str, begin: int, end: int) -> bool:
    return any(m.start() < end and begin < m.end() for m in exclusion.finditer(text))


def _without_overlaps(found: list[Mention]) -> Iterator[Mention]:
    """Of overlapping mentions of one code, the longest."""
    reached: dict[str, int] = {}
    for mention in found:
        if mention.begin >= reached.get(mention.code, -1):
            reached[mention.code] = mention.end
            yield mention


def catalogue_patterns() -> Iterator[Pattern]:
    """Every pattern of every finding."""
    yield from (one for one, _ in _rules().entries)
    yield from (pattern(text) for spec in catalogue().values() for text in spec.unless)
