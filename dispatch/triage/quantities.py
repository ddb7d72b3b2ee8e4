"""Ages, telephone numbers and measurements in a chunk's text.

In: a chunk's text, and what the operator had just asked. Out: `Age`s (years, with whose age it is), telephone numbers
as digits, and finding codes that measurements mean (an oxygen saturation of 85 is `spo2_low`). Thresholds: NEWS2 single
scores of 3 (Royal College of Physicians, 2017) where one exists, else the source beside the figure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .context import Subject, read

MAX_AGE_YEARS: Final = 115
_DIGIT: Final = re.compile(r"\d")
_NUMBER: Final = re.compile(r"(?<= )(\d{1,3}) ")
_HOUSE: Final = re.compile(r" (?:plot|flat|number|no|house|room|unit|block|apartment|ward|bay|floor|gate|pitch) \d")
MAX_ANSWER: Final = 12
"""Longest answer, in tokens, whose only number is taken for the age asked for."""


@dataclass(frozen=True, slots=True)
class Age:
    """An age in years, whose it is, and where it stands in the text."""

    years: float
    subject: Subject
    begin: int
    end: int


_UNIT_YEARS: Final = {"year": 1.0, "yr": 1.0, "month": 1 / 12, "week": 1 / 52, "day": 1 / 365}
_ABOUT: Final = (
    r"(?:, )?(?:(?:about|around|roughly|nearly|only|just|now|almost|like|coming up to|coming up|getting on for|over"
    r"|a|pushing|knocking on|going on|gone|approaching|past|maybe|probably|all of|well over) ){0,2}"
)
_AFTER_AGE: Final = (
    r"(?=[.?!,]|$|(?:and|but|with|he|she|i|his|her|so|on|very|fit|who|has|had|no|tall|my|bp"
    r"|please|they|we|lives?|it|sir|madam|maam|love|only|plus|mate|next|tomorrow|today|ish|odd) )"
)
_MONTHS: Final = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAYS: Final = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_WHO: Final = (
    r"(?:man|woman|male|female|lady|gentleman|gent|boy|girl|lad|guy|patient|arrest|f|m|child|bloke|fellow|chap|lass|kid"
    r"|mum|dad|mother|father|gran|nan|grandad|son|daughter|husband|wife|brother|sister|uncle|aunt|neighbour|teenager"
    r"|toddler|baby|resident|student|colleague|driver|cyclist|rider|runner|passenger|worker|pensioner)"
)
_OLD: Final = re.compile(r"(?<= )(\d+)(?: and a half)? (?:(?:and )?)(year|yr|month|week|day)s? (?:old|of age)(?= )")
_AGED: Final = re.compile(r"(?<= )(?:aged?|age of|age is|turned|turning) (?:is |about |around |just )?(\d+)(?= )")
_IS: Final = re.compile(
    r"(?<= )(i am|he is|she is|they are|baby is|is|i m|am|(?:we|they) are (?:all|both)"
    r"|(?:he|she) (?:would be|will be|must be|has got to be|has to be|could be|might be|looks|is maybe|is probably)) "
    rf"{_ABOUT}(\d+)"
    rf"(?: or so| odd| now| years?| this year| next \w+)? {_AFTER_AGE}"
)
_YOUNG: Final = re.compile(
    r"(?<= )(?:baby|he|son|boy|little one|toddler|infant|newborn|grandson|granddaughter|little girl) is "
    rf"{_ABOUT}(\d+) (month|week|day)s? {_AFTER_AGE}"
)
"""A mother-to-be is counted in weeks too, so that a bare "she" is not read as a baby."""
_BARE: Final = re.compile(
    r"^ (?:(?:yes|no|er|um|oh|well|so|it is me|about|around|roughly|maybe|probably|just|only|nearly|almost|over|must be"
    r"|(?:he|she|they|it) (?:is|are|must be|will be|would be)|i am"
    r"|i (?:would|had|d) (?:say|guess)|i (?:think|guess|reckon)|say"
    r"|(?:he|she) has (?:just )?turned|in (?:his|her)|aged?|,) )*(\d+)(?= )"
)
_TURNED: Final = re.compile(rf"(?<= )(\d+) (?:(?:he|she|i) (?:is|am)|in (?:{_MONTHS})|on (?:{_DAYS}))(?= )")
"""The number before the verb, or the next birthday: "sixty-three he is", "ninety in March"."""
_COUNTED: Final = re.compile(
    rf"(?<= )(?:he|she|{_WHO}) (?:is |of |, |aged )*(\d+) (year|yr|month|week)s? (?=[.,]|$|only|and|with|very)"
)
_YEAR_OLD: Final = re.compile(r"(?<= )(a|1) year old(?= )")
_MYSELF: Final = re.compile(r" (?:it is|it is for|for|this is for) (?:me|myself) ")
"""Asked for the patient's age, a caller who says so gives their own."""
_PERSON: Final = re.compile(
    rf"(?<= ){_WHO}[ ,]+(?:is |about |of |around |aged |roughly |maybe )*(\d{{1,3}}) "
    r"(?=[.,?!]|$|years|year|and|unresponsive|collapsed|with|who|came|has|had)"
    rf"|(?<= )(\d{{1,3}}) (?:year|yr)s?(?: old)? {_WHO} "
)
_ALONE: Final = re.compile(
    r"^ (?:(?:about|around|roughly|maybe|probably|only|just|nearly|almost|over|yes|oh|er) )*(\d+) "
    r"(?:(year|month|week|day)s? )?(?:old |plus |odd |ish |now |last \w+ |next \w+ |only )*(?=[.,!]|$)"
)
"""A sentence that begins with a number and a pause: "Seventy-nine. You'll think I'm making a fuss."
"""
_APPOSED: Final = re.compile(
    r"(?<= , )(?:about|around|roughly|maybe|probably|approximately|getting on for) (\d+) (?=[.,!]|$)"
)
_HALF: Final = re.compile(r"(?<= )(?:is|aged|about|around|just|only|be|^) (a|1) year and a half ")
GROWN: Final = 13
"""Years below which a number alone is as likely a count."""
_TRAPS: Final = re.compile(
    r"^(?:weeks?|months?|days?|minutes?|mins?|hours?|seconds?|miles?|percent|degrees?|pounds?|stone|kilos?|kg|mg"
    r"|feet|foot|tablets?|of (?:them|us)|people|per|point|o clock|times|street|road|avenue|lane|close|out of|am|pm"
    r"|over|by|beats|resps|a minute)\b"
)
_NO_AGE: Final = re.compile(
    r"^(?:minutes?|mins?|hours?|seconds?|miles?|of (?:them|us)|people|o clock|times"
    r"|(?:[a-z]+ )?(?:street|road|avenue|lane|close))\b"
)
"""What a number said first may count when the caller does not answer the question for an age."""
_MONTHS_TRAP: Final = re.compile(r"(?:weeks?|months?) (?:gone|pregnant|along|plus)|pregnant")


