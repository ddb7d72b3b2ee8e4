"""The little pattern language in which findings are written, compiled to regular expressions over a chunk's text.

    word          that word                       word~       the word and its regular endings
    <tag>         any entry of that lexicon tag   (a|b c|<t>) one of these
    x?            x or nothing                    [x y]       x then y (a group, for `?`)
    ..            up to three words between         ...         up to five words between
    //            up to four words between, commas allowed ("// //": eight)      ^  the chunk's first word,  $  its end

Gaps cross no full stop, and a comma only before what goes on about the same thing ("my arm, it's numb"). In: pattern
texts and the lexicon. Out: `Pattern`s that know which words, and which pairs of neighbouring words, must be present, so
that a chunk is tried only against the few patterns that can match it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from typing import Final

from .numerals import DIGITS, DROPPED
from .resources import documents

_WORD: Final = r"[^ .?!,]+ "
_PAUSE: Final = (
    r"(?:, (?:(?:it|he|she|they|that|which) (?:(?:is|are|has|have|was|feels|just|got) )?"
    r"|and |all |really |so |just )?)?"
)
_GAPS: Final = {
    "..": rf"(?:{_WORD}){{0,3}}{_PAUSE}",
    "...": rf"(?:{_WORD}){{0,7}}{_PAUSE}",
}
_WORD_ELEMENT: Final = re.compile(r"[^\s?()\[\]|]+|\?")
_VOWELS: Final = "aeiou"


class PatternError(ValueError):
    """A pattern that cannot be read, or a tag that no lexicon defines."""


@lru_cache(maxsize=8192)
def inflected(word: str) -> tuple[str, ...]:
    """A regular word with its endings: breathe, breathes, breathed, breathing."""
    if word.endswith("e"):
        return (word, word + "s", word + "d", word[:-1] + "ing", word[:-1] + "in")
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return (word, word[:-1] + "ies", word[:-1] + "ied", word + "ing")
    if word[-1] in "rlzgvsc" or word.endswith("th"):
        return (*_regular(word), word + "e", word + "es")
    return _regular(word)


def _regular(word: str) -> tuple[str, ...]:
    double = word + word[-1] if len(word) > 2 and word[-1] not in "wxy" and word[-2] in _VOWELS else word
    plural = word + ("es" if word.endswith(("s", "sh", "ch", "x", "z")) else "s")
    return tuple(dict.fromkeys((word, plural, word + "ed", word + "ing", word + "in", double + "ed", double + "ing")))


@lru_cache(maxsize=1)
def lexicon() -> dict[str, tuple[str, ...]]:
    """Every tag's phrases, written out: inflections and nested tags resolved."""
    raw: dict[str, list[str]] = {}
    for _, tags in documents("lexica"):
        for tag, entries in tags.items():
            raw.setdefault(tag, []).extend(str(entry) for entry in entries)
    return {tag: tuple(dict.fromkeys(_phrases(tag, raw, ()))) for tag in raw}


def _phrases(tag: str, raw: dict[str, list[str]], above: tuple[str, ...]) -> Iterator[str]:
    if tag not in raw or tag in above:
        raise PatternError(f"lexicon tag <{tag}> is unknown or contains itself")
    for entry in raw[tag]:
        heads = [""]
        for word in entry.split():
            options = tuple(_phrases(word[1:-1], raw, (*above, tag))) if word.startswith("<") else _forms(word)
            heads = [f"{head} {option}".strip() for head in heads for option in options]
        yield from heads


def _forms(word: str) -> tuple[str, ...]:
    return inflected(word[:-1]) if word.endswith("~") else (word,)


@lru_cache(maxsize=512)
def clues(text: str) -> frozenset[str]:
    """The words of a chunk's text, and its pairs of neighbouring words: what `Pattern.possible` is asked with."""
    words = text.split()
    return frozenset((*words, *map(" ".join, pairwise(words))))


@lru_cache(maxsize=512)
def _places(text: str) -> dict[str, list[int]]:
    """Every word of a text with the places where it begins."""
    places, at = dict[str, list[int]](), 1
    for word in text.split():
        places.setdefault(word, []).append(at)
        at += len(word) + 1
    return places


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. `keys` are clues of which one must be in a text that it can match; so is it with `needs`."""

    text: str
    source: str
    keys: frozenset[str]
    needs: tuple[frozenset[str], ...] = ()
    first: frozenset[str] = frozenset()
    """The words with which a match can begin; empty where they are not known."""

    def possible(self, known: frozenset[str]) -> bool:
        """Whether a text with these clues, one of `keys` among them, could match; far cheaper than to try."""
        for need in self.needs:  # noqa: SIM110 (a generator costs more than what it checks)
            if need.isdisjoint(known):
                return False
        return True

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.source)

    def finditer(self, text: str) -> list[re.Match[str]]:
        """Every match in a chunk's text, tried only where a word stands with which one can begin."""
        if not self.first:
            return list(self.regex.finditer(text))
        places, found, end = _places(text), list[re.Match[str]](), 0
        for at in sorted([at for word in self.first.intersection(places) for at in places[word]]):
            if at >= end and (match := self.regex.match(text, at)):
                found.append(match)
                end = match.end()
        return found

    def found(self, text: str) -> bool:
        """Whether a chunk's text has a match."""
        return bool(self.finditer(text))


