"""Scope: is what was said denied, over, imagined, or about somebody else?

In: a chunk's text and the span of a match. Out: a `Reading`. The cue words are data (`context.yaml`); the reach of each
cue is here. Negation reaches forward within its clause and over lists joined with "or"; "I don't think" reaches into
the next clause; "can't stop" and "not only" are no negations. Time cues reach over their clause, and over the next one
when they open the sentence. The subject is the nearest one before the match.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from .patterns import Pattern, pattern
from .prefilter import Prefilter
from .resources import document

NEGATION_REACH: Final = 7
"""Tokens that a negation reaches forward."""


class Time(StrEnum):
    """When something is, or was, so."""

    NOW = "now"
    RECENT = "recent"
    """Within days: still counts unless the finding is one that must be happening."""
    PAST = "before"
    RESOLVED = "resolved"
    IMAGINED = "imagined"
    """Feared, asked about, taught, or seen on a screen."""


class Subject(StrEnum):
    """Who a finding is about, as the words say."""

    CALLER = "caller"
    OTHER = "other"
    """A third person: the patient, unless the caller is."""
    UNSAID = "unsaid"
    RELATIVE = "relative"
    """Family history."""
    NOT_A_PERSON = "not_a_person"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a match is to be taken."""

    negated: bool
    time: Time
    subject: Subject
    unsure: bool


@lru_cache(maxsize=1)
def _cues() -> Prefilter[str]:
    """Every cue, with its kind."""
    return Prefilter((pattern(cue), kind) for kind, texts in document("context.yaml").items() for cue in texts)


def cue_patterns() -> Iterator[Pattern]:
    """Every pattern of every cue."""
    return (cue for cue, _ in _cues().entries)


@lru_cache(maxsize=1)
def _no_spans() -> dict[str, tuple[tuple[int, int], ...]]:
    return {kind: () for _, kind in _cues().entries}


@lru_cache(maxsize=256)
def _spans(text: str) -> dict[str, tuple[tuple[int, int], ...]]:
    """Where each kind of cue stands in a text."""
    found = dict[str, list[tuple[int, int]]]()
    for cue, kind in _cues().near(text):
        found.setdefault(kind, []).extend([match.span() for match in cue.finditer(text)])
    if "first_ever" in found:
        found["past"] = [
            span for span in found.get("past", ()) if not any(a <= span[0] < b for a, b in found["first_ever"])
        ]
    return _no_spans() | {kind: tuple(sorted(spans)) for kind, spans in found.items()}


def read(text: str, begin: int, end: int, animal: bool = False, inside: bool = False) -> Reading:
    """The reading of `text[begin:end]`.

    `animal` makes a bare "he" or "she" an animal's; `inside` lets a "not" within the match deny it.
    """
    left, right = _clause(text, begin, end)
    return Reading(
        negated=_negated(text, left, begin)
        or _denied_after(text, end)
        or (inside and _denied_within(text, begin, end)),
        time=_time(text, left, begin, end, right),
        subject=_subject(text, begin, end, animal),
        unsure=any(left <= at < right for at, _ in _spans(text)["unsure"]),
    )


def _clause(text: str, begin: int, end: int) -> tuple[int, int]:
    """From the end of the last boundary before the match to the start of the next one after it."""
    spans = _spans(text)
    hard = [s for kind in ("stop", "connective") for s in spans[kind]]
    left = max((stop for _, stop in hard if stop <= begin), default=0)
    right = min((start for start, _ in hard if start >= end), default=len(text))
    return left, right


def _negated(text: str, left: int, begin: int) -> bool:
    spans = _spans(text)
    pseudo = spans["pseudo_negation"]
    for start, stop in reversed(spans["negation"]):
        if stop > begin or start < left:
            continue
        if any(p0 <= start < p1 for p0, p1 in pseudo):
            continue
        if _reaches(text, stop, begin):
            return True
    thoughts = spans["thinks_not"]
    return any(_thinks_not(text, min(stop, begin), begin) for start, stop in thoughts if left <= stop and start < begin)


def _reaches(text: str, stop: int, begin: int) -> bool:
    between = text[stop:begin]
    if len(between.split()) > NEGATION_REACH or _begins(_spans(text)["subject_verb"], stop, begin):
        return False
    return "," not in between or _is_list(between, text[begin:])


def _is_list(between: str, after: str) -> bool:
    """Commas of one list: no verb between them, and "or"/"nor" before the list ends."""
    tail = after.split(" . ")[0]
    joined = re.search(r" (?:or|nor) ", f" {between.split(',', 1)[1]} {tail.split(' but ')[0]} ")
    verbs = re.search(r" (?:is|are|was|has|have|had|got|feel|feels|am|just|now) ", f" {between.split(',', 1)[1]} ")
    return joined is not None and verbs is None


