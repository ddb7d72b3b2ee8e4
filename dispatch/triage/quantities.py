"""Telephone numbers and measurements in a chunk's text; ages are in `ages`.

In: a chunk's text. Out: telephone numbers as digits, and finding codes that measurements mean (an oxygen saturation of
85 is `spo2_low`). Thresholds: NEWS2 single scores of 3 (Royal College of Physicians, 2017) where one exists, else the
source beside the figure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

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