def ages(text: str, asked: bool, animal: bool = False) -> Iterator[Age]:
    """Every age said; a bare number counts only when the operator `asked` for an age."""
    if young := _HALF.search(text) or _YEAR_OLD.search(text):
        yield from _age(text, young, 1.0, animal)
    if not _DIGIT.search(text):
        return
    for match in (*_OLD.finditer(text), *_YOUNG.finditer(text), *_COUNTED.finditer(text)):
        yield from _age(text, match, float(match[1]) * _UNIT_YEARS[match[2]], animal)
    for regex in (_AGED, _PERSON, *((_TURNED,) if asked else ())):
        for match in regex.finditer(text):
            yield from _age(text, match, float(match[1] or match[2]), animal)
    for match in _IS.finditer(text):
        if not _TRAPS.match(text[match.end() :].lstrip(" ,")) or text[match.end() - 2] in ",.":
            yield from _age(text, match, float(match[2]), animal)
    if asked and (bare := _BARE.search(text)):
        yield from _asked_age(text, bare)
    elif asked and _MYSELF.search(text):
        yield from (Age(float(m[2]), Subject.UNSAID, m.start(), m.end()) for m in _IS.finditer(text))
    elif asked and not _IS.search(text) and (only := _only_number(text)):
        yield from _asked_age(text, only)


def _only_number(text: str) -> re.Match[str] | None:
    """The one number of a short answer, unless it is a house's."""
    numbers = list(_NUMBER.finditer(text))
    alone = len(numbers) == 1 and text.count(" ") <= MAX_ANSWER and not _HOUSE.search(text)
    return numbers[0] if alone else None


def lone_age(text: str, child: bool) -> Age | None:
    """The age that a number alone may be, where nothing that wants a number was asked; `child` says that it is a child.

    Months and weeks count, and numbers under 13, only of a child.
    """
    match = _ALONE.search(text) or _APPOSED.search(text)
    if match is None:
        return None
    unit = match[2] if match.re is _ALONE else None
    years = float(match[1]) * (_UNIT_YEARS[unit] if unit else 1.0)
    if years > MAX_AGE_YEARS - 10 or (years < GROWN and not child) or (unit in ("week", "day") and years > 1):
        return None
    return Age(years, Subject.UNSAID, match.start(1), match.end(1))


