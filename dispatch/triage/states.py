"""The newest state of every finding, and what a new statement does to it.

In: states by code, which are changed in place, and one more statement. Invariants: a later clear statement replaces an
earlier one; an unsure or bare "yes" never clears a red flag; nor does what is said of somebody else.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from .apart import Person, apart
from .context import Time
from .findings import catalogue
from .resources import document
from .values import State

MAX_PEOPLE: Final = 4
"""Told apart for one finding."""
MAX_QUOTES: Final = 3
"""Quotes kept for one finding; the first ones, which are what raised it."""


UNREAL: Final = "unreal"
"""Said of all that was told before: what comes after it counts again, and a red flag ends it."""


@lru_cache(maxsize=1)
def _opposites() -> Mapping[str, tuple[str, ...]]:
    return {code: tuple(others) for code, others in document("opposites.yaml").items()}


@lru_cache(maxsize=1)
def _clearable() -> tuple[str, ...]:
    """Red flags that what is said of somebody's being well may end."""
    ended = {other for others in _opposites().values() for other in others}
    return tuple(sorted(code for code in ended if catalogue()[code].flag))


def reassures(code: str) -> bool:
    """Whether a finding ends others and is no red flag itself: "breathing normally", "it has stopped bleeding"."""
    return code in _opposites() and not catalogue()[code].flag


def put(states: dict[str, State], code: str, new: State) -> None:
    """Takes one more statement about a finding into `states`."""
    if code == "it_stopped" and any(fit in states and states[fit].counts for fit in ("seizure_any", "seizure_now")):
        code = "seizure_over"  # what "it" is, the words before tell
    if code == UNREAL and new.counts:
        _end_all(states)
    old, flag = states.get(code), catalogue()[code].flag
    if not _replaces(old, new, flag) or _of_somebody_else(states, code, new):
        return
    same = old is not None and old.present == new.present
    quotes = (*old.quotes, *new.quotes)[:MAX_QUOTES] if old and same else new.quotes
    states[code] = replace(new, quotes=quotes, about=_with_people(old.about if old and same else (), new.about))
    if new.counts and not new.unsure:
        for other in _opposites().get(code, ()):
            if other in states and states[other].present:
                states[other] = replace(states[other], time=Time.RESOLVED)
    if new.counts and flag:
        states.pop(UNREAL, None)  # somebody real is ill after all
        for other in [known for known in states if reassures(known) and _apart(states[known], new)]:
            del states[other]


def _end_all(states: dict[str, State]) -> None:
    """Whatever was told until now was a game, a drill, a plant: none of it has happened."""
    for code, state in states.items():
        if state.counts and catalogue()[code].kind in ("symptom", "sign", "mechanism", "hazard"):
            states[code] = replace(state, time=Time.IMAGINED)


def _of_somebody_else(states: Mapping[str, State], code: str, new: State) -> bool:
    """Whether it would clear a red flag of one person by what is said of another."""
    if not new.about:
        return False
    ended = _clearable() if new.present and reassures(code) else () if new.present else (code,)
    return any(other in states and states[other].counts and _apart(states[other], new) for other in ended)


def _apart(known: State, new: State) -> bool:
    return any(apart(one, two) for one in known.about for two in new.about)


def _with_people(known: tuple[Person, ...], new: tuple[Person, ...]) -> tuple[Person, ...]:
    return (*known, *(one for one in new if all(apart(one, other) for other in known)))[:MAX_PEOPLE]


def _replaces(old: State | None, new: State, flag: bool) -> bool:
    if new.time is Time.IMAGINED or (new.time is Time.PAST and new.present and old is not None and old.counts):
        return False
    if not new.present and new.time is not Time.NOW:
        return old is None
    return not (old is not None and old.counts and flag and not new.present and new.unsure)