def _thinks_not(text: str, stop: int, begin: int) -> bool:
    between = text[stop:begin]
    return len(between.split()) <= NEGATION_REACH and "," not in between


def _denied_within(text: str, begin: int, end: int) -> bool:
    spans = _spans(text)
    return any(
        begin < start and stop < end and not any(p0 <= start < p1 for p0, p1 in spans["pseudo_negation"])
        for start, stop in spans["negation"]
    )


def _denied_after(text: str, end: int) -> bool:
    return any(start == end for start, _ in _spans(text)["denied_after"])


def _begins(spans: tuple[tuple[int, int], ...], begin: int, end: int) -> bool:
    return any(begin <= start < end for start, _ in spans)


def _time(text: str, left: int, begin: int, end: int, right: int) -> Time:
    spans = _spans(text)
    reach = _opening(text, left)
    if _staged(text, begin, end) or _mistaken(text, begin, end):
        return Time.IMAGINED
    if any(reach <= start <= begin and not _MOVES_ON.search(text[stop:begin]) for start, stop in spans["imagined"]):
        return Time.IMAGINED
    if any(end <= start <= right for start, _ in spans["resolved"]) or _resolved_before(spans, left, begin):
        return Time.RESOLVED
    near = min(right, _comma_after(text, end))
    if _past(spans, reach, begin, end, near):
        return Time.PAST
    if any(reach <= start < near for start, _ in spans["recent"]):
        return Time.PAST if _begins(spans["aftermath"], end, _sentence(text, begin, end)[1]) else Time.RECENT
    return Time.NOW


def _sentence(text: str, begin: int, end: int) -> tuple[int, int]:
    """From the full stop before a match to the one after it; nearly all texts are one sentence."""
    stops = _spans(text)["stop"]
    left = max((stop for _, stop in stops if stop <= begin), default=0)
    return left, min((start for start, _ in stops if start >= end), default=len(text))


def _staged(text: str, begin: int, end: int) -> bool:
    """Acted, played or rehearsed, wherever the sentence says so: "he's been shot, he's an actor"."""
    staged = _spans(text)["staged"]
    return bool(staged) and _begins(staged, *_sentence(text, begin, end))


def _mistaken(text: str, begin: int, end: int) -> bool:
    """Taken for something, and then put right: "I thought it was a heart attack, it was only wind"."""
    spans = _spans(text)
    if not spans["supposed"] or not spans["put_right"]:
        return False
    left, right = _sentence(text, begin, end)
    return _begins(spans["supposed"], left, begin + 1) and _begins(spans["put_right"], end - 1, right)


_MOVES_ON: Final = re.compile(r" , (?:and |now |so )?(?:he|she|they|it|i|we|there|his|her|my) | turn(?:s|ed) out ")
"""A comma and a new subject, or how it turned out, end a thought or fear; what follows is meant."""


def _past(spans: dict[str, tuple[tuple[int, int], ...]], reach: int, begin: int, end: int, near: int) -> bool:
    if any(reach <= start < near for start, _ in spans["ongoing"]):
        return False
    cued = any(reach <= start < begin or (end <= stop and start < near) for start, stop in spans["past"])
    return cued and not any(reach <= start < begin for start, _ in spans["present_again"])


def _resolved_before(spans: dict[str, tuple[tuple[int, int], ...]], left: int, begin: int) -> bool:
    return any(left <= start and stop == begin for start, stop in spans["ended"])


def _comma_after(text: str, end: int) -> int:
    at = text.find(" , ", end - 1)
    return len(text) if at < 0 else at


def _opening(text: str, left: int) -> int:
    """A time or worry that opens the sentence reaches over its first comma or connective."""
    spans = _spans(text)
    sentence = max((stop for _, stop in spans["stop"] if stop <= left), default=0)
    opened = [start for kind in ("past", "imagined", "recent") for start, _ in spans[kind] if start >= sentence]
    first = min(opened, default=left)
    return (
        first
        if first <= sentence + 24 and text.count(",", first, left) <= 1 and " but " not in text[first:left]
        else left
    )


def _subject(text: str, begin: int, end: int, animal: bool) -> Subject:
    spans = _spans(text)
    nearest, start_of, found = -1, -1, Subject.UNSAID
    for kind, subject in _SUBJECTS.items():
        for start, stop in spans[kind]:
            thing = subject is Subject.NOT_A_PERSON
            if start < (begin if thing else end) and stop > nearest and not (thing and _befalls(text, start)):
                nearest, start_of, found = stop, start, subject
    if found is Subject.OTHER and animal and _pronoun(text, start_of) and not names_person(text):
        return Subject.NOT_A_PERSON
    if found is not Subject.CALLER and spans["of_an_animal"] and _may_be_animal(text, start_of, found):
        itself = any(start < end and begin < stop for start, stop in spans["of_an_animal"])
        return found if itself else Subject.NOT_A_PERSON
    if found is Subject.OTHER and any(start <= start_of + 40 and start < end for start, _ in spans["family_history"]):
        return Subject.RELATIVE
    return found


