"""The little pattern language in which findings are written, compiled to regular expressions over a chunk's text.

    word          that word                       word~       the word and its regular endings
    <tag>         any entry of that lexicon tag   (a|b c|<t>) one of these
    x?            x or nothing                    [x y]       x then y (a group, for `?`)
    ..            up to three words between         ...         up to five words between
    //            up to four words between, commas allowed            ^  the chunk's first word,  $  its end

Gaps cross no full stop, and a comma only before what goes on about the same thing ("my arm, it's numb"). In: pattern
texts and the lexicon. Out: `Pattern`s that know which words must be present, so that a chunk is tried only against the
few patterns that can match it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
    "//": r"(?:[^ .?!]+ ){0,4}",
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


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. `keys` are words of which one must be in a text that it can match; so is it with `needs`."""

    text: str
    source: str
    keys: frozenset[str]
    needs: tuple[frozenset[str], ...] = ()

    def possible(self, words: frozenset[str]) -> bool:
        """Whether a text of these words could match; far cheaper than to try."""
        for need in self.needs:  # noqa: SIM110 (a generator costs more than what it checks)
            if need.isdisjoint(words):
                return False
        return True

    @cached_property
    def regex(self) -> re.Pattern[str]:
        return re.compile(self.source)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.regex.finditer(text)

    def found(self, text: str) -> bool:
        return self.regex.search(text) is not None


@lru_cache(maxsize=16384)
def pattern(text: str) -> Pattern:
    """Compiles a pattern. Raises `PatternError` for an unknown tag or one without any fixed word."""
    source, keys = _compiled(text)
    if not keys:
        raise PatternError(f"pattern {text!r} has no fixed word")
    rarest = _rarest(keys)
    others = sorted((need for need in keys if need is not rarest), key=len)
    return Pattern(text, "(?<= )" + source, rarest, tuple(others))


_EVERYDAY: Final = frozenset(
    [
        "i",
        "he",
        "she",
        "it",
        "they",
        "we",
        "you",
        "is",
        "was",
        "are",
        "be",
        "the",
        "a",
        "an",
        "my",
        "his",
        "her",
        "to",
        "of",
        "in",
        "on",
        "and",
        "not",
        "no",
        "have",
        "has",
        "had",
        "can",
    ]
)


def _rarest(keys: list[frozenset[str]]) -> frozenset[str]:
    return min(keys, key=lambda words: (_commonness(words), len(words)))


def _commonness(words: frozenset[str]) -> int:
    return len(words & _EVERYDAY)


def _compiled(text: str) -> tuple[str, list[frozenset[str]]]:
    out: list[str] = []
    keys: list[frozenset[str]] = []
    for element, optional in _elements(text):
        if element in DROPPED:
            continue
        source, first = _element(element)
        out.append(f"(?:{source})?" if optional else source)
        if first and not optional:
            keys.append(first)
    return "".join(out), keys


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


def _element(element: str) -> tuple[str, frozenset[str]]:
    if element in _GAPS:
        return _GAPS[element], frozenset()
    if element in ("^", "$"):
        return (r"(?<=^ )" if element == "^" else "$"), frozenset()
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


def _choice(options: list[str]) -> tuple[str, frozenset[str]]:
    plain = [option for option in options if not _is_sequence(option)]
    sources: list[str] = []
    keys: set[str] = set()
    if plain:
        phrases = sorted({p for option in plain for p in _written(option) if p}, key=lambda p: (-len(p), p))
        sources.append(_trie(phrases))
        keys.update(phrase.split()[0] for phrase in phrases)
    for source, needed in (_compiled(option) for option in options if _is_sequence(option)):
        if not needed:
            raise PatternError(f"a choice of {options!r} has no fixed word")
        sources.insert(0, source)
        keys |= _rarest(needed)
    return f"(?:{'|'.join(sources)})", frozenset(keys)


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