@lru_cache(maxsize=16384)
def pattern(text: str) -> Pattern:
    """Compiles a pattern. Raises `PatternError` for an unknown tag or one without any fixed word."""
    part, keys = _compiled(text)
    if not keys:
        raise PatternError(f"pattern {text!r} has no fixed word")
    rarest = _rarest(keys)
    others = sorted((need for need in keys if need is not rarest), key=len)
    return Pattern(text, "(?<= )" + part.source, rarest, tuple(others), part.first)


_EVERYDAY: Final = frozenset(
    (
        *(
            "i",
            "he",
            "she",
            "it",
            "they",
            "we",
            "you",
            "me",
            "him",
            "my",
            "his",
            "her",
            "the",
            "a",
            "an",
            "this",
            "that",
        ),
        *(
            "is",
            "was",
            "are",
            "be",
            "am",
            "been",
            "have",
            "has",
            "had",
            "do",
            "does",
            "did",
            "get",
            "got",
            "feel",
            "like",
        ),
        *(
            "can",
            "will",
            "would",
            "could",
            "should",
            "not",
            "no",
            "what",
            "when",
            "how",
            "if",
            "and",
            "but",
            "so",
            "then",
        ),
        *(
            "to",
            "of",
            "in",
            "on",
            "at",
            "for",
            "from",
            "with",
            "about",
            "out",
            "up",
            "down",
            "off",
            "over",
            "back",
            "by",
        ),
        *("just", "all", "there", "here", "now", "some", "right", "bit", "very", "well", "yes", "okay", ",", ".", "1"),
    )
)
"""Words that stand in so many sentences that they tell patterns hardly apart."""


def _rarest(keys: list[frozenset[str]]) -> frozenset[str]:
    """Of several sets of clues, the one that fewest texts have something of."""
    return min(keys, key=lambda clues: sum(map(_commonness, clues)))


def _commonness(clue: str) -> float:
    """About how often a clue is met, beside a word that is not an everyday one; a judgement of this project."""
    words = clue.split()
    if not _EVERYDAY.issuperset(words):
        return 1 if len(words) == 1 else 0.2
    return 30 if len(words) == 1 else 5


@dataclass(frozen=True)
class _Part:
    """A piece of a pattern: its source, what must be in a text for it, and the words it can begin and end with."""

    source: str
    keys: frozenset[str] = frozenset()
    """Clues of which one must be there; empty where it may match nothing."""
    first: frozenset[str] = frozenset()
    """Empty where they are not known; so is it with `last`."""
    last: frozenset[str] = frozenset()
    optional: bool = False

    def or_nothing(self) -> "_Part":
        return replace(self, source=f"(?:{self.source})?", keys=frozenset(), optional=True)


def _compiled(text: str) -> tuple[_Part, list[frozenset[str]]]:
    """A sequence as one part, and everything of which something must be there."""
    elements = [(element, optional) for element, optional in _joined(_elements(text)) if element not in DROPPED]
    parts = [_element(element).or_nothing() if optional else _element(element) for element, optional in elements]
    keys = [part.keys for part in parts if part.keys]
    keys += [pairs for one, other in pairwise(parts) if (pairs := _pairs(one, other))]
    source = "".join(part.source for part in parts)
    return _Part(source, first=_begins(parts), last=_ends(parts)), keys


def _begins(parts: Sequence[_Part]) -> frozenset[str]:
    """The words with which a sequence can begin; of parts that may match nothing, those of the next one too."""
    words: frozenset[str] = frozenset()
    for part in parts:
        words |= part.first
        if not part.first or not part.optional:
            return words if part.first else frozenset()
    return frozenset()


def _ends(parts: Sequence[_Part]) -> frozenset[str]:
    return parts[-1].last if parts and not parts[-1].optional else frozenset()


MAX_PAIRS: Final = 256
"""Pairs of neighbouring words that one pattern is known by; more would cost more than they save."""


def _pairs(one: _Part, other: _Part) -> frozenset[str]:
    """Each word that the one part ends with before each that the next begins with."""
    if one.optional or other.optional or len(one.last) * len(other.first) > MAX_PAIRS:
        return frozenset()
    return frozenset(f"{last} {first}" for last in one.last for first in other.first)


