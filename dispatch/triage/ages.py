"""Ages in a chunk's text: each number is tried against the ways in which an age is said, and the best one counts.

In: a chunk's text, and whether an age had just been asked for. Out: `Age`s (years, whose they are, a score). The ways
are rows of `ages.yaml`: what stands before the number, its unit, and what follows. Asked for an age, the first number
that counts nothing else is one. Completed years are what counts: a child who is "nearly two" is one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .context import Subject, read
from .resources import document

MAX_AGE_YEARS: Final = 115
GROWN: Final = 13
"""Years below which a number alone is as likely a count."""
ANSWERED: Final = 5
"""Score of an answer to the question for the age; nothing that is said beside it replaces it."""
STATED: Final = 4
APPOSED: Final = 3
LONE: Final = 2
"""Up to this score a number is an age only because nothing else seems to be counted."""
MAX_ANSWER: Final = 14
"""Longest answer, in tokens, whose only number is taken for the age asked for."""
MIN_EXPECTING: Final = 20
"""Weeks from which nobody counts a baby's age so, but a pregnancy's."""
BEFORE_CHARS: Final = 64
"""How much of the text before a number a row may look at."""


@dataclass(frozen=True, slots=True)
class Age:
    """An age in years, whose it is, where it stands in the text, and how surely it is one."""

    years: float
    subject: Subject
    begin: int
    end: int
    score: int


@dataclass(frozen=True, slots=True)
class _Row:
    """One way to say an age."""

    score: int
    before: re.Pattern[str]
    after: re.Pattern[str]
    whose: Subject
    unit: str
    grown: bool


@dataclass(frozen=True, slots=True)
class _Number:
    """A number with its unit: where it begins and ends in the text, and how many years it would be."""

    begin: int
    end: int
    years: float
    unit: str
    """`year`, `month` and so on; empty where none was said."""


_UNIT_YEARS: Final = {
    "year": 1.0, "yr": 1.0, "month": 1 / 12, "mth": 1 / 12, "week": 1 / 52, "wk": 1 / 52, "day": 1 / 365,
}  # fmt: skip
_NUMBER: Final = re.compile(
    r"(?<= )(\d{1,3}|a(?= year ))"
    r"( and (?:a|1) half)?"
    r"(?: (year|yr|month|mth|week|wk|day)s?"
    r"( and (?:a|1) half)?(?: (?:and )?(a|\d+) (month|week)s?)?)?"
    r"(?= )"
)
_DIGIT: Final = re.compile(r"\d")
_STREETS: Final = "street|road|avenue|lane|close|drive|court|crescent|gardens|terrace"
_SCORE: Final = re.compile(r"(?<= )(\d) score(?: (?:years )?and (\d+))? ")
_RANGE: Final = re.compile(r" (?:, |or |to )?\d+ (year|month|week|day)s? ")
"""A number before another that has the unit: "nine, ten months"."""
_SOUNDS: Final = re.compile(r" (to|too|two|for|fore|won) (?=$|[.,?!]|(?:we|were|i|he|she|at) )")
_SOUND_UNITS: Final = {"to": 2, "too": 2, "two": 2, "for": 4, "fore": 4, "won": 1}
"""How recognisers write a unit at the end of an age: "she is seventy to"."""
_PREGNANT: Final = re.compile(r"(?:weeks?|months?) (?:gone|pregnant|along|plus)|pregnant|gestation")
_EXPECTING: Final = re.compile(r" (?:inside|pregnant|expecting|contractions|waters|labour|carrying|bump|scan) ")
_HERSELF: Final = re.compile(
    r"^ (?:only |just |about )?$| (?:she|i|wife|girlfriend|sister) (?:is|am|was) (?:only |just |about )?$"
)
_OLD: Final = re.compile(r"olds? ")
_REPORTED: Final = re.compile(r" (?:he|she|mum|mom|dad|nan|gran|grandma|nanna|it) (?:says?|said|is saying|goes) ")
_NEARLY_REACH: Final = 24
_NEXT: Final = re.compile(r"(?: years? old)? (?:next|tomorrow|in a (?:week|month|few)) ?")


@lru_cache(maxsize=1)
def _rows() -> tuple[_Row, ...]:
    raw = document("ages.yaml")
    parts = {
        name: "|".join(sorted(map(re.escape, words), key=len, reverse=True))
        for name, words in raw.items()
        if isinstance(words, list) and name != "rows"
    }
    parts["counted_next"] = rf"(?:{parts['counted']}|(?:{parts['unit']})s?|\d+|[a-z]+ (?:{_STREETS})) "
    for name, fragment in raw["fragments"].items():
        parts[name] = _filled(fragment, parts)
    return tuple(sorted((_row(row, parts) for row in raw["rows"]), key=lambda row: -row.score))


def _row(row: dict[str, str], parts: dict[str, str]) -> _Row:
    return _Row(
        int(row["score"]),
        re.compile(_filled(row["before"], parts)),
        re.compile(_filled(row["after"], parts)),
        Subject(row.get("whose", "unsaid")),
        row.get("unit", "none"),
        row.get("grown") == "true",
    )


def _filled(text: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        text = text.replace(f"<{name}>", part)
    return text


@lru_cache(maxsize=1)
def _nearly() -> re.Pattern[str]:
    return re.compile(rf" (?:{'|'.join(document('ages.yaml')['nearly'])}) (?:a |about )?$")


def has_number(text: str) -> bool:
    """Whether a text has a number that could be an age; most have none, and need no closer look."""
    return _DIGIT.search(text) is not None or " a year " in text


def ages(text: str, asked: bool, child: bool = False, animal: bool = False) -> Iterator[Age]:
    """Every age said, in order; a number alone counts for little, unless the operator `asked` for an age.

    `child` says that the patient is one: below 13 a number alone is an age only then.
    """
    numbers = [number for number in _numbers(text) if number.years <= MAX_AGE_YEARS]
    answered = False
    for number in numbers:
        age = _said(text, number, child, animal)
        if asked and not answered and (age is None or age.score < STATED):
            age = _answer(text, number, len(numbers) == 1) or age
        answered = answered or (age is not None and age.score >= STATED)
        if age is not None:
            yield age


def _numbers(text: str) -> Iterator[_Number]:
    for match in _SCORE.finditer(text):
        yield _Number(match.start(), match.end() - 1, 20.0 * int(match[1]) + int(match[2] or 0), "")
        return
    for match in _NUMBER.finditer(text):
        yield _number(text, match)


def _number(text: str, match: re.Match[str]) -> _Number:
    value = 1.0 if match[1] == "a" else float(match[1])
    ranged = _RANGE.match(text, match.end()) if match[3] is None else None
    unit = ranged[1] if ranged else (match[3] or "")
    value += 0.5 if match[2] or match[4] else 0.0
    years = value * _UNIT_YEARS.get(unit, 1.0)
    if match[6]:
        years += (1 if match[5] == "a" else int(match[5])) * _UNIT_YEARS[match[6]]
    end = match.end()
    sound = _SOUNDS.match(text, end) if not unit and value % 10 == 0 and 20 <= value <= 90 else None
    if sound:
        years, end = years + _SOUND_UNITS[sound[1]], sound.end() - 1
    if 1 < years <= GROWN and value == int(value) and unit in ("", "year") and _is_nearly(text, match.start(), end):
        years -= 1 / 12  # completed years
    return _Number(match.start(), end, years, {"yr": "year", "mth": "month", "wk": "week"}.get(unit, unit))


def _is_nearly(text: str, begin: int, end: int) -> bool:
    """Not there yet: "nearly two", "two next week"."""
    return bool(_nearly().search(text[max(0, begin - _NEARLY_REACH) : begin]) or _NEXT.match(text, end))


def _said(text: str, number: _Number, child: bool, animal: bool) -> Age | None:
    """The age that a number is by the best row that fits, if any does."""
    before = text[max(0, number.begin - BEFORE_CHARS) : number.begin]
    after = text[number.end + 1 :]
    if _PREGNANT.search(text[number.begin : number.end + 16]) or (
        not _OLD.match(after) and _may_be_expecting(number, before, child)
    ):
        return None
    for row in _rows():
        if _fits(row, number, child) and row.after.match(after) and row.before.search(before):
            return _age(text, number, row, animal)
    return None


def _may_be_expecting(number: _Number, before: str, child: bool) -> bool:
    """A mother-to-be is counted in weeks too: a bare "she" or "I" of so many weeks is no baby."""
    if number.unit not in ("week", "month"):
        return False
    weeks = number.years * 52 if number.unit == "week" else 0
    herself = weeks >= 4 and not child and _HERSELF.search(before) is not None
    return weeks >= MIN_EXPECTING or herself or _EXPECTING.search(before) is not None


def _fits(row: _Row, number: _Number, child: bool) -> bool:
    """Whether the number's unit and size are what a row wants."""
    grown = number.years >= GROWN
    if number.years == 1 and not number.unit and row.score < STATED:
        return False  # "the baby one" counts nothing
    if row.grown and not (grown and number.unit in ("", "year")):
        return False
    if row.unit == "lone":
        return grown if number.unit in ("", "year") and not child else child
    return {
        "none": not number.unit,
        "years": number.unit in ("", "year"),
        "needed": bool(number.unit),
        "needed_or_grown": bool(number.unit) or grown,
    }.get(row.unit, True)


