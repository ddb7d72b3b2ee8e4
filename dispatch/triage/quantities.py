"""Telephone numbers and measurements in a chunk's text; ages are in `ages`.

In: a chunk's text. Out: telephone numbers as digits, and finding codes that measurements mean (an oxygen saturation of
85 is `spo2_low`). Thresholds: NEWS2 single scores of 3 (Royal College of Physicians, 2017) where one exists, else the
source beside the figure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .patterns import clues

_DIGIT: Final = re.compile(r"\d")
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
    """A measurement, and the findings that its figures mean, each from the least to the greatest of them."""

    regex: re.Pattern[str]
    ranges: tuple[tuple[str, float, float], ...]
    first: frozenset[str]
    """One of these words is in it."""


def _measure(name: str, *ranges: tuple[str, float, float]) -> Measure:
    said = (
        "is|are|was|of|at|came|back|reading|level|levels|about|around|just|now|showing|says|down to|up to|to|has|rate"
    )
    lead = rf"(?: (?:{said}|been))*"
    first = frozenset(option.split()[0] for option in name.split("|"))
    return Measure(re.compile(rf"(?<= )(?:{name}){lead} (\d+(?:\.\d+)?) "), ranges, first)


_TENTHS: Final = frozenset(f"{tenths / 10:.1f}" for tenths in range(380, 420))
_UNIT: Final = r"(?!(?:kilos?|kg|miles?|pounds?|percent|metres?|grams?|litres?|million) )"
MEASURES: Final = (
    # A blood pressure told by its two numbers, a temperature by its figure with a tenth: nobody says what it is.
    Measure(
        re.compile(r"(?<= )([12]\d\d) over (?:\d{2,3}|1 \d{2}) "),
        (("pressure_high", 180, 260), ("pressure_raised", 140, 179)),
        frozenset({"over"}),
    ),
    Measure(
        re.compile(rf"(?<= )((?:3[89]|4[01])\.\d) {_UNIT}"),
        (("temperature_raised", 38, 39.4), ("temperature_high", 39.5, 40.9)),
        _TENTHS,
    ),
    Measure(
        re.compile(r"(?<= )(3[89]|4[01]) \d (?:under|in (?:the|her|his) ear|on the|degrees|this|last|yesterday) "),
        (("temperature_raised", 38, 39), ("temperature_high", 40, 41)),
        frozenset({"38", "39", "40", "41"}),
    ),
    _measure(
        "spo2|sats|sat|saturation|saturations|oxygen|oxygen level|oxygen levels|oxygen sats|o2|pulse ox",
        ("spo2_low", 50, 91),
    ),
    _measure("hr|heart rate|pulse|pulse rate|rate", ("heart_rate_extreme", 131, 260)),
    _measure("hr|heart rate|pulse|pulse rate", ("heart_rate_extreme", 20, 40)),
    _measure("rr|resps|resp rate|respiratory rate|respirations|respiration", ("breathing_fast", 25, 80)),
    _measure("bp|blood pressure|pressure", ("pressure_high", 180, 300), ("pressure_raised", 140, 179)),
    _measure("bp|blood pressure|pressure|systolic", ("pressure_low", 40, 90)),
    _measure(
        "temperature|temp|fever|t|pyrexia|temps",
        ("temperature_raised", 38, 39.4),
        ("temperature_raised", 100.4, 102.9),
        ("temperature_high", 39.5, 40.9),
        ("temperature_high", 103, 105.7),
        ("temperature_extreme", 41, 44),
        ("temperature_extreme", 105.8, 112),
    ),
    _measure("temperature|temp", ("temperature_low", 24, 34.9)),
    _measure(
        "blood sugar|sugar|sugars|bm|glucose|blood glucose|pricked his finger ,?|pricked her finger ,?|bms|sugar level",
        ("sugar_low", 0.5, 3.9),
        ("sugar_low", 20.1, 59),
        ("sugar_high", 20, 20.09),
        ("sugar_high", 300, 900),
    ),
    _measure("gcs|glasgow coma scale", ("gcs_low", 3, 12)),
    _measure("iop|intraocular pressure .. eye|eye pressure", ("eye_pressure_high", 30, 90)),
)


def measurements(text: str) -> Iterator[tuple[str, int, int]]:
    """Finding codes for the measurements in a text, and where they stand."""
    if not _DIGIT.search(text):
        return
    said = clues(text)
    for measure in MEASURES:
        found = [] if measure.first.isdisjoint(said) else list(measure.regex.finditer(text))
        for code, low, high in measure.ranges:
            yield from ((code, m.start(), m.end()) for m in found if low <= float(m[1]) <= high)
