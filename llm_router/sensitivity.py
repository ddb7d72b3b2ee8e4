"""How sensitive a text is, by where it comes from, and who may see it.

In: the parts of a request. Out: one label for the whole, and the reasons. The label follows from a part's *type*,
which says its provenance: text of a call is sensitive whatever it says; a case in a closed vocabulary is de-identified;
public text names its origin. Detectors miss most of what is spoken (docs/router.md), so they are tripwires that can
only raise the label. Pure. Invariant: nothing here, and nothing that a model says, lowers a label.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from .cases import CaseText
from .redaction import PATTERNS, RedactedText


class Sensitivity(IntEnum):
    """Labels, the most sensitive last. A text is as sensitive as the most sensitive thing in it."""

    PUBLIC = 0
    """Training scripts and prompts: any provider."""
    DEIDENTIFIED = 1
    """A case from a closed vocabulary: any provider that the policy names."""
    REDACTED = 2
    """Text of a call with placeholders: a cloud provider only where a tenant's contract says so."""
    SENSITIVE = 3
    """Derived from a call: self-hosted models only."""


@dataclass(frozen=True, slots=True)
class PublicText:
    """Text written for everybody. `origin` names the published document that it comes from."""

    text: str = field(repr=False)
    origin: str


@dataclass(frozen=True, slots=True)
class CallText:
    """Text derived from a call: transcript, card, summary, notes, or a model's answer to any of them."""

    text: str = field(repr=False)


Part = PublicText | CaseText | RedactedText | CallText

_PROVENANCE: Final[Mapping[type, Sensitivity]] = {
    PublicText: Sensitivity.PUBLIC,
    CaseText: Sensitivity.DEIDENTIFIED,
    RedactedText: Sensitivity.REDACTED,
    CallText: Sensitivity.SENSITIVE,
}

Detector = Callable[[str], Iterable[str]]
"""A tripwire: a text in, names of what it found out. Never the finding itself."""

_SPOKEN: Final[Mapping[str, re.Pattern[str]]] = {
    "self_introduction": re.compile(r"\b(?:my|his|her|their) name(?:'s| is)\b|\bi(?:'m| am) called\b", re.IGNORECASE),
    "spoken_number": re.compile(
        r"(?:\b(?:oh|zero|one|two|three|four|five|six|seven|eight|nine|double|treble|triple)\b[ ,.-]*){6,}",
        re.IGNORECASE,
    ),
    "street_address": re.compile(
        r"\b[0-9]{1,4}[a-z]? (?:[a-z'-]+ ){1,3}"
        r"(?:street|road|avenue|lane|drive|close|court|place|crescent|terrace|way)\b",
        re.IGNORECASE,
    ),
    "coordinates": re.compile(r"-?[0-9]{1,2}\.[0-9]{4,}\s*,\s*-?[0-9]{1,3}\.[0-9]{4,}"),
}


def shapes(text: str) -> Iterable[str]:
    """The built-in tripwire: personal-looking shapes and turns of phrase."""
    for name, pattern in (*PATTERNS.items(), *_SPOKEN.items()):
        if pattern.search(text):
            yield name.lower()


@dataclass(frozen=True, slots=True)
class Label:
    """A request's sensitivity and why: `provenance:<type>` and `tripwire:<name>`."""

    sensitivity: Sensitivity
    reasons: tuple[str, ...]


_CALL_LABEL: Final = Label(Sensitivity.SENSITIVE, ("provenance:CallText",))


def label_of(parts: Sequence[Part], detectors: Sequence[Detector] = (shapes,)) -> Label:
    """The label of a request: the highest provenance, raised to SENSITIVE when any tripwire finds anything.

    An unknown type counts as sensitive. With text of a call among the parts nothing is left to raise.
    """
    highest = Sensitivity.PUBLIC
    for part in parts:
        provenance = _PROVENANCE.get(type(part), Sensitivity.SENSITIVE)
        if provenance is Sensitivity.SENSITIVE:
            return _CALL_LABEL
        highest = max(highest, provenance)
    found = tuple(sorted({f"tripwire:{name}" for part in parts for detect in detectors for name in detect(part.text)}))
    if found:
        return Label(Sensitivity.SENSITIVE, found)
    names = {f"provenance:{type(part).__name__}" for part in parts if _PROVENANCE[type(part)] is highest}
    return Label(highest, tuple(sorted(names)))


def admits(clearance: Sensitivity, label: Sensitivity) -> bool:
    """The gate: whether an endpoint with this clearance may see text with this label.

    It is asked once for each label and endpoint, when the lanes are built (`lanes.py`); a request only ever holds the
    clients of its own lane.
    """
    return label <= clearance
