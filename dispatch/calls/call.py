"""A live call: its state, folded from its timeline, and how consoles and the caller are told of it.

State changes in one way only: something is entered in the timeline, and `apply` folds the entry in, by the rules by
which the database keeps its record. A restart folds the same entries again and arrives at the same state.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dispatch.contract.audio import AudioAck, Channel
from dispatch.contract.base import CallId, IncidentId, PersonId, SeatId
from dispatch.contract.caller import CallerCallState
from dispatch.contract.card import Card, FieldName
from dispatch.contract.conference import Talker, TransferOffer
from dispatch.contract.console import CallState, CallSummary, LikelyDuplicate
from dispatch.contract.timeline import (
    Actor,
    ActorKind,
    CallEnded,
    CallInterrupted,
    CallOfferedBack,
    CallReconnected,
    CallRecovered,
    CallStarted,
    CardUpdated,
    EscalationStep,
    SpeechFinal,
    SpeechStable,
    TimelineEntry,
)
from dispatch.storage import CallRecord
from dispatch.storage.projection import applied, connected_state, opened, while_open
from dispatch.tenancy import Centre

from .lifecycle import PHASES
from .pipeline import SAMPLES_PER_S, CallPath
from .ports import CallerLine, VoiceLine
from .talkers import NOBODY, Talkers
from .timeline import Timeline

CALLER_MESSAGES: Final[dict[EscalationStep, str]] = {
    EscalationStep.READY_SEATS: "Ringing. Stay on the line; we can hear you.",
    EscalationStep.ALL_SEATS: "All operators are being rung. Stay on the line, or ring {number}.",
    EscalationStep.SUPERVISOR: "Nobody has answered yet. If you can, ring {number} from another phone.",
    EscalationStep.OVERFLOW_CENTRE: "A second centre is being rung. Ring {number} now if you can.",
}


@dataclass(frozen=True)
class Operator:
    """Who acts on a call, from which seat, for which centre."""

    person_id: PersonId
    display_name: str
    seat_id: SeatId
    centre_id: str

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind.OPERATOR, person_id=self.person_id, seat_id=self.seat_id)


@dataclass
class CallStatus:
    """Where the call stands: the record that the database keeps of it too, and what only a live call needs besides."""

    record: CallRecord | None = None
    started: CallStarted | None = None
    interrupted_at: datetime | None = None
    ringing_since: datetime | None = None
    words_heard: bool = False
    talkers: Talkers = NOBODY
    card: Card = field(default_factory=lambda: Card(version=0))

    @property
    def state(self) -> CallState:
        """As with the caller on the line: a call whose caller is away is still ringing, answered or on hold."""
        return CallState.RINGING if self.record is None else while_open(self.record, connected_state(self.record))

    @property
    def seat_id(self) -> SeatId | None:
        """The seat that has the call."""
        return self.record.seat_id if self.record else None

    @property
    def incident_id(self) -> IncidentId | None:
        """The incident; None before the call has started."""
        return self.record.incident_id if self.record else None

    def apply(self, entry: TimelineEntry) -> None:
        """Folds one entry in."""
        if isinstance(entry.body, CallStarted):
            self.started, self.record = entry.body, opened(entry, entry.body)
        if self.record is not None:
            self.record = applied(self.record, entry)
        self.talkers = self.talkers.after(entry)
        match entry.body:
            case CallStarted() | CallOfferedBack():
                self.ringing_since = entry.at
            case CallRecovered():
                self.ringing_since = self.interrupted_at = entry.at
            case CallInterrupted():
                self.interrupted_at = entry.at
            case CallReconnected() | CallEnded():
                self.interrupted_at = None
            case CardUpdated(card=card):
                self.card = card
            case SpeechStable(channel=Channel.CALLER, words=words) if words:
                self.words_heard = True
            case SpeechFinal(utterance=said) if said.words and said.channel is Channel.CALLER:
                self.words_heard = True


class LiveCall:
    """One call on this node."""

    def __init__(self, call_id: CallId, centre: Centre, timeline: Timeline, path: CallPath, resume_hash: str) -> None:
        self.call_id = call_id
        self.centre = centre
        self.timeline = timeline
        self.path = path
        self.status = CallStatus()
        self.caller: CallerLine | None = None
        self.lines: dict[SeatId, VoiceLine] = {}
        """The consoles on the call, each over all its connections."""
        self.attempt = 0
        """The newest at which the caller took the call up."""
        self.people: dict[SeatId, Operator] = {}
        """Who sits or sat at them."""
        self.transfer_until: datetime | None = None
        """When the offer to a colleague ends."""
        self.duplicates: tuple[LikelyDuplicate, ...] = ()
        self.shipped_seq = 0
        self._resume_hash = resume_hash

    @property
    def record(self) -> CallRecord:
        """Where the call stands, as the database has it too."""
        assert self.status.record is not None, "a timeline begins with call.started"
        return self.status.record

    @property
    def open(self) -> bool:
        """Sound may still come."""
        return self.status.state not in (CallState.ENDED, CallState.CLOSED)

    def may_resume(self, token: str) -> bool:
        """Whether a token is the one that this call's client was given."""
        return hmac.compare_digest(self._resume_hash, hash_token(token))

    def visible_to(self, centre_id: str) -> bool:
        """Its own centre, and the overflow centre once the call has climbed there."""
        overflow = self.record.escalation is EscalationStep.OVERFLOW_CENTRE
        return centre_id == self.centre.centre_id or (overflow and centre_id == self.centre.overflow_centre_id)

    def wire(self) -> None:
        """Who hears whom: all sides while answered, the caller nobody on hold, nobody before an answer or after."""
        self.path.ears.clear()
        if self.status.state in (CallState.ANSWERED, CallState.ON_HOLD):
            parted = self.status.state is CallState.ON_HOLD
            self.path.ears.update(self.status.talkers.hearing(self.caller, self.lines, parted=parted))

    def speak_from(self, seat_id: SeatId, line: VoiceLine, *, fresh: bool) -> None:
        """The console of a seat that talks on this call; it hears where its voice stands, to go on from.

        `fresh`: the seat has not talked before, so that its sound begins now, wherever an earlier seat's ended.
        """
        self.lines[seat_id] = line
        channel = self.status.talkers.channel_of(seat_id)
        if channel is not None:
            path = self.path.channels[channel]
            self.path.mouths[channel] = line
            now = int((self.timeline.call_s - path.opened_s) * SAMPLES_PER_S) if fresh and path.order.next_seq else 0
            order = path.order
            offset = max(order.next_offset, now)
            line.acknowledge(AudioAck(channel=channel, next_seq=order.next_seq, next_offset=offset))
        self.wire()

    def talker(self, seat_id: SeatId) -> Talker:
        """A seat as the queue shows it."""
        person = self.people.get(seat_id)
        return Talker(seat_id=seat_id, display_name=person.display_name if person else "")

    @property
    def answered_by(self) -> str | None:
        """Who has the call, by name."""
        owner = self.people.get(self.status.seat_id) if self.status.seat_id else None
        return owner.display_name if owner else None

    @property
    def trainee_id(self) -> PersonId | None:
        """At whose seats alone this call rings: an exercise that is meant for somebody."""
        return self.status.started.trainee_id if self.status.started else None

    def tell_caller(self, waited_s: float = 0.0) -> None:
        """Where the call stands, to the caller's client."""
        if self.caller is not None:
            self.caller.tell_state(self.caller_state(waited_s))

    def summary(self) -> CallSummary:
        """The call's line in the queue."""
        status, card, talkers = self.status, self.status.card, self.status.talkers
        record = self.record
        location = card.field(FieldName.LOCATION)
        return CallSummary(
            call_id=self.call_id,
            incident_id=record.incident_id,
            state=record.state,
            category=card.category,
            headline=card.headline,
            location=location.label[:200] if location else "",
            phone=record.phone,
            started_at=self.timeline.started_at,
            answered_at=record.answered_at,
            answered_by=self.answered_by,
            seat_id=record.seat_id,
            escalation=record.escalation if status.state is CallState.RINGING else None,
            exercise=record.exercise,
            transcript=record.transcript,
            words_heard=status.words_heard,
            transfer=self._transfer(),
            colleague=self.talker(talkers.colleague) if talkers.colleague else None,
            monitors=tuple(map(self.talker, talkers.monitors)),
            duplicates=self.duplicates if status.state is not CallState.CLOSED else (),
            call_back_possible=not self.open and self.caller is not None,
        )

    def _transfer(self) -> TransferOffer | None:
        offered_to = self.status.talkers.offered_to
        if offered_to is None or self.transfer_until is None:
            return None
        return TransferOffer(to=self.talker(offered_to), until=self.transfer_until)

    def caller_state(self, waited_s: float = 0.0) -> CallerCallState:
        """What the caller is told."""
        state, record, number = self.status.state, self.record, self.centre.public_number
        ringing = CALLER_MESSAGES[record.escalation or EscalationStep.READY_SEATS].format(number=number)
        words = {
            CallState.RINGING: ringing,
            CallState.ANSWERED: "An operator is with you.",
            CallState.ON_HOLD: "You are on hold. Stay on the line; you are not forgotten.",
            CallState.ENDED: f"The call is over. In an emergency call again, or ring {number}.",
            CallState.CLOSED: f"The call is over. In an emergency call again, or ring {number}.",
        }
        return CallerCallState(
            call_id=self.call_id, phase=PHASES[state], waited_s=waited_s, message=words[state],
            public_number=number, ended_by=record.end_reason,
        )  # fmt: skip


def new_token() -> str:
    """A resume token: 32 characters that cannot be guessed."""
    return secrets.token_urlsafe(24)


def hash_token(token: str) -> str:
    """What of a token is kept on disk."""
    return hashlib.sha256(token.encode()).hexdigest()
