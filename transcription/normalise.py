"""Numbers and spelled letters written as one would type them, beside what was said. Pure. English only, so far.

"one two three" becomes 123, "twenty five" 25, "two hundred and ten" 210, "S M I T H" or "S-M-I-T-H" SMITH. The
first word of such a run carries the form, the others an empty one. "oh" counts as a zero only inside a run of digits,
and "one" alone stays a word ("no one", "the one").
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from .events import Word
from .guards import plain

_BELOW_TWENTY: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENFOLD: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS: Final = {word: value for value, word in enumerate(_BELOW_TWENTY.split())}
_TENS: Final = {word: 10 * value for value, word in enumerate(_TENFOLD.split(), start=2)}
_SCALES: Final = {"hundred": 100, "thousand": 1000}
_REPEATS: Final = {"double": 2, "triple": 3}
_LETTERS_MIN: Final = 2


def normalised(words: Sequence[Word], language: str) -> tuple[Word, ...]:
    """The words with their second field filled where it says something else."""
    if language != "en":
        return tuple(words)
    plains = [plain(word.text) for word in words]
    result = list(words)
    at = 0
    while at < len(words):
        form, count = _run(plains, at, [word.text for word in words])
        if form:
            result[at] = replace(words[at], normalised=form)
            for later in range(at + 1, at + count):
                result[later] = replace(words[later], normalised="")
        at += max(1, count)
    return tuple(result)


def _run(words: Sequence[str], at: int, said: Sequence[str]) -> tuple[str, int]:
    """The form and length of the run that begins there; ("", 0) when none does."""
    hyphenated = said[at].strip(".,!?")
    if hyphenated.count("-") >= _LETTERS_MIN and all(len(part) == 1 for part in hyphenated.split("-")):
        return hyphenated.replace("-", "").upper(), 1
    letters = _letters(words, at)
    if letters >= _LETTERS_MIN:
        return "".join(words[at : at + letters]).upper(), letters
    return _number(words, at)


def _letters(words: Sequence[str], at: int) -> int:
    count = 0
    while at + count < len(words) and len(words[at + count]) == 1 and words[at + count].isalpha():
        count += 1
    return count


def _number(words: Sequence[str], at: int) -> tuple[str, int]:
    """Digits one after the other are joined; anything with tens or scales is added up."""
    forms: list[str] = []
    place = at
    while place < len(words):
        form, count = _figure(words, place, bool(forms))
        if not count:
            break
        forms.append(form)
        place += count
    return ("", 1) if list(words[at:place]) == ["one"] else ("".join(forms), place - at)


def _figure(words: Sequence[str], at: int, inside: bool) -> tuple[str, int]:
    if inside and words[at] in ("oh", "o"):
        return "0", 1
    if words[at] in _REPEATS and at + 1 < len(words) and _UNITS.get(words[at + 1], 10) < 10:
        return str(_UNITS[words[at + 1]]) * _REPEATS[words[at]], 2
    return _amount(words, at)


def _amount(words: Sequence[str], at: int) -> tuple[str, int]:
    """One amount such as "two hundred and ten" or "twenty five"."""
    total, current, place, scaled = 0, _small(words, at), at, False
    if not current[1]:
        return "", 0
    value, place = current[0], at + current[1]
    while place < len(words) and words[place] in _SCALES:
        value, scaled, place = value * _SCALES[words[place]], True, place + 1
    if scaled:
        total, value = value, 0
        skip = 1 if place < len(words) and words[place] == "and" else 0
        rest = _small(words, place + skip)
        if rest[1]:
            value, place = rest[0], place + skip + rest[1]
    return str(total + value), place - at


def _small(words: Sequence[str], at: int) -> tuple[int, int]:
    """A number below a hundred, and how many words it takes."""
    if at >= len(words):
        return 0, 0
    if words[at] in _UNITS:
        return _UNITS[words[at]], 1
    if words[at] not in _TENS:
        return 0, 0
    unit = _UNITS.get(words[at + 1], 10) if at + 1 < len(words) else 10
    return (_TENS[words[at]] + unit, 2) if 0 < unit < 10 else (_TENS[words[at]], 1)
