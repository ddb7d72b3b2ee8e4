"""Builds calls' logs for the tests of scoring: a list of what happened, each with its second."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from dispatch.contract.audio import Channel
from dispatch.contract.base import CallId, UtteranceId
from dispatch.contract.card import Card, CardField, FieldName, SetBy, Source
from dispatch.contract.timeline import (
    Actor,
    ActorKind,
    CallAnswered,
    CardUpdated,
    SpeechFinal,
    TimelineBody,
    TimelineEntry,
)
from dispatch.contract.transcript import Utterance, Word

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPERATOR = Actor(kind=ActorKind.OPERATOR)
SYSTEM = Actor(kind=ActorKind.SYSTEM)


def log_of(happened: Sequence[tuple[float, TimelineBody]]) -> list[TimelineEntry]:
    """The entries, in the order of their seconds."""
    ordered = sorted(happened, key=lambda event: event[0])
    return [
        TimelineEntry(
            call_id=CallId("call-1"),
            seq=seq,
            at=START + timedelta(seconds=at_s),
            call_s=at_s,
            actor=SYSTEM if isinstance(body, CardUpdated | SpeechFinal) else OPERATOR,
            body=body,
        )
        for seq, (at_s, body) in enumerate(ordered, 1)
    ]


def answered(at_s: float = 4.0) -> tuple[float, TimelineBody]:
    return at_s, CallAnswered(waited_s=at_s)


def said(
    at_s: float, text: str, channel: Channel = Channel.OPERATOR, lasting_s: float = 2.0
) -> tuple[float, TimelineBody]:
    """Words that end at a second, in the log a second later."""
    words = text.split()
    step = lasting_s / len(words)
    begin = at_s - lasting_s
    spoken = tuple(
        Word(text=word, start_s=begin + place * step, end_s=begin + (place + 1) * step, confidence=0.9)
        for place, word in enumerate(words)
    )
    utterance_id = UtteranceId(f"u-{channel.value}-{at_s:g}")
    return at_s + 1, SpeechFinal(
        utterance=Utterance(utterance_id=utterance_id, channel=channel, words=spoken, start_s=begin, end_s=at_s)
    )


def card(at_s: float, category: int | None = 1, **fields: str) -> tuple[float, TimelineBody]:
    """The card as it stands from a second on."""
    source = Source(set_by=SetBy.RULE, reference="test")
    shown = tuple(
        CardField(name=FieldName(name), value=value, label=value, source=source) for name, value in fields.items()
    )
    return at_s, CardUpdated(card=Card(version=1, category=category, fields=shown))
