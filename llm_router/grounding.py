"""Whether something that a model says was said in the call: names, places and numbers must occur there.

In: a value of an answer and the words of the call. Out: yes or no. Comparison is on folded words (no case, accents or
punctuation), with English number words read as digits both as a whole ("seventy two" is 72) and one by one ("oh seven
double seven" is 0777), so that a spoken number grounds a written one. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_NAME: Final = re.compile(r"(?<=[^.!?:\s\"(])\s+([A-Z][^\W\d_]+)")
_SMALL: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {"oh": 0, "nought": 0}
_TENS: Final = {
    word: value * 10
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_REPEAT: Final = {"double": 2, "treble": 3, "triple": 3}
_SCALE: Final = {"hundred": 100, "thousand": 1000}
_EMPTY: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "near",
        "next",
        "of",
        "off",
        "on",
        "or",
        "the",
        "to",
        "with",
    ]
)


@dataclass(frozen=True, slots=True)
class Grounded:
    """Marks a field of an answer whose value must occur in the call: `Annotated[str | None, Grounded()]`."""


class Words:
    """The words of a call, folded once for many questions."""

    def __init__(self, sources: Sequence[str]) -> None:
        each = [list(folded(source)) for source in sources]
        words = [word for source in each for word in source]
        self._words = frozenset(words)
        # A number may go on in the next source ("oh seven", "double nine"), or end where another one begins.
        self._numbers = frozenset(number for run in (words, *each) for number in numbers_in(run))
        self._digits = " ".join(sorted(self._numbers, key=len, reverse=True))

    def hold(self, value: object) -> bool:
        """Whether `value` occurs: a number as a number or within a longer one, a text by every word with a meaning."""
        if isinstance(value, bool) or value is None:
            return True
        if isinstance(value, int | float):
            return self._holds_number(str(int(value)))
        words = list(folded(str(value)))
        numbers = set(numbers_in(words))
        if numbers and all(_is_number(word) for word in words):
            return any(self._holds_number(number) for number in numbers)
        return all(self._holds_word(word) for word in words if word not in _EMPTY)

    def holds_numbers_of(self, text: str, digits: int = 3) -> bool:
        """Whether every number in `text` with at least so many digits occurs."""
        return all(self._holds_number(run) for run in re.findall(rf"[0-9]{{{digits},}}", text))

    def holds_names_and_numbers_of(self, text: str) -> bool:
        """Whether every number in `text` and every name (a capitalised word within a sentence) occurs.

        "One" counts as a pronoun. A single name that begins a sentence cannot be told from an ordinary word.
        """
        numbers = set(numbers_in(folded(text))) - {"1"}
        names = {name for found in _NAME.findall(text) for name in folded(found)}
        return all(map(self._holds_number, numbers)) and all(map(self._holds_word, names))

    def _holds_word(self, word: str) -> bool:
        return word in self._words or (_is_number(word) and self._holds_number(next(numbers_in([word]), word)))

    def _holds_number(self, number: str) -> bool:
        return number in self._numbers or (len(number) > 3 and number in self._digits)


def folded(text: str) -> Iterator[str]:
    """The words of a text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("\u2019", ""))
    yield from _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def _is_number(word: str) -> bool:
    return word.isdigit() or word in _SMALL or word in _TENS or word in _SCALE or word in _REPEAT


def numbers_in(words: Iterable[str]) -> Iterator[str]:
    """Every number in a run of folded words, as digits: each written one, each spoken one read both ways."""
    run: list[str] = []
    for word in [*words, ""]:
        if _is_number(word) or (word == "and" and run):
            run.append(word)
            continue
        if run:
            yield from _readings(run)
            run = []


def _readings(run: Sequence[str]) -> Iterator[str]:
    yield from (word for word in run if word.isdigit())
    yield _one_by_one(run)
    yield from _as_values(run)


def _one_by_one(run: Sequence[str]) -> str:
    """The digits as they are spelled: "oh seven double nine" is 0799, "nine hundred" is 900, "twenty one" is 21."""
    digits, times = "", 1
    after_tens = False
    for word in run:
        if word in _REPEAT:
            times = _REPEAT[word]
        elif word in _SCALE:
            digits += str(_SCALE[word])[1:]
        elif word in _TENS:
            digits += str(_TENS[word])
        elif after_tens and 0 < _SMALL.get(word, 0) < 10:
            digits = digits[:-1] + str(_SMALL[word])
        elif word != "and":
            digits += (word if word.isdigit() else str(_SMALL[word])) * times
        times = times if word in _REPEAT else 1
        after_tens = word in _TENS
    return digits


def _as_values(run: Sequence[str]) -> Iterator[str]:
    """The numbers that the words make: "one hundred and five" is 105, "seventy two" is 72, "six ten" is 6 and 10."""
    total: int | None = None
    last = 0
    for word in run:
        if word in _SCALE and total is not None:
            total, last = total * _SCALE[word], _SCALE[word]
            continue
        value = int(word) if word.isdigit() else _SMALL.get(word, _TENS.get(word))
        if value is None:
            continue
        if total is not None and not (last >= 20 and value < last and (value < 10 or last >= 100)):
            yield str(total)
            total = None
        total, last = (total or 0) + value, value if value >= 20 else 1
    if total is not None:
        yield str(total)
