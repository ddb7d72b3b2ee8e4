"""The words of a chunk as the place grammar sees them: what each may be in a place, and where the words stand.

In: a chunk and the words of its utterance (with the recogniser's capitals, if it writes any). Out: `Item`s, one a word
or number, and the lists of `places.yaml` as sets. In text without capitals a name is a word that is not among the
everyday ones (`everyday.tsv`: words of some 1,600 calls that named no place); in text with capitals it has one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from dispatch.contract.transcript import Word

from .numerals import Token
from .resources import PUNCTUATION, document, table
from .words import Chunk

MAX_PHRASE: Final = 4
"""Most words of an entry of a list."""
MIN_NAME: Final = 2
"""Fewest letters of a name."""


class Item(NamedTuple):
    """One word, number or mark of punctuation: its plain text, its words (indexes), and whether a capital begins it."""

    text: str
    first: int
    last: int
    capital: bool


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of `places.yaml`, entries of several words with single spaces."""

    street: frozenset[str]
    street_before: frozenset[str]
    site: frozenset[str]
    named_only: frozenset[str]
    numbered: frozenset[str]
    spot: frozenset[str]
    relation: frozenset[str]
    empty: frozenset[str]
    article: frozenset[str]
    direction: frozenset[str]
    lead: frozenset[str]
    away: frozenset[str]
    event: frozenset[str]
    calendar: frozenset[str]
    stop: frozenset[str]
    filler: frozenset[str]
    introducing: frozenset[str]
    closing: frozenset[str]
    link: frozenset[str]
    no_spot: frozenset[str]
    correcting: frozenset[str]
    street_plain: frozenset[str]
    before_name: frozenset[str]
    street_alone: frozenset[str]
    street_name: frozenset[str]
    counted: frozenset[str]
    everyday: frozenset[str]


@lru_cache(maxsize=1)
def lists() -> Lists:
    """The lists, read once."""
    raw = {name: frozenset(words) for name, words in document("places.yaml").items()}
    everyday = frozenset(row[0] for row in table("everyday.tsv"))
    return Lists(**raw, everyday=everyday)


def items_of(chunk: Chunk, words: Sequence[Word]) -> tuple[Item, ...]:
    """The items of a chunk in order, without the full stops behind abbreviations."""
    return tuple(_joined(chunk.tokens, words))


def _joined(tokens: Sequence[Token], words: Sequence[Word]) -> Iterator[Item]:
    at, total = 0, len(tokens)
    while at < total:
        end, last = at + 1, tokens[at].last
        while end < total and tokens[end].first == last and tokens[end].text not in PUNCTUATION:
            end += 1
        yield _item(tokens[at:end], words)
        at = end


def _item(tokens: Sequence[Token], words: Sequence[Word]) -> Item:
    if len(tokens) == 1:
        text, raw = tokens[0].text, words[tokens[0].first].text
        return Item(text, tokens[0].first, tokens[0].last, text[:1].isalnum() and raw.lstrip("\"'(")[:1].isupper())
    text = " ".join(token.text for token in tokens)
    raw = words[tokens[0].first].text.lstrip("\"'(")
    own = len(tokens) == 2 and tokens[1].text == "is" and raw[:1].isupper() and re.search(r"['’]s\b", raw)
    known = lists()
    if own and not any(tokens[0].text in plain for plain in (known.everyday, known.stop, known.event, known.calendar)):
        text = tokens[0].text + "s"  # "Corrigan's" is a place as much as "Corrigan is"
    said = " " not in text or "-" in raw or text[:1].isdigit()  # "I'm" and "they're" are two words and no name
    return Item(text, tokens[0].first, tokens[-1].last, said and text[:1].isalnum() and raw[:1].isupper())


def has_capitals(words: Sequence[Word]) -> bool:
    """Whether the recogniser writes capitals: some word has one, and not every letter is one."""
    texts = (word.text for word in words)
    return any(text[:1].isupper() and text[1:2].islower() for text in texts)  # "I" and "I'm" are in any text


_NUMBER: Final = re.compile(r"\d+(?: \d+)*(?: [a-z])?")
_FIGURE: Final = re.compile(r"\d+(?:[a-z]| [a-z])?|oh|o|double|zero|dash|stroke|slash")


def is_number(text: str) -> bool:
    """Whether an item is a number, perhaps with a letter: "17 b"."""
    return text[:1].isdigit() and _NUMBER.fullmatch(text) is not None


_ORDINAL: Final = re.compile(r"\d+ (?:st|nd|rd|th)")


def is_ordinal(text: str) -> bool:
    """Whether an item is a street that is called by its number: "5th"."""
    return text[:1].isdigit() and _ORDINAL.fullmatch(text) is not None


def is_figure(text: str) -> bool:
    """Whether an item goes on with a number that is told figure by figure."""
    return _FIGURE.fullmatch(text) is not None
