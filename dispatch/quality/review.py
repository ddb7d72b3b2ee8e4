"""The rubric of a real call: its complaint's protocol, for a review of every call.

In: a closed call's log. Out: a rubric made of the questions that no call may do without, the protocol's own questions
and script, and sending help in time where the category asks for it. What the card already knew counts as asked: a good
call-taker does not ask what was said. Nobody marks such a call as right or wrong; a supervisor reads what was missing.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from dispatch.contract.card import Card, FieldName
from dispatch.contract.timeline import TimelineEntry
from dispatch.contract.training import ExpectedAction, Rubric
from dispatch.triage.answers import questions
from dispatch.triage.instructions import scripts
from dispatch.triage.protocols import protocols

from .answers import last_card

ANSWER_S: Final = 15.0
"""NENA-STA-020.1-2020: 90 % within 15 s."""
DISPATCH_S: Final = 60.0
"""NFPA 1225 (2022): answer to first unit within 60 s, 90 %."""
INSTRUCTIONS_S: Final = 180.0
"""Resuscitation Academy / AHA (PMC8244530): first instruction under 180 s."""
SENT_FOR: Final = frozenset({1, 2})
"""Categories that always get a unit at once."""
MUST: Final = {
    "location": ("ask:location", "ask:location_confirm", "confirm:location", "know:location"),
    "conscious": ("ask:conscious", "know:conscious"),
    "breathing": ("ask:breathing", "ask:breathing_normal", "ask:chest_rise", "know:breathing"),
    "callback_number": ("ask:callback_number", "know:callback_number"),
}


def rubric_for(entries: Sequence[TimelineEntry]) -> Rubric:
    """The rubric of a call by the complaint on its last card; the opening questions alone where none is named."""
    card = last_card(entries)
    complaint = card.field(FieldName.COMPLAINT) if card else None
    code = complaint.value if complaint and complaint.value in protocols() else None
    title = protocols()[code].title if code else "Any call"
    return Rubric(
        rubric_id=f"protocol.{code or 'opening'}",
        title=title,
        expect=(*_opening(), *_protocol(code), *_urgent(card)),
    )


def _opening() -> Iterator[ExpectedAction]:
    yield ExpectedAction(action=("answer",), label="Answers", by_s=ANSWER_S, points=5)
    for code, actions in MUST.items():
        due_s = questions()[code].due_s
        yield ExpectedAction(action=actions, label=questions()[code].ask[:200], by_s=due_s, points=10)


def _protocol(code: str | None) -> Iterator[ExpectedAction]:
    if code is None:
        return
    protocol = protocols()[code]
    for question in protocol.questions:
        if question not in MUST and question != "breathing_normal":
            yield ExpectedAction(action=(f"ask:{question}",), label=questions()[question].ask[:200], points=5)
    if protocol.script is not None:
        decks = (protocol.script, *scripts()[protocol.script].deck.values())
        actions = tuple(f"instruct:{script}" for script in decks)
        title = scripts()[protocol.script].title
        yield ExpectedAction(action=actions, label=f"Gives: {title}", by_s=INSTRUCTIONS_S, points=15)


def _urgent(card: Card | None) -> Iterator[ExpectedAction]:
    if card is not None and card.category in SENT_FOR:
        yield ExpectedAction(action=("dispatch",), label="Sends help", by_s=DISPATCH_S, points=20)
