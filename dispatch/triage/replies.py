"""What callers tell, besides yes and no, when they were asked whether somebody is awake or breathes.

In: the caller's chunk and the topics that are open. Out: codes of the findings that it states. The words are data
(`replies.yaml`): "it's quiet", "one, and then I wait" mean what they mean because of the question, so the patterns are
wider than the findings' own. What is denied, past or only feared states nothing, as everywhere (`context`).
Invariant: without an open question of life nothing is stated.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pydantic import BaseModel, ConfigDict

from .context import Subject, Time, read
from .patterns import Pattern, pattern
from .prefilter import Prefilter
from .resources import document
from .words import Chunk

BREATHING: Final = frozenset({"breathing", "breathing_how", "breathing_normal", "chest_rise"})
"""Questions about breathing that are no question about trouble with it."""
AWAKE: Final = frozenset({"conscious", "conscious_how"})
_ASKED: Final = {"breathing": BREATHING, "conscious": AWAKE, "state": AWAKE | {"how_now"}}
_OPEN: Final = frozenset(code for codes in _ASKED.values() for code in codes)


class ReplySpec(BaseModel):
    """One entry of `replies.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    states: str
    asked: str
    negative: bool = False
    """Whether a "not" within a match is the reply's own and does not deny it."""
    patterns: tuple[str, ...]
    says: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reply:
    code: str
    asked: frozenset[str]
    negative: bool


@lru_cache(maxsize=1)
def replies() -> tuple[ReplySpec, ...]:
    """Every entry, in the order in which they are tried."""
    return tuple(ReplySpec.model_validate(body) for body in document("replies.yaml"))


@lru_cache(maxsize=1)
def _rules() -> Prefilter[_Reply]:
    return Prefilter(
        (pattern(text), _Reply(spec.states, _ASKED[spec.asked], spec.negative))
        for spec in replies()
        for text in spec.patterns
    )


def reply_patterns() -> Iterator[Pattern]:
    """Every pattern of every reply."""
    return (one for one, _ in _rules().entries)


def replied(chunk: Chunk, asked: Iterable[str]) -> tuple[str, ...]:
    """The findings that a chunk states, given the codes of what was asked; each once."""
    open_now = frozenset(asked)
    if open_now.isdisjoint(_OPEN):
        return ()
    meant = (
        rule.code
        for told, rule in _rules().near(chunk.text)
        if not open_now.isdisjoint(rule.asked)
        and any(_is_meant(rule, chunk.text, match.start(), match.end()) for match in told.finditer(chunk.text))
    )
    return tuple(dict.fromkeys(meant))


_DENIES: Final = re.compile(r" (?:not|never|hardly|barely|nothing|was|were|if|until|before) ")


def _is_meant(rule: _Reply, text: str, begin: int, end: int) -> bool:
    reading = read(text, begin, end, inside=not rule.negative)
    meant = reading.time is Time.NOW and reading.subject is not Subject.NOT_A_PERSON
    return meant and (rule.negative or not (reading.negated or _DENIES.search(text[begin - 1 : end])))
