"""Builds calls' logs for the storage tests."""

import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from dispatch.contract.audio import AudioFormat, Channel
from dispatch.contract.base import CallId, CentreId, IncidentId, PersonId, SeatId
from dispatch.contract.card import Card, CardField, FieldName, SetBy, Source
from dispatch.contract.timeline import (
    Actor,
    ActorKind,
    CallAnswered,
    CallDisposed,
    CallEnded,
    CallRang,
    CallStarted,
    CardUpdated,
    ChannelOpened,
    Disposition,
    EndReason,
    EscalationStep,
    NoteAdded,
    TimelineEntry,
)
from dispatch.storage import TenantKeys


@cache
def store_keys() -> TenantKeys:
    """The tenants' keys of all storage tests."""
    return TenantKeys(Path(tempfile.mkdtemp(prefix="kiwimesh-test-keys-")) / "tenants.json")


START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SYSTEM = Actor(kind=ActorKind.SYSTEM)


def card(version: int = 1, *, category: int | None = 1, **fields: str) -> Card:
    """A card with the named fields, all set by one rule."""
    source = Source(set_by=SetBy.RULE, reference="test")
    return Card(
        version=version,
        category=category,
        headline="Not breathing",
        fields=tuple(CardField(name=FieldName(name), value=v, label=v, source=source) for name, v in fields.items()),
    )


def log(call_id: str, *bodies: Any, actor: Actor = SYSTEM, first_seq: int = 1) -> list[TimelineEntry]:
    """Entries one second apart."""
    return [
        TimelineEntry(
            call_id=CallId(call_id),
            seq=seq,
            at=START + timedelta(seconds=seq),
            call_s=float(seq),
            actor=actor,
            body=body,
        )
        for seq, body in enumerate(bodies, first_seq)
    ]


def started(centre: str, incident: str, *, exercise: bool = False) -> CallStarted:
    return CallStarted(
        centre_id=CentreId(centre),
        incident_id=IncidentId(incident),
        entry="web",
        format=AudioFormat(),
        phone="+64 21 555",
        exercise=exercise,
    )


def whole_call(call_id: str, centre: str) -> list[TimelineEntry]:
    """A call from its start to its disposition."""
    operator = Actor(kind=ActorKind.OPERATOR, person_id=PersonId("olive"), seat_id=SeatId("seat-1"))
    before = log(
        call_id,
        started(centre, f"incident-{call_id}"),
        ChannelOpened(channel=Channel.CALLER, format=AudioFormat()),
        CallRang(step=EscalationStep.READY_SEATS, seats=(SeatId("seat-1"),)),
    )
    after = log(
        call_id,
        CallAnswered(waited_s=3),
        CardUpdated(card=card(1, category=2, age="70", breathing="abnormal")),
        CardUpdated(card=card(2, category=1, age="70", breathing="absent")),
        NoteAdded(text="Ehemann öffnet die Tür"),
        CallEnded(reason=EndReason.CALLER_HUNG_UP),
        CallDisposed(disposition=Disposition.AMBULANCE_SENT),
        actor=operator,
        first_seq=4,
    )
    return before + after
