"""Where the emergency is: the place named in a chunk, as it was said.

In: the words of a chunk (with the recogniser's own spelling) and what the operator had just asked. Out: the best
candidate with a score, so that a street address outranks a landmark. Wording only; looking a place up is not done here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dispatch.contract.transcript import Word

from .resources import document
from .words import Chunk


@dataclass(frozen=True, slots=True)
class Place:
    """A place as said, its score (a full address is highest), and the first and last word of it."""

    score: int
    first: int
    last: int


_RAW: Final = document("places.yaml")
_STREET: Final = "|".join(_RAW["street"])
_SITE: Final = "|".join(_RAW["site"])
_LEAD: Final = "|".join(_RAW["lead"])
_STOP: Final = "|".join(_RAW["stop"])
_WORD: Final = rf"(?:(?!(?:{_STOP}) )[^ .?!]+ )"
_NAME: Final = rf"(?:(?!(?:{_STOP}|{_STREET}) )[a-z0-9'&]+ ){{0,2}}(?!(?:{_STOP}|{_STREET}|the|a|to|my|our|this|that|on|of|in|and|main|down|off|from|into|across|up|or|at|out) )[a-z0-9'&]+ "
_UNIT: Final = r"(?:(?:flat|apartment|apt|unit|ward|room|plot|block|house|caravan|floor|suite|lot|bay|number|no|pitch|pod|chalet|villa|cottage) (?:number )?(?:\d+[a-z]?|[a-z]|\d+ [a-z]) (?:, )?)"
_TAIL: Final = rf"(?:(?:, )?(?:in |near |off |after |by |opposite |behind |and |next to |before |at |just off |past |on |outside |the )*{_WORD}{{1,4}}){{0,3}}"
_PATTERNS: Final = (
    (9, re.compile(r"(?<= )[a-z]{3,} dot [a-z]{3,} dot [a-z0-9]{2,} ")),
    (8, re.compile(r"(?<= )(?:b|a|m|be)? ?\d{2,4} between [^ .?!,]+ (?:[^ .?!,]+ ){0,2}and (?:[^ .?!,]+ ){1,3}")),
    (9, re.compile(rf"(?<= ){_UNIT}*\d+ (?:[a-z] )?(?:, )?{_NAME}(?:{_STREET}) {_TAIL}")),
    (9, re.compile(rf"(?<= ){_UNIT}(?:, )?{_NAME}(?:{_STREET}|{_SITE}) {_TAIL}")),
    (8, re.compile(rf"(?<= )(?:{_NAME})(?:{_STREET}) , number (?:is )?(?:\d+ )+")),
    (8, re.compile(rf"(?<= ){_UNIT}{_WORD}{{1,4}}{_TAIL}")),
    (
        7,
        re.compile(
            rf"(?<= )(?:back of |rear of |bottom of |top of |corner of |end of |side of |behind |outside )?(?:the |a )?(?:{_NAME})(?:{_STREET}) {_TAIL}"
        ),
    ),
    (
        7,
        re.compile(
            r"(?<= )(?:the |on the |off the )?(?:(?:a|m|b|i|us|nh|sh) ?\d{1,4}|route \d+|highway \d+|motorway|interstate \d+|junction \d+|mile (?:marker )?\d+)(?: [^ .?!]+| ,){0,8} "
        ),
    ),
    (6, re.compile(rf"(?<= )(?:{_NAME})(?:{_SITE}) {_TAIL}")),
    (6, re.compile(r"(?<= )[a-z]{1,2}\d{1,2}[a-z]? ?\d[a-z]{2} ")),
    (5, re.compile(rf"(?<= )(?:{_LEAD}) (?:the |a |an |my |our )?{_WORD}{{1,5}}{_TAIL}")),
)


def best_place(chunk: Chunk, words: Sequence[Word], asked: bool) -> Place | None:
    """The best place in a chunk, with whatever of it the recogniser wrote in capitals on either side."""
    found = [*places(chunk, asked), *_named(chunk, words)]
    if not found:
        return None
    best = max(found, key=lambda p: (p.score, p.last - p.first))
    first, last = best.first, best.last
    for other in sorted(found, key=lambda p: -p.score):
        if other.score >= MIN_JOINED and other.first <= last and first <= other.last:
            first, last = min(first, other.first), max(last, other.last)
    if any(word.text[:1].isupper() for word in words[chunk.first + 1 : chunk.last + 1]):
        first = _capitals_before(words, chunk.first, first)
        last = _capitals_after(words, chunk.last, last)
    return Place(best.score, first, min(last, first + MAX_WORDS))


def _capitals_before(words: Sequence[Word], start: int, first: int) -> int:
    """Start of the run of capitalised or linking words, separated by a comma, that leads up to word `first`."""
    at = first
    while at > start and (words[at - 1].text[:1].isupper() or words[at - 1].text.lower() in _LINKS):
        at -= 1
    led = at < first and words[first - 1].text.endswith(",") and words[at].text[:1].isupper()
    return at if led and words[at].text.rstrip(",.").lower() not in _NOT_NAMES else first


def _capitals_after(words: Sequence[Word], end: int, last: int) -> int:
    """End of the run of capitalised words that goes on after word `last`."""
    while last < end and words[last + 1].text[:1].isupper() and not words[last].text.endswith((".", "?", "!")):
        last += 1
    return last


def _named(chunk: Chunk, words: Sequence[Word]) -> Iterator[Place]:
    """Runs of capitalised words after "at", "in" and the like, and sentences that are nothing but names and numbers."""
    run = range(chunk.first, chunk.last + 1)
    if len(run) >= MIN_NAMES and all(_is_name(words[at].text) for at in run):
        yield Place(6, chunk.first, chunk.last)
    for at in run[:-1]:
        end = at + 1
        if (
            words[at].text.lower() in _PREPOSITIONS
            and words[end].text[:1].isupper()
            and len(words[end].text) > MIN_NAMES
        ):
            yield Place(5, end, _capitals_after(words, chunk.last, end))


def _is_name(text: str) -> bool:
    bare = text.strip(",.!?'\"")
    return bare[:1].isupper() or bare[:1].isdigit() or bare.lower() in _LINKS


MIN_NAMES: Final = 2
_PREPOSITIONS: Final = frozenset({"at", "in", "outside", "near", "by", "on", "from", "opposite", "behind", "off"})
_LINKS: Final = frozenset({"of", "the", "and", "on", "in", "at", "de", "la", "al"})
_NOT_NAMES: Final = frozenset(
    {"yes", "no", "please", "okay", "oh", "i", "i'm", "we're", "he's", "she's", "hurry", "god"}
)
MIN_JOINED: Final = 5
MAX_WORDS: Final = 16


def places(chunk: Chunk, asked: bool) -> Iterator[Place]:
    """Places in a chunk; the whole of a short answer counts when the operator `asked` for the place."""
    for score, regex in _PATTERNS:
        for match in regex.finditer(chunk.text):
            begin = match.start() + len(_lead_in(match[0]))
            yield Place(score + (2 if asked else 0), *chunk.span(begin, match.end()))
    if asked and len(chunk.text.split()) >= 2 and not re.match(rf" (?:{_STOP}|yes|no|what|sorry|hang) ", chunk.text):
        yield Place(4, *chunk.span(0, len(chunk.text)))


def _lead_in(text: str) -> str:
    match = re.match(rf"(?:{_LEAD}) ", text)
    return match[0] if match else ""
