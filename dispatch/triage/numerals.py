"""Numbers said in words become digits: "forty one point six" is 41.6, "five zero" stays two digits.

In: lower-case tokens with the words they came from. Out: tokens, each number one token over the words it spans.
Digit-by-digit speech (house numbers, telephone numbers) is left as single digits; `places` joins those.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple


class Token(NamedTuple):
    """One normalised token and the first and last word (indexes) that it stands for."""

    text: str
    first: int
    last: int


_UNITS: Final = {
    word: value
    for value, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
            *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        )
    )
} | {"nought": 0}
_TENS: Final = {
    word: 10 * (place + 2)
    for place, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
} | {"fourty": 40}
_HOMOPHONES: Final = {"ate": 8, "won": 1}
"""How recognisers write a unit after a ten; the other homophones (to, for) are far commoner as themselves."""
_TEENS: Final = {"four": 14, "six": 16, "seven": 17, "eight": 18, "nine": 19}
"""Units before a "teen" that a recogniser wrote as a word of its own."""
_SCALES: Final = {"hundred": 100, "thousand": 1000}
_BEGINNINGS: Final = frozenset(("a", "hundred", *_UNITS, *_TENS))
DIGITS: Final = {word: str(value) for word, value in (_UNITS | _TENS).items()}
"""Single number words as they stand in a text after `with_digits`."""
DROPPED: Final = frozenset(("even", "really", "actually", "literally", "basically", "honestly", "obviously", "simply"))
"""Words that change nothing; texts and patterns both go without them."""


def with_digits(tokens: Sequence[Token]) -> list[Token]:
    """The same tokens with every spelled number as digits."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        if tokens[at].text not in _BEGINNINGS:
            out.append(tokens[at])
            at += 1
            continue
        number, after = _number(tokens, at)
        out.append(tokens[at] if number is None else Token(number, tokens[at].first, tokens[after - 1].last))
        at = after
    return out


def _number(tokens: Sequence[Token], at: int) -> tuple[str | None, int]:
    whole, after = _whole(tokens, at)
    if whole is None:
        return None, at + 1
    digits, end = _decimals(tokens, after)
    return (f"{whole}.{digits}" if digits else str(whole)), end


def _whole(tokens: Sequence[Token], at: int) -> tuple[int | None, int]:
    if tokens[at].text == "hundred":
        return _scaled(tokens, at, 1)
    if tokens[at].text == "a" and at + 1 < len(tokens) and tokens[at + 1].text in _SCALES:
        return _scaled(tokens, at + 1, 1)
    value, after = _below_hundred(tokens, at)
    if value is None:
        return None, at + 1
    if value in (1, 2) and after < len(tokens) and tokens[after].text in _TENS:
        rest, end = _below_hundred(tokens, after)
        return 100 * value + (rest or 0), end
    if after < len(tokens) and tokens[after].text in _SCALES and value > 0:
        return _scaled(tokens, after, value)
    return value, after


def _scaled(tokens: Sequence[Token], at: int, value: int) -> tuple[int, int]:
    total = value * _SCALES[tokens[at].text]
    after = at + 1
    rest_at = after + 1 if after < len(tokens) and tokens[after].text == "and" else after
    if rest_at < len(tokens):
        rest, end = _whole(tokens, rest_at)
        if rest is not None and rest < _SCALES[tokens[at].text]:
            return total + rest, end
    return total, after


def _below_hundred(tokens: Sequence[Token], at: int) -> tuple[int | None, int]:
    text = tokens[at].text
    if text in _TENS:
        following = tokens[at + 1].text if at + 1 < len(tokens) else ""
        unit = (
            _UNITS.get(following)
            or _HOMOPHONES.get(following)
            or (int(following) if len(following) == 1 and following.isdecimal() else 0)
        )
        return (_TENS[text] + unit, at + 2) if 0 < unit < 10 else (_TENS[text], at + 1)
    if text not in _UNITS:
        return None, at + 1
    teen = _TEENS.get(text) if at + 1 < len(tokens) and tokens[at + 1].text == "teen" else None
    return (_UNITS[text], at + 1) if teen is None else (teen, at + 2)


def _decimals(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    if at + 1 >= len(tokens) or tokens[at].text != "point":
        return "", at
    digits, after = "", at + 1
    while after < len(tokens) and (tokens[after].text in _UNITS or tokens[after].text.isdigit()):
        digits += str(_UNITS.get(tokens[after].text, tokens[after].text))
        after += 1
    return (digits, after) if digits else ("", at)