def _elements(text: str) -> Iterator[tuple[str, bool]]:
    """The elements of a sequence, each with whether a `?` follows it."""
    at = 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        end = _element_end(text, at)
        optional = end < len(text) and text[end] == "?"
        yield text[at:end], optional
        at = end + optional


def _joined(elements: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Gaps in a row as one: two gaps of four words match in many ways what one of eight matches in one."""
    for element, run in groupby(elements):
        if element == ("//", False):
            yield "//" * len(list(run)), False
        else:
            yield from run


def _element_end(text: str, at: int) -> int:
    if text[at] not in "([":
        word = _WORD_ELEMENT.match(text, at)
        if word is None:
            raise PatternError(f"cannot read {text[at:]!r}")
        return word.end()
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] in "([") - (text[end] in ")]")
        if depth == 0:
            return end + 1
    raise PatternError(f"{text!r} has an open bracket")


def _element(element: str) -> _Part:
    if element in _GAPS:
        return _Part(_GAPS[element])
    if element.startswith("//"):
        return _Part(rf"(?:[^ .?!]+ ){{0,{2 * len(element)}}}")
    if element in ("^", "$"):
        return _Part(r"(?<=^ )" if element == "^" else "$")
    if element.startswith(("(", "[")):
        return _choice(_split(element[1:-1]))
    return _choice([element])


def _split(inside: str) -> list[str]:
    """The options of a choice, split at the bars that no inner bracket holds."""
    options, depth, begin = [], 0, 0
    for at, char in enumerate(inside):
        depth += (char in "([") - (char in ")]")
        if char == "|" and depth == 0:
            options.append(inside[begin:at])
            begin = at + 1
    return [option.strip() for option in (*options, inside[begin:])]


def _choice(options: list[str]) -> _Part:
    if "$" in options:
        part = _choice([option for option in options if option != "$"])
        return replace(part, source=f"(?:{part.source}|$)", keys=frozenset(), optional=True)
    parts = [_sequence(option, options) for option in reversed(options) if _is_sequence(option)]
    phrases = {p for option in options if not _is_sequence(option) for p in _written(option) if p}
    if phrases:
        parts.append(_plain(sorted(phrases, key=lambda p: (-len(p), p))))
    return _Part(
        f"(?:{'|'.join(part.source for part in parts)})",
        frozenset().union(*(part.keys for part in parts)),
        _all_known([part.first for part in parts]),
        _all_known([part.last for part in parts]),
    )


def _plain(phrases: list[str]) -> _Part:
    """Phrases without gaps or choices in them."""
    words = [phrase.split() for phrase in phrases]
    return _Part(
        _trie(phrases),
        frozenset(" ".join(phrase[:2]) for phrase in words),
        frozenset(phrase[0] for phrase in words),
        frozenset(phrase[-1] for phrase in words),
    )


def _sequence(option: str, options: list[str]) -> _Part:
    part, needed = _compiled(option)
    if not needed:
        raise PatternError(f"a choice of {options!r} has no fixed word")
    return replace(part, keys=_rarest(needed))


def _all_known(sets: list[frozenset[str]]) -> frozenset[str]:
    """The union, or nothing where one of them is not known."""
    return frozenset().union(*sets) if all(sets) else frozenset()


def _is_sequence(option: str) -> bool:
    return any(mark in option for mark in ("(", "[", "?", "..", "//")) and option not in (".", "?", ",")


def _written(option: str) -> list[str]:
    heads = [""]
    for word in option.split():
        forms = _tag(word[1:-1]) if word.startswith("<") else _forms(word)
        heads = [f"{head} {_as_heard(form)}".strip() for head in heads for form in forms]
    return heads


def _as_heard(phrase: str) -> str:
    """A phrase of the lexicon as texts have it: numbers as digits, empty adverbs gone."""
    return " ".join(DIGITS.get(word, word) for word in phrase.split() if word not in DROPPED)


def _tag(tag: str) -> tuple[str, ...]:
    try:
        return lexicon()[tag]
    except KeyError as error:
        raise PatternError(f"lexicon tag <{tag}> is unknown") from error


def _trie(phrases: Iterable[str]) -> str:
    """Alternatives grouped by first word, longest first, so that a long list fails fast."""
    grouped: dict[str, list[str]] = {}
    for phrase in phrases:
        head, _, rest = phrase.partition(" ")
        grouped.setdefault(head, []).append(rest)
    return "(?:" + "|".join(_branch(head, rests) for head, rests in grouped.items()) + ")"


def _branch(head: str, rests: list[str]) -> str:
    longer = [rest for rest in rests if rest]
    if not longer:
        return re.escape(head) + " "
    tail = _trie(longer)
    return re.escape(head) + " " + (f"{tail}?" if "" in rests else tail)
