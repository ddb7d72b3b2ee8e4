"""What an operator's console and the server say to each other on `/operator`.

Everything reliable goes through the console's outbox as a `Delivery` with the console's own sequence number. The
console acknowledges cumulatively; after a broken connection it connects again with `{console_id, epoch, last_seq}` and
gets what it missed, or a fresh snapshot. Commands carry an id of the client's choosing: the same command twice is done
once, and an acknowledged command survives a crash of the server.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from .base import (
    PROTOCOL_VERSION,
    CallId,
    CentreId,
    Identifier,
    IncidentId,
    LanguageCode,
    LongText,
    Message,
    Moment,
    PersonId,
    PhoneNumber,
    SeatId,
    ShortText,
)
from .card import Category, FieldName, Probability
from .conference import Talker, TransferOffer
from .dispatching import Alarm, Board, IncidentChanged, Known, PlacesHeard, UnitChanged
from .problems import Problem
from .timeline import Disposition, EscalationStep, HandOverTo, TimelineEntry
from .transcript import Partial


class ConsoleAuth(Message):
    """The `auth` payload of a console's connection."""

    token: str = Field(max_length=4096, repr=False)
    console_id: Identifier
    """Chosen by the console and kept over a reload."""
    epoch: Identifier | None = None
    last_seq: int = Field(default=0, ge=0)


class Reauthenticate(Message):
    """A fresh access token on the same connection."""

    token: str = Field(max_length=4096, repr=False)


class SeatState(StrEnum):
    """Whether a seat takes calls."""

    READY = "ready"
    NOT_READY = "not_ready"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"


class Seat(Message):
    """A logged-in operator position."""

    seat_id: SeatId
    person_id: PersonId
    display_name: ShortText
    state: SeatState
    call_id: CallId | None = None


class CallState(StrEnum):
    """Where a call stands, as consoles show it."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ON_HOLD = "on_hold"
    INTERRUPTED = "interrupted"
    """The caller's connection is broken; they may come back."""
    ENDED = "ended"
    """Over, and nobody has said yet what became of it."""
    CLOSED = "closed"


class LikelyDuplicate(Message):
    """Another call that may be about the same incident, for a person to merge or not."""

    call_id: CallId
    likelihood: Probability
    reasons: tuple[ShortText, ...]


class CallSummary(Message):
    """A call's line in the queue."""

    call_id: CallId
    incident_id: IncidentId
    state: CallState
    category: Category | None
    headline: ShortText = ""
    location: ShortText = Field(default="", repr=False)
    phone: PhoneNumber | None = Field(default=None, repr=False)
    started_at: Moment
    answered_at: Moment | None = None
    answered_by: ShortText | None = None
    seat_id: SeatId | None = None
    escalation: EscalationStep | None = None
    exercise: bool = False
    transcript: ShortText = "live"
    """`live`, or the tier that the transcript is degraded to."""
    words_heard: bool = False
    """The caller has said something; a call that ends without is a silent one, to be called back."""
    duplicates: tuple[LikelyDuplicate, ...] = ()
    """The likeliest first; calls of the same incident are not among them."""
    transfer: TransferOffer | None = None
    """The call is offered to a colleague, who has not answered yet."""
    colleague: Talker | None = None
    """Who talks on the call beside the operator who has it."""
    monitors: tuple[Talker, ...] = ()
    """Supervisors who hear the call and are not heard."""
    call_back_possible: bool = False
    """The caller's client is connected, so that the operator can ring back."""


class Health(StrEnum):
    """State of one part of the server."""

    OK = "ok"
    DEGRADED = "degraded"
    OFF = "off"
    """Not configured."""


class ModelSide(StrEnum):
    """One side of the language-model router: the centre's own models, or the clouds."""

    UP = "up"
    DEGRADED = "degraded"
    """Some models do not answer."""
    DOWN = "down"
    OFF = "off"
    """Nothing is configured, or no key was given."""


class ModelsState(Message):
    """Which language models can be asked. Text of a call goes to self-hosted ones alone."""

    self_hosted: ModelSide
    cloud: ModelSide
    floor_only: bool
    """The rules triage alone."""


class SystemState(Message):
    """What the server can and cannot do at present, in words for operators."""

    journal: Health
    database: Health
    broker: Health
    transcription: Health
    router: Health
    models: ModelsState | None = None
    messages: tuple[ShortText, ...] = ()


class Snapshot(Message):
    """Where everything stands; replaces all that the console knew."""

    kind: Literal["snapshot"] = "snapshot"
    centre_id: CentreId
    centre_name: ShortText
    seat: Seat
    queue: tuple[CallSummary, ...]
    system: SystemState
    server_time: Moment


