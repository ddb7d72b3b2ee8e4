"""Reversible redaction: known values and patterns become placeholders, and come back in the answer.

In: a text and what is known to be personal in it (the card's name, address and number), plus the tripwires' patterns.
Out: a `RedactedText` with the mapping, which never leaves the process. A redacted text is still not fit for a cloud
provider (detectors miss much of what is spoken); it may go there only where a tenant's contract, written in the policy,
says so. Pure. Invariants: restoring gives the very same text back; no known value is left in the redacted text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from .errors import RedactionError

_PLACEHOLDER: Final = re.compile(r"\[\[([A-Z]{2,16})_([0-9]{1,4})\]\]")
_LONGEST_PLACEHOLDER: Final = 26
MIN_VALUE_CHARS: Final = 2

PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "EMAIL": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "POSTCODE": re.compile(r"\b[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}\b"),
    "DATE": re.compile(r"\b[0-3]?[0-9][/.-][01]?[0-9][/.-](?:19|20)?[0-9]{2}\b"),
    "NUMBER": re.compile(r"\+?[0-9](?:[ ()./-]{0,2}[0-9]){5,}"),
}
"""Shapes that are personal whatever they mean: addresses of mail and house, dates, and six or more digits in a row."""


@dataclass(frozen=True, slots=True)
class RedactedText:
    """A text with placeholders, and what they stand for. Made by `redact` only."""

    text: str = field(repr=False)
    originals: Mapping[str, str] = field(repr=False)

    def restore(self, answer: str) -> str:
        """`answer` with every placeholder of this text replaced by what it stands for."""
        return _PLACEHOLDER.sub(lambda match: self.originals.get(match[0], match[0]), answer)


def redact(text: str, known: Mapping[str, Iterable[str]]) -> RedactedText:
    """Redacts the known values, whatever their case, and everything that fits a pattern.

    `known` maps a kind in capitals (PERSON, PLACE) to values of at least two characters. Raises RedactionError for a
    text that already holds placeholders or a kind that is not in capitals.
    """
    if _PLACEHOLDER.search(text):
        raise RedactionError("the text already holds placeholders")
    numbering = _Numbering()
    return RedactedText(_pattern_for(known).sub(numbering.replace, text), numbering.originals)


def _pattern_for(known: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    """One pattern, so that one pass sees the text once: the longest known values first, then the shapes."""
    if not all(re.fullmatch(r"[A-Z]{2,15}", kind) for kind in known):
        raise RedactionError("a kind is not in capitals")
    values = sorted(
        ((value, kind) for kind, given in known.items() for value in given if len(value) >= MIN_VALUE_CHARS),
        key=lambda pair: -len(pair[0]),
    )
    exact = [f"(?P<{kind}_{at}>(?i:{re.escape(value)}))" for at, (value, kind) in enumerate(values)]
    shapes = [f"(?P<{kind}>{pattern.pattern})" for kind, pattern in PATTERNS.items()]
    return re.compile("|".join(exact + shapes))


class _Numbering:
    """Gives every distinct text its own placeholder, so that the original's letters come back exactly."""

    def __init__(self) -> None:
        self.originals: dict[str, str] = {}
        self._given: dict[str, str] = {}

    def replace(self, match: re.Match[str]) -> str:
        found = match[0]
        if found not in self._given:
            kind = str(match.lastgroup).split("_")[0]
            placeholder = f"[[{kind}_{len(self._given) + 1}]]"
            self._given[found] = placeholder
            self.originals[placeholder] = found
        return self._given[found]


class StreamRestorer:
    """Restores a streamed answer, holding back a beginning that may still become a placeholder."""

    def __init__(self, redactions: Iterable[RedactedText]) -> None:
        self._redactions = tuple(redactions)
        self._held = ""

    def feed(self, delta: str) -> str:
        """What can be shown now."""
        if not self._redactions:
            return delta
        text = self._held + delta
        start = text.rfind("[", max(0, len(text) - _LONGEST_PLACEHOLDER))
        if start > 0 and text[start - 1] == "[":
            start -= 1
        ready, self._held = (text, "") if start < 0 or "]]" in text[start:] else (text[:start], text[start:])
        return self._restored(ready)

    def finish(self) -> str:
        """What was still held back."""
        held, self._held = self._held, ""
        return self._restored(held)

    def _restored(self, text: str) -> str:
        for redaction in self._redactions:
            text = redaction.restore(text)
        return text