def _age(text: str, number: _Number, row: _Row, animal: bool) -> Age | None:
    subject = row.whose
    if subject is Subject.CALLER and _REPORTED.search(text[: number.begin]):
        subject = Subject.OTHER
    read_as = read(text, number.begin, number.end, animal).subject
    if read_as in (Subject.NOT_A_PERSON, Subject.RELATIVE):
        subject = read_as
    return Age(number.years, subject, number.begin, number.end, row.score)


def _answer(text: str, number: _Number, only: bool) -> Age | None:
    """The age that a number is because it was asked for: the answer begins with it, or it is the only one."""
    opens = _OPENS.match(text[: number.begin]) is not None
    alone = only and text.count(" ") <= MAX_ANSWER and not _HOUSE.search(text)
    if not (opens or alone) or _NO_AGE.match(text[number.end + 1 :]):
        return None
    return Age(number.years, Subject.UNSAID, number.begin, number.end, ANSWERED if opens else APPOSED)


_OPENS: Final = re.compile(
    r"^ (?:(?:yes|no|er|um|oh|well|so|it is me|about|around|roughly|maybe|probably|just|only|nearly|almost|over|must be"
    r"|(?:he|she|they|it|that) (?:is|are|must be|will be|would be)|i am|coming up|going on|the (?:patient|baby) is"
    r"|i (?:would|had|d) (?:say|guess)|i (?:think|guess|reckon|believe)|say|(?:my|her|his|the) age(?: is)?|let me see"
    r"|(?:he|she) has (?:just )?turned|in (?:his|her)|aged?|not sure|do not know|what is (?:he|she)|,) )*$"
)
_HOUSE: Final = re.compile(r" (?:plot|flat|number|no|house|room|unit|block|apartment|ward|bay|floor|gate|pitch) \d")
_NO_AGE: Final = re.compile(
    r"(?:minutes?|mins?|hours?|seconds?|miles?|of (?:them|us)|people|o clock|times|pounds?|stone|kilos?|kg|percent"
    rf"|degrees|(?:[a-z]+ ){{0,2}}(?:{_STREETS})|ago)(?: |$)"
)
"""What a number said first may count when the caller does not answer the question for an age."""