def _asked_age(text: str, match: re.Match[str]) -> Iterator[Age]:
    unit = re.match(r"(year|yr|month|week|day)", text[match.end() :].lstrip())
    years = float(match[1]) * (_UNIT_YEARS[unit[1]] if unit else 1.0)
    if years <= MAX_AGE_YEARS and not _NO_AGE.match(text[match.end() :].lstrip()):
        yield Age(years, Subject.UNSAID, match.start(1), match.end(1))


def _age(text: str, match: re.Match[str], years: float, animal: bool) -> Iterator[Age]:
    if years <= MAX_AGE_YEARS and not _MONTHS_TRAP.search(text[match.start() : match.end() + 16]):
        yield Age(years, read(text, match.start(), match.end(), animal).subject, match.start(), match.end())


_PHONE: Final = re.compile(r"(?<= )(?:\+ ?)?(?:(?:double|triple|treble|\d+|oh|o|zero|plus|dash|,) ){2,}")
_REPEATS: Final = {"double": 2, "triple": 3, "treble": 3}


def phone_numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """Telephone numbers of 7 to 15 digits said in figures, with "double" and "oh", and where they stand."""
    for match in _PHONE.finditer(text):
        digits, times = "", 1
        for piece in match[0].split():
            if piece in _REPEATS:
                times = _REPEATS[piece]
                continue
            digits += {"oh": "0", "o": "0", "zero": "0"}.get(piece, piece if piece.isdigit() else "") * times
            times = 1
        if 7 <= len(digits) <= 15:
            yield digits, match.start(), match.end()


@dataclass(frozen=True, slots=True)
class Measure:
    """A measurement that means a finding."""

    code: str
    regex: re.Pattern[str]
    low: float
    high: float


def _measure(code: str, name: str, low: float, high: float) -> Measure:
    said = (
        "is|are|was|of|at|came|back|reading|level|levels|about|around|just|now|showing|says|down to|up to|to|has|rate"
    )
    lead = rf"(?: (?:{said}|been))*"
    return Measure(code, re.compile(rf"(?<= )(?:{name}){lead} (\d+(?:\.\d+)?) "), low, high)


_TEMPERATURE: Final = "temperature|temp|fever|t|pyrexia|temps"
_SUGAR: Final = (
    "blood sugar|sugar|sugars|bm|glucose|blood glucose|pricked his finger ,?|pricked her finger ,?|bms|sugar level"
)
MEASURES: Final = (
    _measure(
        "spo2_low",
        "spo2|sats|sat|saturation|saturations|oxygen|oxygen level|oxygen levels|oxygen sats|o2|pulse ox",
        50,
        91,
    ),
    _measure("heart_rate_extreme", "hr|heart rate|pulse|pulse rate|rate", 131, 260),
    _measure("heart_rate_extreme", "hr|heart rate|pulse|pulse rate", 20, 40),
    _measure("breathing_fast", "rr|resps|resp rate|respiratory rate|respirations|respiration", 25, 80),
    _measure("pressure_high", "bp|blood pressure|pressure", 180, 300),
    _measure("pressure_raised", "bp|blood pressure|pressure", 140, 179),
    _measure("pressure_low", "bp|blood pressure|pressure|systolic", 40, 90),
    _measure("temperature_raised", _TEMPERATURE, 38, 39.4),
    _measure("temperature_raised", _TEMPERATURE, 100.4, 102.9),
    _measure("temperature_high", _TEMPERATURE, 39.5, 40.9),
    _measure("temperature_high", _TEMPERATURE, 103, 105.7),
    _measure("temperature_extreme", _TEMPERATURE, 41, 44),
    _measure("temperature_extreme", _TEMPERATURE, 105.8, 112),
    _measure("temperature_low", "temperature|temp", 24, 34.9),
    _measure("sugar_low", _SUGAR, 0.5, 3.9),
    _measure("sugar_low", _SUGAR, 20.1, 59),
    _measure("sugar_high", _SUGAR, 20, 20.09),
    _measure("sugar_high", _SUGAR, 300, 900),
    _measure("gcs_low", "gcs|glasgow coma scale", 3, 12),
    _measure("eye_pressure_high", "iop|intraocular pressure .. eye|eye pressure", 30, 90),
)


def measurements(text: str) -> Iterator[tuple[str, int, int]]:
    """Finding codes for the measurements in a text, and where they stand."""
    if not _DIGIT.search(text):
        return
    for measure in MEASURES:
        for match in measure.regex.finditer(text):
            if measure.low <= float(match[1]) <= measure.high:
                yield measure.code, match.start(), match.end()
