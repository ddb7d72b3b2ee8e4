"""The words for deeds: which actions a rubric may name.

In: an action's name. Out: whether it means anything, and if not, what to write instead. Questions, scripts and
complaints are those of `dispatch.triage`; the table in docs/scenarios.md is this one.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Final

from dispatch.contract.card import FieldName
from dispatch.contract.timeline import Disposition
from dispatch.triage.answers import questions
from dispatch.triage.instructions import scripts
from dispatch.triage.protocols import protocols

PLAIN: Final = {
    "answer": "the call was answered",
    "speak": "the operator said something",
    "dispatch": "help was sent",
    "tell_help": "the operator told the caller that help is coming",
    "hold": "the caller was put on hold",
    "hang_up": "the operator hung up",
    "call_back": "the caller was rung back",
    "lower_category": "the category was made less urgent by hand",
    "note": "a note was written",
}
"""Actions without an object."""


def _fields() -> Iterable[str]:
    return (name.value for name in FieldName)


def _steps() -> Iterable[str]:
    for script_id, script in scripts().items():
        yield script_id
        yield from (f"{script_id}/{step}" for step in script.steps)


OBJECTS: Final[dict[str, tuple[str, Callable[[], Iterable[str]]]]] = {
    "ask": ("a question was asked, by voice or marked", lambda: questions()),
    "know": ("a field is on the card", _fields),
    "confirm": ("a field was accepted or typed by the operator", _fields),
    "instruct": ("a script, or one step of it, was given", _steps),
    "complaint": ("the card names the complaint", lambda: protocols()),
    "category": ("the card is at least as urgent", lambda: ("1", "2", "3", "4", "5")),
    "dispose": ("the call was closed with this outcome", lambda: (d.value for d in Disposition)),
}
"""Actions with an object after a colon."""


def unknown_action(name: str) -> str | None:
    """What is wrong with an action's name and what to write instead; None for one that exists."""
    verb, _, of = name.partition(":")
    if verb in PLAIN:
        return f"`{verb}` takes nothing after it" if of else None
    if verb not in OBJECTS:
        return f"there is no action `{verb}`; there are: {', '.join([*PLAIN, *(f'{v}:…' for v in OBJECTS)])}"
    known = list(OBJECTS[verb][1]())
    if of in known:
        return None
    near = get_close_matches(of, known, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}" if near else f"there are: {', '.join(known[:40])}"
    return f"`{verb}` knows no `{of}`; {hint}"