_SUBJECTS: Final = {
    "caller_subject": Subject.CALLER,
    "other_subject": Subject.OTHER,
    "thing_subject": Subject.NOT_A_PERSON,
}


def _befalls(text: str, at: int) -> bool:
    """Whether a thing is what something is done with or by, or where: "kicked by a horse", "at the printer"."""
    return _NO_SUBJECT_AFTER.search(text, max(0, at - _LONGEST_LEAD), at) is not None


_LONGEST_LEAD: Final = 12
_NO_SUBJECT_AFTER: Final = re.compile(
    r" (?:by|off|of|from|with|over|at|on|in|under|to|into|onto|near|behind|beside|against|around|round|past|towards"
    r"|out|walking|riding|feeding|using) $"
)
"""After these a thing or an animal is no subject."""


def _may_be_animal(text: str, at: int, subject: Subject) -> bool:
    """Nobody, a pronoun or a given name, in a text that says whose paw or tail it is, or "she's our best hen"."""
    named = any(start == at for start, _ in _spans(text)["given_name"])
    return subject is Subject.UNSAID or named or (_pronoun(text, at) and not _kin_spoken_of(text))


def _kin_spoken_of(text: str) -> bool:
    spans = _spans(text)
    names = {start for start, _ in spans["given_name"]}
    return any(start not in names and not _pronoun(text, start) for start, _ in spans["other_subject"])


def _pronoun(text: str, at: int) -> bool:
    return text[at : at + 5].split(" ")[0] in {"he", "she", "it", "they", "him", "her"}


def likened(text: str, begin: int) -> bool:
    """Whether what begins there is a comparison: "it is like being stabbed"."""
    return any(start < begin <= stop for start, stop in _spans(text)["simile"])


def names_other(text: str) -> bool:
    """Whether a third person is spoken of."""
    return bool(_spans(text)["other_subject"])


def names_person(text: str) -> bool:
    """Whether somebody is named by more than a pronoun, and neither an animal nor a thing is spoken of."""
    spans = _spans(text)
    return not spans["thing_subject"] and any(not _pronoun(text, start) for start, _ in spans["other_subject"])


DENIED, OVER, IMAGINED, THING = "not:", "was:", "if:", "it:"
"""Marks of a word that is denied, past or over, only imagined, or about an animal or a thing."""


def marks(text: str) -> Iterator[tuple[str, str]]:
    """Every token of a text with the mark of its scope, or none. Coarser than `read`, at the cost of one pass."""
    spans = _spans(text)
    bounds = sorted({start for kind in ("stop", "connective") for start, _ in spans[kind]} | {len(text)})
    scoped = list(_scopes(text, spans, bounds))
    at = 1
    for token in text.split():
        here = [mark for begin, end, mark in scoped if begin <= at < end] if scoped else ()
        yield token, here[0] if here else ""
        at += len(token) + 1


def _scopes(
    text: str, spans: dict[str, tuple[tuple[int, int], ...]], bounds: list[int]
) -> Iterator[tuple[int, int, str]]:
    """Where each mark reaches, the weightier first."""
    for kind, mark in (("imagined", IMAGINED), ("thing_subject", THING)):
        yield from ((start, _until(bounds, stop), mark) for start, stop in spans[kind])
    for start, stop in spans["past"]:
        begin, end = max((b for b in bounds if b <= start), default=0), _until(bounds, stop)
        if not any(begin <= at < end for at, _ in (*spans["ongoing"], *spans["present_again"])):
            yield begin, end, OVER
    for start, stop in spans["resolved"]:
        yield max((b for b in bounds if b <= start), default=0), stop, OVER
    pseudo = spans["pseudo_negation"]
    for start, stop in (*spans["negation"], *spans["thinks_not"]):
        if not any(begin <= start < end for begin, end in pseudo):
            yield stop, min(_until(bounds, stop), _comma_after(text, stop), _tokens_on(text, stop)), DENIED


def _until(bounds: list[int], at: int) -> int:
    return next(bound for bound in bounds if bound >= at)


def _tokens_on(text: str, at: int) -> int:
    """Where the reach of a negation ends."""
    for _ in range(NEGATION_REACH):
        at = text.find(" ", at) + 1
        if at == 0:
            return len(text)
    return at
