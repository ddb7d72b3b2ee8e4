"""Instructions before arrival: which script, and where the caller stands in it.

In: a case. Out: the script's steps from the log of steps given. Scripts are `scripts/*.yaml`: steps with answers that
branch, and hand-over to other scripts; the checker proves that they have no circle. The age chooses the deck.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pydantic import BaseModel, ConfigDict

from dispatch.contract.card import Instructions, InstructionStep

from .actions import Done
from .case import Case
from .complaints import ranked_complaints
from .protocols import ADULT_YEARS, protocols
from .resources import documents


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Way(_Data):
    """Where an answer leads: a step of this script, or another script."""

    answer: str
    step: str | None = None
    script: str | None = None


class Step(_Data):
    """One step, read aloud word for word."""

    say: str
    ways: tuple[Way, ...] = ()
    """Branches; none means the next step in order."""
    then: str | None = None
    """Next step when it is not the one below; `end` closes the script."""


class Script(_Data):
    """An instruction script."""

    title: str
    version: str
    metronome_bpm: int | None = None
    deck: dict[str, str] = {}
    """Other script for `infant` (under 1 year) and `child` (1 year to puberty)."""
    steps: dict[str, Step]
    sources: tuple[str, ...]

    def first(self) -> str:
        """The id of the step that the script begins with."""
        return next(iter(self.steps))

    def following(self, step_id: str) -> str | None:
        """The step after this one where no answer leads elsewhere; None at the end."""
        if self.steps[step_id].then is not None:
            return None if self.steps[step_id].then == "end" else self.steps[step_id].then
        ids = list(self.steps)
        at = ids.index(step_id) + 1
        return ids[at] if at < len(ids) else None


INFANT_YEARS: Final = 1.0


@lru_cache(maxsize=1)
def scripts() -> dict[str, Script]:
    """Every script by code."""
    return {code: Script.model_validate(body) for _, content in documents("scripts") for code, body in content.items()}


def knows_script(code: str | None) -> bool:
    """Whether there is such a script; a log may name one that a newer version no longer has."""
    return code in scripts()


def script_of(case: Case) -> str | None:
    """The script that fits the call: the operator's choice and where it handed over to, else the complaint's."""
    chosen = case.log.script if knows_script(case.log.script) else _suggested(case)
    return _handed_over(case, chosen) if chosen else None


def _suggested(case: Case) -> str | None:
    for reason in ranked_complaints(case):
        script = protocols()[reason.complaint].script
        if script is not None:
            return _for_age(case, script)
    return None


def _for_age(case: Case, script: str) -> str:
    deck = scripts()[script].deck
    if case.facts.younger_than(INFANT_YEARS):
        return deck.get("infant", script)
    return deck.get("child", script) if case.facts.younger_than(ADULT_YEARS) else script


def _handed_over(case: Case, script: str) -> str:
    for done in case.log.steps:
        way = _way(script, done)
        if way is not None and way.script is not None:
            script = _for_age(case, way.script)
    return script


def _way(script: str, done: Done) -> Way | None:
    if done.script_id != script or done.step_id not in scripts()[script].steps:
        return None
    return next((w for w in scripts()[script].steps[done.step_id].ways if w.answer == done.answer), None)


def instructions_of(case: Case, approved: Mapping[str, str]) -> Instructions | None:
    """The script as it stands, or None when none is needed. `approved`: who signed, by script."""
    code = script_of(case)
    if code is None or code not in scripts():
        return None
    script = scripts()[code]
    done = frozenset(d.step_id for d in case.log.steps if d.script_id == code)
    return Instructions(
        script_id=code,
        title=script.title,
        version=script.version,
        approved_by=approved.get(code),
        steps=_steps(code, done),
        current=_current(case, code, script),
        metronome_bpm=script.metronome_bpm,
    )


@lru_cache(maxsize=256)
def _steps(code: str, done: frozenset[str]) -> tuple[InstructionStep, ...]:
    """A script's steps for the wire; most cards of a call show the same ones."""
    return tuple(
        InstructionStep(step_id=key, text=s.say, answers=tuple(w.answer for w in s.ways), done=key in done)
        for key, s in scripts()[code].steps.items()
    )


def _current(case: Case, code: str, script: Script) -> str | None:
    at: str | None = script.first()
    for done in case.log.steps:
        if done.script_id == code and done.step_id in script.steps:
            way = _way(code, done)
            at = way.step if way is not None and way.step else script.following(done.step_id)
    return at


def other_scripts_of(case: Case) -> tuple[str, ...]:
    """Scripts that the candidates' protocols offer beside the current one."""
    current = script_of(case)
    offered = [
        s
        for r in ranked_complaints(case)
        for s in (protocols()[r.complaint].script, *protocols()[r.complaint].other_scripts)
    ]
    return tuple(dict.fromkeys(s for s in offered if s and s != current and s in scripts()))