class QueueChanged(Message):
    """One call's line in the queue has changed."""

    kind: Literal["queue"] = "queue"
    call: CallSummary


class SeatChanged(Message):
    kind: Literal["seat"] = "seat"
    seat: Seat


class Ring(Message):
    """A call rings at this console."""

    kind: Literal["ring"] = "ring"
    call: CallSummary
    step: EscalationStep


class RingStopped(Message):
    kind: Literal["ring_stopped"] = "ring_stopped"
    call_id: CallId
    reason: Literal["answered", "ended"]


class CallEntries(Message):
    """Lines of an open call's log, in order. `complete` says that this reaches the newest line."""

    kind: Literal["entries"] = "entries"
    call_id: CallId
    entries: tuple[TimelineEntry, ...]
    complete: bool = True


class CallPartial(Message):
    """Words still unsettled on an open call."""

    kind: Literal["partial"] = "partial"
    call_id: CallId
    partial: Partial


class SystemChanged(Message):
    kind: Literal["system"] = "system"
    system: SystemState


class Colleague(Message):
    """A seat of the centre, for handing a call over to it."""

    seat: Seat
    supervisor: bool
    connected: bool


class Colleagues(Message):
    """Answer to `seats.ask`: who sits where at this moment."""

    kind: Literal["colleagues"] = "colleagues"
    seats: tuple[Colleague, ...]


class ReauthNeeded(Message):
    """The access token runs out soon: get a fresh one and send `console.reauth`. Nothing is cut off."""

    kind: Literal["reauth"] = "reauth"
    expires_at: Moment


DeliveryBody = Annotated[
    Snapshot
    | QueueChanged
    | SeatChanged
    | Ring
    | RingStopped
    | CallEntries
    | CallPartial
    | SystemChanged
    | Colleagues
    | ReauthNeeded
    | Board
    | UnitChanged
    | IncidentChanged
    | Known
    | PlacesHeard
    | Alarm,
    Field(discriminator="kind"),
]


class Delivery(Message):
    """One message of a console's outbox."""

    epoch: Identifier
    seq: int = Field(ge=1)
    body: DeliveryBody


class ConsoleHello(Message):
    """First event on a connection. `resumed` says whether the missed deliveries follow, or a snapshot."""

    protocol: int = PROTOCOL_VERSION
    epoch: Identifier
    resumed: bool
    token_expires_at: Moment


class DeliveryAck(Message):
    """Everything up to `seq` has been taken in."""

    epoch: Identifier
    seq: int = Field(ge=0)


class Command(Message):
    """Base of everything that an operator does."""

    command_id: Identifier


class CallCommand(Command):
    call_id: CallId


class SetSeatState(Command):
    state: Literal[SeatState.READY, SeatState.NOT_READY, SeatState.WRAP_UP]


class OpenCall(CallCommand):
    """Asks for the log of a call after `after_seq`, and for everything that follows."""

    after_seq: int = Field(default=0, ge=0)


class LeaveCall(CallCommand):
    """No longer shows the call."""


class AnswerCall(CallCommand):
    pass


class HoldCall(CallCommand):
    on: bool


class HangUpCall(CallCommand):
    pass


class CallBack(CallCommand):
    """Rings an ended call's caller again."""


class AcceptField(CallCommand):
    name: FieldName


class EditField(CallCommand):
    name: FieldName
    value: LongText = Field(repr=False)


class OverrideCategory(CallCommand):
    category: Category
    reason: LongText = Field(min_length=3, repr=False)


class MarkQuestion(CallCommand):
    code: Identifier
    answer: ShortText | None = Field(default=None, repr=False)


class MarkStep(CallCommand):
    script_id: Identifier
    step_id: Identifier
    answer: ShortText | None = None


class ChooseScript(CallCommand):
    script_id: Identifier


class AddNote(CallCommand):
    text: LongText = Field(min_length=1, repr=False)


class SetLanguage(CallCommand):
    """The caller speaks this language, whatever the recogniser took it for."""

    language: LanguageCode | None
    """None: let it be detected again."""


class MarkHelpSent(CallCommand):
    """Somebody is on the way."""


class HandOverCall(CallCommand):
    """Takes the offer to go on with a call that is no emergency as a booking or a call-back."""

    to: HandOverTo
    service_type: Identifier | None = None
    """What to book; None: what the card says that the caller asks for, else a consultation."""


class DisposeCall(CallCommand):
    """Closes a call with what became of it."""

    disposition: Disposition
    reason: LongText = Field(default="", repr=False)


class CommandDone(Message):
    """Answer to every command: done and safe on disk, or the problem."""

    command_id: Identifier
    ok: bool
    seq: int | None = None
    """The log entry that the command made."""
    problem: Problem | None = None
