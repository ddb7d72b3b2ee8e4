"""What was done on a call, read off its log: questions asked, steps given, fields confirmed, help sent.

In: timeline entries. Out: deeds in the order of the call, each with its second, the entry that shows it and, where it
was spoken, the words. A question counts when the operator marked it or when their words ask it, whichever is first;
spoken questions are recognised by the same patterns that triage listens with.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from dispatch.contract.audio import Channel
from dispatch.contract.card import Card, FieldName
from dispatch.contract.dispatching import UnitMoved, UnitState
from dispatch.contract.timeline import (
    ActorKind,
    CallAnswered,
    CallBackOffered,
    CallDisposed,
    CallEnded,
    CallHeld,
    CardUpdated,
    CategoryOverridden,
    Disposition,
    EndReason,
    FieldAccepted,
    FieldEdited,
    HelpSent,
    NoteAdded,
    QuestionAsked,
    SpeechFinal,
    StepDone,
    TimelineEntry,
)
from dispatch.contract.training import DeedView
from dispatch.contract.transcript import Utterance
from dispatch.triage import Case, Heard, HeardStatus, hear

MAX_WORDS: Final = 200
SENT: Final = re.compile(
    r"\b(?:ambulance|crew|help|paramedics?|they|unit|someone|somebody)(?: is|'s| are|'re)? "
    r"(?:already )?(?:on (?:its|the|their) way|coming)\b"
    r"|\b(?:sending|dispatching|i have sent|i've sent) (?:you |out )?(?:an? |the |some )?"
    r"(?:ambulance|crew|help|paramedics?|unit)",
    re.IGNORECASE,
)
"""An operator tells the caller that help is coming."""


def deeds_of(entries: Iterable[TimelineEntry]) -> tuple[DeedView, ...]:
    """Everything that a rubric can ask after, each once at its first time, except questions and steps: each time."""
    seen: set[str] = set()
    deeds = []
    for entry in entries:
        for deed in _shown_by(entry):
            again = deed.action.startswith(("ask:", "instruct:"))
            if again or deed.action not in seen:
                seen.add(deed.action)
                deeds.append(deed)
    return tuple(sorted(deeds, key=lambda deed: (deed.at_s, deed.seq)))


def _shown_by(entry: TimelineEntry) -> Iterator[DeedView]:
    match entry.body:
        case SpeechFinal(utterance=utterance) if utterance.channel is Channel.OPERATOR:
            yield from _spoken(entry, utterance)
        case CardUpdated(card=card):
            yield from (_deed(entry, name) for name in _on_card(card))
        case _:
            yield from (_deed(entry, name) for name in _done(entry))


def _done(entry: TimelineEntry) -> Iterator[str]:
    """The deeds that an entry states by itself."""
    match entry.body:
        case CallAnswered():
            yield "answer"
        case CallHeld():
            yield "hold"
        case CallBackOffered():
            yield "call_back"
        case CallEnded(reason=EndReason.OPERATOR_HUNG_UP):
            yield "hang_up"
        case CallDisposed(disposition=disposition):
            yield f"dispose:{disposition.value}"
            if disposition is Disposition.AMBULANCE_SENT:
                yield "dispatch"
        case FieldAccepted(name=name) | FieldEdited(name=name):
            yield f"confirm:{name.value}"
        case CategoryOverridden(before=before, after=after) if before is None or after > before:
            yield "lower_category"
        case QuestionAsked(code=code):
            yield f"ask:{code}"
        case StepDone(script_id=script, step_id=step):
            yield f"instruct:{script}"
            yield f"instruct:{script}/{step}"
        case HelpSent() | UnitMoved(state=UnitState.ASSIGNED):
            yield "dispatch"
        case NoteAdded():
            yield "note"


def _on_card(card: Card) -> Iterator[str]:
    """What the card shows."""
    for field in card.fields:
        yield f"know:{field.name.value}"
    complaint = card.field(FieldName.COMPLAINT)
    if complaint is not None:
        yield f"complaint:{complaint.value}"
    if card.category is not None:
        yield from (f"category:{urgency}" for urgency in range(card.category, 6))


def _spoken(entry: TimelineEntry, utterance: Utterance) -> Iterator[DeedView]:
    """What an operator's words do."""
    if not utterance.words:
        return
    at_s, words = utterance.end_s, utterance.text[:MAX_WORDS]
    names = ["speak", *(f"ask:{code}" for code in questions_in(utterance))]
    if SENT.search(utterance.text):
        names.append("tell_help")
    for name in names:
        yield DeedView(action=name, by=ActorKind.OPERATOR, at_s=at_s, seq=entry.seq, words=words)


def questions_in(utterance: Utterance) -> tuple[str, ...]:
    """Codes of the questions that an operator's utterance asks, sorted."""
    heard = Heard(utterance.utterance_id, Channel.OPERATOR, utterance.words, HeardStatus.FINAL)
    asked = hear(Case.new(), heard).picture.asked
    return tuple(sorted(code for code in asked if not code.startswith("is_")))


def _deed(entry: TimelineEntry, name: str) -> DeedView:
    return DeedView(action=name, by=entry.actor.kind, at_s=entry.call_s, seq=entry.seq)
