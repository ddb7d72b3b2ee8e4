"""Protocols: what opens each, how urgent it is, what to ask, what to read out, and where every fact comes from.

In: `protocols/*.yaml`, one per complaint; `overlays.yaml` for call-handling on top of any complaint. Out: typed, frozen
protocols, and `Fired` flags for a set of facts. Pure data and set arithmetic; `checker` proves what the files promise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from .resources import document, documents

ADULT_YEARS: Final = 16.0


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class When(_Data):
    """A condition over the findings that count and the patient's age."""

    all: tuple[str | tuple[str, ...], ...] = ()
    """Each of these; a list inside means any one of it."""
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    under: float | None = None
    """Years; an unknown age does not count, a patient called a baby is under 1, a child under 16."""
    over: float | None = None

    def met(self, facts: "Facts") -> bool:
        """Whether the condition holds now."""
        present = facts.present
        return (
            all(item in present if isinstance(item, str) else not present.isdisjoint(item) for item in self.all)
            and (not self.any or not present.isdisjoint(self.any))
            and present.isdisjoint(self.none)
            and (self.under is None or facts.younger_than(self.under))
            and (self.over is None or (facts.years is not None and facts.years > self.over))
        )

    def wanted(self) -> Iterator[str]:
        """Every finding whose presence helps to meet it."""
        for item in self.all:
            yield from (item,) if isinstance(item, str) else item
        yield from self.any

    def codes(self) -> Iterator[str]:
        """Every finding that the condition names, excluded ones too."""
        yield from (*self.wanted(), *self.none)

    def needed(self) -> Iterator[str]:
        """One way of meeting it: the first choice of each part."""
        for item in self.all:
            yield item if isinstance(item, str) else item[0]
        yield from self.any[:1]


class RedFlag(_Data):
    """A reason for a category, more urgent than the protocol's own."""

    id: str
    label: str
    category: int = Field(ge=1, le=5)
    when: When
    source: str


class Protocol(_Data):
    """One complaint."""

    title: str
    version: str
    types: tuple[int, ...] = ()
    """Call types of the domain list that it covers."""
    entry: When
    category: int = Field(ge=1, le=5)
    category_source: str
    rank: int = 50
    """Of two complaints of one category, the higher names the call."""
    red_flags: tuple[RedFlag, ...] = ()
    questions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    script: str | None = None
    other_scripts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at."""

    present: frozenset[str]
    years: float | None

    def younger_than(self, years: float) -> bool:
        """By the age, or by being called a baby or a child where no age is known."""
        if self.years is not None:
            return self.years < years
        return ("infant" in self.present and years >= 1) or ("child" in self.present and years >= ADULT_YEARS)


@dataclass(frozen=True, slots=True)
class Fired:
    """A reason that holds now: a protocol's own category, or one of its red flags."""

    id: str
    complaint: str
    label: str
    category: int
    codes: tuple[str, ...]
    red: bool


@lru_cache(maxsize=1)
def protocols() -> dict[str, Protocol]:
    """Every complaint's protocol by code."""
    return {
        code: Protocol.model_validate(body) for _, content in documents("protocols") for code, body in content.items()
    }


@lru_cache(maxsize=1)
def overlays() -> dict[str, "Overlay"]:
    """Call-handling overlays by code."""
    return {code: Overlay.model_validate(body) for code, body in document("overlays.yaml").items()}


class Overlay(_Data):
    """Call handling on top of any complaint."""

    title: str
    types: tuple[int, ...]
    version: str
    entry: When
    advice: str
    questions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def fired(facts: Facts) -> tuple[Fired, ...]:
    """Everything that holds, most urgent first; of one category, the complaint with the higher rank first."""
    rules = {rule.id: rule for code in facts.present for rule in _rules().get(code, ())}
    found = [_fired(rule, facts) for rule in rules.values() if rule.when.met(facts)]
    return tuple(sorted(found, key=lambda f: (f.category, -protocols()[f.complaint].rank, f.id)))


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    complaint: str
    label: str
    category: int
    when: When
    red: bool


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[_Rule, ...]]:
    """Rules by each finding that they want present: a rule without any of them present cannot hold."""
    by_code: dict[str, list[_Rule]] = {}
    for complaint, protocol in protocols().items():
        for rule in _of(complaint, protocol):
            for code in rule.when.wanted():
                by_code.setdefault(code, []).append(rule)
    return {code: tuple(rules) for code, rules in by_code.items()}


def _of(complaint: str, protocol: Protocol) -> Iterator[_Rule]:
    yield _Rule(complaint, complaint, protocol.title, protocol.category, protocol.entry, False)
    for flag in protocol.red_flags:
        yield _Rule(f"{complaint}.{flag.id}", complaint, flag.label, flag.category, flag.when, True)


def _fired(rule: _Rule, facts: Facts) -> Fired:
    codes = tuple(dict.fromkeys(code for code in rule.when.wanted() if code in facts.present))
    return Fired(rule.id, rule.complaint, rule.label, rule.category, codes, rule.red)
