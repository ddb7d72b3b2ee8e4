"""What a call's timeline adds up to: where the call stands, in one record.

In: a call's entries, in order. Out: its `CallRecord`. Pure. Invariants: the same entries always give the same record;
an entry that says nothing about the call's standing leaves the record as it was, but for the sequence number.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from dispatch.contract.base import CallId, CentreId, IncidentId, PersonId, SeatId
from dispatch.contract.card import Card, FieldName
from dispatch.contract.conference import CallPassedOn
from dispatch.contract.console import CallState
from dispatch.contract.dispatching import IncidentRegrouped
from dispatch.contract.timeline import (
    CallAnswered,
    CallDisposed,
    CallEnded,
    CallRang,
    CallRecovered,
    CallStarted,
    CardUpdated,
    CategoryOverridden,
    CategoryRaised,
    Disposition,
    EndReason,
    EscalationStep,
    LanguageDetected,
    LanguageSet,
    TimelineEntry,
    TranscriptDegraded,
)

LIVE_TRANSCRIPT: Final = "live"


@dataclass(frozen=True)
class CallRecord:
    """Where a call stands."""

    call_id: CallId
    incident_id: IncidentId
    centre_id: CentreId
    entry: str
    exercise: bool
    anonymous: bool
    started_at: datetime
    phone: str | None = field(default=None, repr=False)
    language: str | None = None
    call_back_of: CallId | None = None
    last_seq: int = 0
    state: CallState = CallState.RINGING
    held: bool = False
    escalation: EscalationStep | None = None
    answered_at: datetime | None = None
    answered_by: PersonId | None = None
    seat_id: SeatId | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    closed_at: datetime | None = None
    disposition: Disposition | None = None
    transcript: str = LIVE_TRANSCRIPT
    category: int | None = None
    card: dict[str, Any] = field(default_factory=dict, repr=False)
    """`version`, `headline`, and under `fields` the value of each known field of the newest card."""

    @property
    def patient(self) -> dict[str, str | None] | None:
        """Age, sex, consciousness and breathing as the card has them, or None while it says nothing of a patient."""
        fields = self.card.get("fields", {})
        known = {name.value: fields.get(name.value) for name in PATIENT_FIELDS}
        return known if any(known.values()) else None


PATIENT_FIELDS: Final = (FieldName.AGE, FieldName.SEX, FieldName.CONSCIOUS, FieldName.BREATHING)

Change = Callable[[CallRecord, TimelineEntry, Any], CallRecord]


def opened(entry: TimelineEntry, body: CallStarted) -> CallRecord:
    """The record of a call that has just started; apply its `call.started` entry to it like every other."""
    return CallRecord(
        call_id=entry.call_id,
        incident_id=body.incident_id,
        centre_id=body.centre_id,
        entry=body.entry,
        exercise=body.exercise,
        anonymous=body.anonymous,
        started_at=entry.at,
        phone=body.phone,
        language=body.language,
        call_back_of=body.call_back_of,
    )


def applied(record: CallRecord, entry: TimelineEntry) -> CallRecord:
    """The record after one more entry of its call."""
    change = CHANGES.get(entry.body.kind)
    after = record if change is None else change(record, entry, entry.body)
    return replace(after, last_seq=max(record.last_seq, entry.seq))


def connected_state(record: CallRecord) -> CallState:
    """The state of a call whose caller is on the line."""
    if record.held:
        return CallState.ON_HOLD
    return CallState.RINGING if record.answered_at is None else CallState.ANSWERED


def while_open(record: CallRecord, state: CallState) -> CallState:
    """A call that is over stays over."""
    return record.state if record.state in (CallState.ENDED, CallState.CLOSED) else state


def while_connected(record: CallRecord, state: CallState) -> CallState:
    """A call whose caller is away stays interrupted, whatever operators do meanwhile, until they are back."""
    return record.state if record.state is CallState.INTERRUPTED else while_open(record, state)


def _rang(record: CallRecord, _: TimelineEntry, body: CallRang) -> CallRecord:
    return replace(record, escalation=body.step)


def _answered(record: CallRecord, entry: TimelineEntry, _: CallAnswered) -> CallRecord:
    return replace(
        record,
        state=while_connected(record, CallState.ANSWERED),
        answered_at=entry.at,
        answered_by=entry.actor.person_id,
        seat_id=entry.actor.seat_id,
    )


def _passed_on(record: CallRecord, _: TimelineEntry, body: CallPassedOn) -> CallRecord:
    return replace(record, answered_by=body.person_id, seat_id=body.seat_id)


def _held(record: CallRecord, *_: object) -> CallRecord:
    return replace(record, held=True, state=while_connected(record, CallState.ON_HOLD))


def _unheld(record: CallRecord, *_: object) -> CallRecord:
    after = replace(record, held=False)
    return replace(after, state=while_connected(record, connected_state(after)))


def _interrupted(record: CallRecord, *_: object) -> CallRecord:
    return replace(record, state=while_open(record, CallState.INTERRUPTED))


def _reconnected(record: CallRecord, *_: object) -> CallRecord:
    return replace(record, state=while_open(record, connected_state(record)))


def _offered_back(record: CallRecord, *_: object) -> CallRecord:
    """Nobody has the call: it rings again."""
    after = replace(record, held=False, seat_id=None, answered_at=None, answered_by=None, escalation=None)
    return replace(after, state=while_connected(record, CallState.RINGING))


def _recovered(record: CallRecord, entry: TimelineEntry, body: CallRecovered) -> CallRecord:
    """After a restart nobody has the call, and its caller has yet to come back."""
    return _interrupted(_offered_back(record, entry, body))


def _ended(record: CallRecord, entry: TimelineEntry, body: CallEnded) -> CallRecord:
    return replace(record, state=while_open(record, CallState.ENDED), ended_at=entry.at, end_reason=body.reason)


def _disposed(record: CallRecord, entry: TimelineEntry, body: CallDisposed) -> CallRecord:
    return replace(record, state=CallState.CLOSED, closed_at=entry.at, disposition=body.disposition)


def _of_incident(record: CallRecord, _: TimelineEntry, body: IncidentRegrouped) -> CallRecord:
    return replace(record, incident_id=body.incident_id)


def _card(record: CallRecord, _: TimelineEntry, body: CardUpdated) -> CallRecord:
    return replace(record, category=body.card.category, card=card_summary(body.card))


def _category(record: CallRecord, _: TimelineEntry, body: CategoryRaised | CategoryOverridden) -> CallRecord:
    return replace(record, category=body.after)


def _language(record: CallRecord, _: TimelineEntry, body: LanguageDetected | LanguageSet) -> CallRecord:
    return replace(record, language=body.language)


def _tier(record: CallRecord, _: TimelineEntry, body: TranscriptDegraded) -> CallRecord:
    return replace(record, transcript=body.tier)


def card_summary(card: Card) -> dict[str, Any]:
    """What lists and statistics need of a card; the whole card is in the timeline."""
    return {
        "version": card.version,
        "headline": card.headline,
        "fields": {item.name.value: item.value for item in card.fields},
    }


CHANGES: Final[MappingProxyType[str, Change]] = MappingProxyType(
    {
        "call.rang": _rang,
        "call.answered": _answered,
        "call.passed_on": _passed_on,
        "call.held": _held,
        "call.unheld": _unheld,
        "call.interrupted": _interrupted,
        "call.reconnected": _reconnected,
        "call.recovered": _recovered,
        "call.offered_back": _offered_back,
        "call.ended": _ended,
        "call.disposed": _disposed,
        "incident.regrouped": _of_incident,
        "card.updated": _card,
        "card.category_raised": _category,
        "card.category_overridden": _category,
        "speech.language": _language,
        "speech.language_set": _language,
        "speech.tier": _tier,
    }
)
