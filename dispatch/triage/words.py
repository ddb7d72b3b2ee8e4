"""Heard words become chunks of plain text that patterns can be matched against.

In: the words of one utterance, as the recogniser gave them (any case, any punctuation, or none). Out: `Chunk`s, about
a sentence each, whose text is lower case with contractions written out ("isn't" is "is not"), numbers as digits,
known mishearings mended and figures of speech blanked, one space between tokens and one at either end.

Invariants: a chunk is closed by its own words alone, so words that come later never change a closed chunk; every
token knows the words that it stands for; any text at all is accepted.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Final

from dispatch.contract.transcript import Word

from .numerals import DROPPED, Token, with_digits
from .resources import Hearing, hearing

SENTENCE_ENDS: Final = frozenset(".?!")
SOFT_LIMIT: Final = 22
"""Words after which an unpunctuated chunk closes before the next subject or connective."""
HARD_LIMIT: Final = 40
"""Words after which a chunk closes wherever it stands, so that one turn costs bounded time."""
MAX_WORD_CHARS: Final = 40

_SPLIT: Final = re.compile(r"\d+(?:[.:/]\d+)*|[^\W_]+(?:'[^\W_]+)*|[.?!]+|[,;:]|…")
_OPENERS: Final = frozenset(
    ["but", "and", "so", "then", "because", "cos", "he", "she", "they", "we", "i", "it", "there"]
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """About a sentence: its text, its tokens, and where each token's text begins."""

    text: str
    tokens: tuple[Token, ...]
    first: int
    """Index of the first word within the utterance."""
    last: int
    question: bool
    starts: tuple[int, ...] = field(repr=False, default=())

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """First and last word (indexes) under the text from `begin` to `end`."""
        under = [t for t, at in zip(self.tokens, self.starts, strict=True) if begin <= at < end]
        return (under[0].first, under[-1].last) if under else (self.first, self.last)


def cut(words: Sequence[Word], start: int = 0) -> tuple[list[tuple[int, int]], int]:
    """Word ranges of the chunks that are closed, from word `start` on, and the first word of the open rest."""
    closed: list[tuple[int, int]] = []
    begin = start
    for at in range(start, len(words)):
        if at > begin and _closes_before(words, begin, at):
            closed.append((begin, at))
            begin = at
        if _ends_sentence(words[at].text):
            closed.append((begin, at + 1))
            begin = at + 1
    return closed, begin


def _ends_sentence(text: str) -> bool:
    bare = text.rstrip("\"')”’ ")
    return bare[-1:] in SENTENCE_ENDS and not bare.endswith("...") and bare.lower() not in hearing().abbreviations


def _closes_before(words: Sequence[Word], begin: int, at: int) -> bool:
    held = at - begin
    if held >= HARD_LIMIT:
        return True
    return held >= SOFT_LIMIT and words[at].text.lower().split("'")[0].strip(",") in _OPENERS


def chunk_of(words: Sequence[Word], begin: int, end: int) -> Chunk:
    """The chunk of `words[begin:end]`."""
    raw = [Token(part, at, at) for at in range(begin, end) for part in _parts_of(words[at].text[:MAX_WORD_CHARS])]
    tokens = [t for t in _mended(with_digits(raw), hearing()) if t.text not in DROPPED]
    return _laid_out(tuple(_without_hesitation(tokens)), begin, max(begin, end - 1))


def _without_hesitation(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without the commas round an "um" that is gone: "bringing up, um, blood" is one thought.

    Before a word that opens a thought of its own, one comma stays.
    """
    at, last = 0, len(tokens) - 1
    while at <= last:
        if tokens[at].text == "," and at < last and tokens[at + 1].text == ",":
            at += 1 if at + 1 == last or tokens[at + 2].text in _OPENERS else 2
            continue
        yield tokens[at]
        at += 1


def _laid_out(tokens: tuple[Token, ...], first: int, last: int) -> Chunk:
    texts = [token.text for token in tokens]
    starts = tuple(accumulate((len(text) + 1 for text in texts), initial=1))[:-1]
    blanked = hearing().blank(f" {' '.join(texts)} " if texts else " ")
    return Chunk(blanked, tokens, first, last, texts[-1:] == ["?"], starts)


@lru_cache(maxsize=65536)
def _parts_of(text: str) -> tuple[str, ...]:
    """The plain words and punctuation of one heard word; the same few thousand words make up most speech."""
    plain = text.lower() if text.isascii() else _without_accents(text.lower().replace("’", "'"))
    pieces = _SPLIT.findall(plain.replace("-", " ").replace("—", " , "))
    return tuple(part for piece in pieces for part in _written_out(piece))


def _without_accents(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text)
    return "".join(c for c in folded if not unicodedata.combining(c))


def _written_out(piece: str) -> Sequence[str]:
    if piece[0] in ".?!":
        return (",",) if piece.startswith("..") else (piece[0],)
    if piece in ",;:…":
        return (",",)
    known = hearing().contractions.get(piece)
    return _apostrophe(piece) if known is None else known


def _apostrophe(piece: str) -> Sequence[str]:
    if "'" not in piece:
        return (piece,)
    if piece.endswith("n't"):
        return (piece[:-3], "not")
    head, _, tail = piece.partition("'")
    return (head, hearing().suffixes.get(tail, "'" + tail))


def _mended(tokens: Sequence[Token], heard: Hearing) -> Iterator[Token]:
    at = 0
    texts = [token.text for token in tokens]
    while at < len(tokens):
        misheard = None if texts[at] in heard.plain else heard.mend(texts[at : at + heard.longest])
        if misheard is None:
            yield tokens[at]
            at += 1
            continue
        length, said = misheard
        yield from (Token(word, tokens[at].first, tokens[at + length - 1].last) for word in said)
        at += length
