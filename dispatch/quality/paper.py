"""What an after-action report on paper holds, as values; `dispatch.quality.pdf` draws it.

In: a sheet, a call's log. Out: a `Paper`. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dispatch.contract.audio import Channel
from dispatch.contract.timeline import (
    CallAnswered,
    CallEnded,
    CategoryRaised,
    FieldAccepted,
    FieldEdited,
    HelpSent,
    QuestionAsked,
    SpeechFinal,
    StepDone,
    TimelineEntry,
)
from dispatch.contract.training import ScoreSheet


@dataclass(frozen=True)
class Paper:
    """What a report on paper holds."""

    title: str
    at: datetime
    sheet: ScoreSheet
    exercise: bool = True
    facts: Sequence[tuple[str, str]] = field(default=(), repr=False)
    judgements: Sequence[str] = field(default=(), repr=False)
    """What people made of the score."""
    happened: Sequence[tuple[float, str]] = field(default=(), repr=False)
    """Second of the call, and what was said or done."""
    trend: Sequence[tuple[str, str, float, bool]] = ()
    """Runs of the trainee, oldest first: when, scenario, percent, passed."""


def happened_on(entries: Iterable[TimelineEntry]) -> Iterator[tuple[float, str]]:
    """What a debriefing walks through, in order: words of both sides, and what the operator did."""
    return iter(sorted(_events(entries), key=lambda event: event[0]))


def _events(entries: Iterable[TimelineEntry]) -> Iterator[tuple[float, str]]:
    for entry in entries:
        match entry.body:
            case SpeechFinal(utterance=said) if said.words:
                yield said.start_s, f"{'Caller' if said.channel is Channel.CALLER else 'Operator'}: {said.text}"
            case CallAnswered(waited_s=waited_s):
                yield entry.call_s, f"Answered after {waited_s:.1f} s"
            case QuestionAsked(code=code, answer=answer):
                yield entry.call_s, f"Asked: {code}{f' - {answer}' if answer else ''}"
            case StepDone(script_id=script, step_id=step, answer=answer):
                yield entry.call_s, f"Step given: {script}/{step}{f' - {answer}' if answer else ''}"
            case FieldAccepted(name=name):
                yield entry.call_s, f"Confirmed: {name.value}"
            case FieldEdited(name=name, value=value):
                yield entry.call_s, f"Typed: {name.value} = {value}"
            case HelpSent():
                yield entry.call_s, "Help sent"
            case CategoryRaised(before=before, after=after):
                yield entry.call_s, f"Category {before or '-'} raised to {after}"
            case CallEnded(reason=reason):
                yield entry.call_s, f"Ended: {reason.value.replace('_', ' ')}"
