"""Where the emergency is: the place named in a chunk, as it was said.

In: the words of a chunk (with the recogniser's own spelling) and what the operator had just asked. Out: the best
candidate with a score, so that a street address outranks a landmark. Wording only; looking a place up is not done here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from dispatch.contract.transcript import Word

from .patterns import clues
from .resources import document
from .words import Chunk


@dataclass(frozen=True, slots=True)
class Place:
    """A place as said, its score (a full address is highest), and the first and last word of it."""

    score: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Wording:
    """How places are said, from `places.yaml`."""

    patterns: tuple[tuple[int, re.Pattern[str], frozenset[str]], ...]
    """Score, wording, and clues (see `patterns.clues`) of which one must be in the text."""
    lead_in: re.Pattern[str]
    not_a_place: re.Pattern[str]
    events: frozenset[str]
    """What one can be at without saying where: parties, weekdays."""
    stated: frozenset[str]
    """Words that never stand inside a place."""


_LISTS: Final = ("street", "site", "lead", "stop", "unit_word", "not_before_street", "event", "event_of", "street_name")


@lru_cache(maxsize=1)
def _wording() -> _Wording:
    raw = document("places.yaml")
    parts = {name: "|".join(raw[name]) for name in _LISTS}
    for name, fragment in raw["fragments"].items():
        parts[name] = _filled(fragment, parts)
    patterns = tuple(
        (int(p["score"]), re.compile("(?<= )" + _filled(p["said"], parts)), _needs(raw, p)) for p in raw["patterns"]
    )
    lead_in = re.compile(_filled("(?:<lead>) ", parts))
    not_a_place = re.compile(_filled(" (?:<stop>|yes|no|what|sorry|hang) ", parts))
    return _Wording(patterns, lead_in, not_a_place, frozenset(raw["event"]), frozenset(raw["stop"]) - _MAY_STAND)


_ANY_NUMBER: Final = "#"
"""Among the clues of a pattern, a digit anywhere in the text."""
_DIGIT: Final = re.compile("[0-9]")
_MAY_STAND: Final = frozenset({"end", "door", "all", "last", "first"})
"""Of those, what a list of names may have: "the yellow door, Pelham Street"."""


def _needs(raw: Mapping[str, Sequence[str]], said: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """What one pattern's `needs` and `words` come to: single words, and the first two words of longer entries."""
    entries = [entry for name in said.get("needs", ()) for entry in raw[name]]
    return frozenset(" ".join(entry.split()[:2]) for entry in (*entries, *said.get("words", ())))


