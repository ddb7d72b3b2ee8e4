"""The call's clock against the published goals.

In: a case. Out: timers in seconds since the call started; `reached_s` is when the goal was met, None while open.
"""

from collections.abc import Iterator
from functools import lru_cache

from dispatch.contract.card import FieldName, Timer

from .case import Case, Raised

_GOALS = {
    "answered": ("Answered", 15.0, "NENA-STA-020.1-2020: 90 % within 15 s"),
    "address_verified": ("Address verified", 30.0, "median of 185 real calls (PMC10926809)"),
    "complaint": ("Complaint known", 60.0, "NFPA 1225 (2022): processed within 60 s, 90 %"),
    "dispatched": ("Unit sent", 60.0, "NFPA 1225 (2022): first unit within 60 s, 90 %"),
}
_ARREST_GOALS = {
    "arrest_recognised": ("Arrest recognised", 120.0, "Resuscitation Academy / AHA (PMC8244530): under 120 s"),
    "instructions_started": ("First instruction given", 180.0, "Resuscitation Academy / AHA (PMC8244530): under 180 s"),
}


def timers_of(case: Case) -> tuple[Timer, ...]:
    """Every timer of the call, those of a cardiac arrest only when there is one."""
    arrest = any(r.fired.complaint == "cardiac_arrest" for r in case.raised.values())
    goals = {**_GOALS, **(_ARREST_GOALS if arrest else {})}
    reached = dict(_reached(case))
    return tuple(_timer(code, label, goal, source, reached.get(code)) for code, (label, goal, source) in goals.items())


@lru_cache(maxsize=256)
def _timer(code: str, label: str, goal_s: float, source: str, reached_s: float | None) -> Timer:
    """Once for all cards on which a goal stands as it did before."""
    return Timer(code=code, label=label, goal_s=goal_s, reached_s=reached_s, source=source)


def _reached(case: Case) -> Iterator[tuple[str, float]]:
    log = case.log
    if log.answered_s is not None:
        yield "answered", log.answered_s
    if FieldName.LOCATION in log.accepted:
        yield "address_verified", log.accepted[FieldName.LOCATION]
    if log.dispatched_s is not None:
        yield "dispatched", log.dispatched_s
    if log.steps:
        yield "instructions_started", log.steps[0].at_s
    yield from _heard(case)


def _heard(case: Case) -> Iterator[tuple[str, float]]:
    known = [at for r in case.raised.values() if (at := _second(r)) is not None]
    if known:
        yield "complaint", min(known)
    arrest = [
        at for r in case.raised.values() if r.fired.complaint == "cardiac_arrest" and (at := _second(r)) is not None
    ]
    if arrest:
        yield "arrest_recognised", min(arrest)


def _second(raised: Raised) -> float | None:
    ends = [quote.end_s for _, state in raised.states for quote in state.quotes]
    return max(ends, default=None)