def _filled(text: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        text = text.replace(f"<{name}>", part)
    return text


def best_place(chunk: Chunk, words: Sequence[Word], asked: bool) -> Place | None:
    """The best place in a chunk, with whatever of it the recogniser wrote in capitals on either side."""
    found = [*places(chunk, asked), *_named(chunk, words)]
    if not found:
        return None
    best = max(found, key=lambda p: (p.score, p.last - p.first))
    first, last = best.first, best.last
    for other in sorted(found, key=lambda p: -p.score):
        if other.score >= MIN_JOINED and other.first <= last + MAX_GAP and first <= other.last + MAX_GAP:
            first, last = min(first, other.first), max(last, other.last)
    if any(word.text[:1].isupper() for word in words[chunk.first + 1 : chunk.last + 1]):
        first = _capitals_before(words, chunk.first, first)
        last = _capitals_after(words, chunk.last, last)
    first = _after_prepositions(words, first, last)
    last = _before_links(words, first, min(last, first + MAX_WORDS))
    return Place(best.score, first, last)


def _after_prepositions(words: Sequence[Word], first: int, last: int) -> int:
    """The first word of the place itself: "at 27 Park Road" is 27 Park Road; "opposite the church" says where."""
    return next((at for at in range(first, last) if words[at].text.lower() not in _EMPTY), last)


def _before_links(words: Sequence[Word], first: int, last: int) -> int:
    """The last word of the place itself: "Mill Lane and" is Mill Lane."""
    return next((at for at in range(last, first, -1) if words[at].text.lower() not in _DANGLING), first)


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
    texts = [word.text for word in words[chunk.first : chunk.last + 1]]
    if len(texts) >= MIN_NAMES and all(map(_is_name, texts)):
        yield Place(6, chunk.first, chunk.last)
    for end, (before, text) in enumerate(pairwise(texts), chunk.first + 1):
        if (
            text[:1].isupper()
            and len(text) > MIN_NAMES
            and before.lower() in _PREPOSITIONS
            and text.lower().strip(".,!?") not in _wording().events
        ):
            yield Place(5, end, _crossing(words, chunk.last, _capitals_after(words, chunk.last, end)))
    yield from _listed(chunk, words)


def _crossing(words: Sequence[Word], end: int, last: int) -> int:
    """End of a corner of two streets called by their names alone: "at Fifth and Alder"."""
    crossed = last + 2 <= end and words[last + 1].text.lower() == "and" and words[last + 2].text[:1].isupper()
    return _capitals_after(words, end, last + 2) if crossed else last


def _listed(chunk: Chunk, words: Sequence[Word]) -> Iterator[Place]:
    """What is left of a sentence from its beginning or a comma on, when it is names, numbers and no statement.

    The list has a comma in it.
    """
    commas = [at for at in range(chunk.first, chunk.last) if words[at].text.endswith(",")]
    for begin in (chunk.first, *(at + 1 for at in commas[:-1])) if commas else ():
        named = words[begin].text[:1].isupper() or words[begin].text[:1].isdigit()
        if named and _is_list_of_names(words[begin : chunk.last + 1]):
            yield Place(6, begin, chunk.last)
            return


def _is_list_of_names(words: Sequence[Word]) -> bool:
    """Two names, or a name and a number, and no word of a statement."""
    if not MIN_NAMES <= len(words) <= MAX_WORDS:
        return False
    texts = [word.text.strip(",.!?'\"") for word in words]
    names = [text for text in texts if text[:1].isupper() and len(text) > MIN_NAMES]
    plain = {text.lower() for text in texts}
    numbered = bool(plain & _NUMBERED) or any(text.isdigit() for text in texts)
    return (
        (len(names) >= MIN_NAMES or (bool(names) and numbered))
        and plain.isdisjoint(_STATING)
        and plain.isdisjoint(_wording().stated)
    )


_NUMBERED: Final = frozenset(
    {"flat", "unit", "room", "gate", "pitch", "platform", "floor", "house", "number", "block", "bay", "plot", "ward"}
)
_STATING: Final = frozenset(
    (
        *(
            "yes",
            "yeah",
            "no",
            "nah",
            "okay",
            "please",
            "oh",
            "hurry",
            "god",
            "thank",
            "thanks",
            "sorry",
            "hello",
            "hi",
        ),
        *("i'm", "he's", "she's", "it's", "we're", "they're", "don't", "can't", "won't", "there's", "that's", "isn't"),
        *("i've", "he'd", "she'd", "i'd", "you", "ambulance", "help", "sir", "madam", "doctor", "nurse", "mum", "dad"),
    )
)
"""Words of a statement or a call for help, beside those that never stand inside a place."""


def _is_name(text: str) -> bool:
    bare = text.strip(",.!?'\"")
    return bare[:1].isupper() or bare[:1].isdigit() or bare.lower() in _LINKS


MIN_NAMES: Final = 2
_PREPOSITIONS: Final = frozenset({"at", "in", "outside", "near", "by", "on", "from", "opposite", "behind", "off"})
_EMPTY: Final = frozenset({"at", "in", "on", "of", "from", "to"})
"""Prepositions that say nothing about where."""
_DANGLING: Final = frozenset({"and", "or", "on", "in", "at", "of", "the", "a", "near", "by", "to", "from", "with"})
"""Words that end no place."""
_LINKS: Final = frozenset({"of", "the", "and", "on", "in", "at", "de", "la", "al"})
_NOT_NAMES: Final = frozenset(
    {"yes", "no", "please", "okay", "oh", "i", "i'm", "we're", "he's", "she's", "hurry", "god"}
)
MIN_JOINED: Final = 5
MAX_GAP: Final = 2
"""Words more than which two places of one sentence are two: "number nine, the yellow door, Pelham Street" is one."""
MAX_WORDS: Final = 16


def places(chunk: Chunk, asked: bool) -> Iterator[Place]:
    """Places in a chunk; the whole of a short answer counts when the operator `asked` for the place."""
    said = clues(chunk.text)
    numbers = _DIGIT.search(chunk.text) is not None
    for score, regex, needs in _wording().patterns:
        if needs.isdisjoint(said) and not (numbers and _ANY_NUMBER in needs):
            continue
        for match in regex.finditer(chunk.text):
            begin = match.start() + len(_lead_in(match[0]))
            yield Place(score + (2 if asked else 0), *chunk.span(begin, match.end()))
    if asked and len(chunk.text.split()) >= MIN_NAMES and not _wording().not_a_place.match(chunk.text):
        yield Place(4, *chunk.span(0, len(chunk.text)))


def _lead_in(text: str) -> str:
    match = _wording().lead_in.match(text)
    return match[0] if match else ""
