"""The timeline: everything that happens on a call, one append-only log with a sequence number per call.

It is the truth that consoles show; a page is a view of it. Partials are not in it. Every entry says when, who, and at
which second of the call. The body is a tagged union on `kind`; the names are past tense.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from .audio import AudioFormat, Channel
from .base import (
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
    Seconds,
    ShortText,
    UtteranceId,
)
from .card import Card, Category, FieldName, NarrativeSentence
from .conference import (
    CallPassedOn,
    ColleagueJoined,
    ColleagueLeft,
    MonitorBegan,
    MonitorEnded,
    TransferEnded,
    TransferOffered,
)
from .dispatching import (
    HelpersAlerted,
    IncidentClosed,
    IncidentRegrouped,
    IncidentUpgraded,
    PlaceConfirmed,
    ReferralMade,
    UnitMoved,
    UnitOffered,
    UnitSearchEnded,
    UnitUpgraded,
    WelfareChecked,
)
from .transcript import Utterance, Word


class ActorKind(StrEnum):
    """Who did something."""

    SYSTEM = "system"
    CALLER = "caller"
    OPERATOR = "operator"


class Actor(Message):
    """Who did it; the id is an operator's person id, never a name."""

    kind: ActorKind
    person_id: PersonId | None = None
    seat_id: SeatId | None = None


class Position(Message):
    """Where a caller's device says it is (WGS 84)."""

    latitude: float = Field(ge=-90, le=90, repr=False)
    longitude: float = Field(ge=-180, le=180, repr=False)
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000)


class EndReason(StrEnum):
    """How a call's sound ended."""

    CALLER_HUNG_UP = "caller_hung_up"
    OPERATOR_HUNG_UP = "operator_hung_up"
    CONNECTION_LOST = "connection_lost"
    """The caller went away and did not come back in time."""


class Disposition(StrEnum):
    """What became of a call."""

    AMBULANCE_SENT = "ambulance_sent"
    REFERRED = "referred"
    ADVICE_GIVEN = "advice_given"
    BOOKED = "booked"
    DUPLICATE = "duplicate"
    FALSE_CALL = "false_call"
    ABANDONED = "abandoned"
    EXERCISE = "exercise"


class EscalationStep(StrEnum):
    """Who is rung when nobody answers, in this order."""

    READY_SEATS = "ready_seats"
    ALL_SEATS = "all_seats"
    SUPERVISOR = "supervisor"
    OVERFLOW_CENTRE = "overflow_centre"


class CallStarted(Message):
    kind: Literal["call.started"] = "call.started"
    centre_id: CentreId
    incident_id: IncidentId
    entry: Identifier
    """The way in: a web page, an app, a number."""
    format: AudioFormat
    anonymous: bool = True
    exercise: bool = False
    trainee_id: PersonId | None = None
    """The only person at whose seats an exercise rings; None: it rings as any call does."""
    phone: PhoneNumber | None = Field(default=None, repr=False)
    position: Position | None = None
    language: LanguageCode | None = None
    call_back_of: CallId | None = None


class CallRang(Message):
    kind: Literal["call.rang"] = "call.rang"
    step: EscalationStep
    seats: tuple[SeatId, ...]


class CallAnswered(Message):
    kind: Literal["call.answered"] = "call.answered"
    waited_s: Seconds


class CallHeld(Message):
    kind: Literal["call.held"] = "call.held"


class CallUnheld(Message):
    kind: Literal["call.unheld"] = "call.unheld"


class CallInterrupted(Message):
    """The caller's connection broke; the call stays open for them to come back."""

    kind: Literal["call.interrupted"] = "call.interrupted"


class CallReconnected(Message):
    kind: Literal["call.reconnected"] = "call.reconnected"
    away_s: Seconds


class CallRecovered(Message):
    """The server restarted and took the call up again from its journal."""

    kind: Literal["call.recovered"] = "call.recovered"


class CallOfferedBack(Message):
    """The console that had the call has been gone for too long: it rings again."""

    kind: Literal["call.offered_back"] = "call.offered_back"


class CallEnded(Message):
    kind: Literal["call.ended"] = "call.ended"
    reason: EndReason


class CallBackOffered(Message):
    kind: Literal["call.call_back_offered"] = "call.call_back_offered"


class CallDisposed(Message):
    kind: Literal["call.disposed"] = "call.disposed"
    disposition: Disposition
    reason: LongText = Field(default="", repr=False)


class ChannelOpened(Message):
    kind: Literal["channel.opened"] = "channel.opened"
    channel: Channel
    format: AudioFormat


class AudioGap(Message):
    """Sound that never arrived, in seconds on the channel's clock."""

    kind: Literal["audio.gap"] = "audio.gap"
    channel: Channel
    start_s: Seconds
    end_s: Seconds


class SpeechStable(Message):
    """Newly settled words of an utterance, appended to those before."""

    kind: Literal["speech.stable"] = "speech.stable"
    channel: Channel
    utterance_id: UtteranceId
    words: tuple[Word, ...]


class SpeechFinal(Message):
    """An utterance has ended; its words replace the stable ones. No words is legal: nothing was said after all."""

    kind: Literal["speech.final"] = "speech.final"
    utterance: Utterance


class SpeechRevised(Message):
    """A better reading of earlier utterances, which it replaces."""

    kind: Literal["speech.revised"] = "speech.revised"
    replaces: tuple[UtteranceId, ...]
    utterances: tuple[Utterance, ...]


class SpeechTranslated(Message):
    kind: Literal["speech.translated"] = "speech.translated"
    utterance_id: UtteranceId
    language: LanguageCode
    english: str = Field(repr=False)


class LanguageDetected(Message):
    kind: Literal["speech.language"] = "speech.language"
    channel: Channel
    language: LanguageCode
    confidence: float = Field(ge=0, le=1)


class LanguageSet(Message):
    """An operator said which language the caller speaks; None: it is to be detected."""

    kind: Literal["speech.language_set"] = "speech.language_set"
    language: LanguageCode | None


class TranscriptDegraded(Message):
    """The transcript comes slower, later, or not at all; the sound itself is untouched."""

    kind: Literal["speech.tier"] = "speech.tier"
    tier: Identifier
    message: ShortText


class CardUpdated(Message):
    kind: Literal["card.updated"] = "card.updated"
    card: Card


class CategoryRaised(Message):
    """The call became more urgent than it was shown before."""

    kind: Literal["card.category_raised"] = "card.category_raised"
    before: Category | None
    after: Category


class CategoryOverridden(Message):
    kind: Literal["card.category_overridden"] = "card.category_overridden"
    before: Category | None
    after: Category
    reason: LongText = Field(repr=False)


class FieldAccepted(Message):
    kind: Literal["card.field_accepted"] = "card.field_accepted"
    name: FieldName


class FieldEdited(Message):
    kind: Literal["card.field_edited"] = "card.field_edited"
    name: FieldName
    value: LongText = Field(repr=False)


class QuestionAsked(Message):
    """The operator marked a question as asked, with the answer if there was one."""

    kind: Literal["card.question_asked"] = "card.question_asked"
    code: Identifier
    answer: ShortText | None = Field(default=None, repr=False)


class StepDone(Message):
    """A step of an instruction script was given to the caller."""

    kind: Literal["card.step_done"] = "card.step_done"
    script_id: Identifier
    step_id: Identifier
    answer: ShortText | None = None


class ScriptChosen(Message):
    kind: Literal["card.script_chosen"] = "card.script_chosen"
    script_id: Identifier


class HelpSent(Message):
    """The operator has somebody on the way: by radio, by telephone, or through the units' own screen."""

    kind: Literal["call.help_sent"] = "call.help_sent"


class HandOverTo(StrEnum):
    """Where a call that is no emergency goes on."""

    BOOKING = "booking"
    CALL_BACK = "call_back"


class CollectedField(Message):
    """What was known when a call was handed over."""

    name: FieldName
    value: LongText = Field(repr=False)


class CallHandedOver(Message):
    """An operator handed a call that is no emergency over, with what was collected. It stays open for a person."""

    kind: Literal["call.handed_over"] = "call.handed_over"
    to: HandOverTo
    service_type: Identifier | None = None
    """The service that the booking asks for; none with a call-back."""
    collected: tuple[CollectedField, ...] = ()


class ModelClaim(Message):
    """A finding that a model read, in the words that it read it from."""

    code: Identifier
    quote: ShortText = Field(repr=False)


class ModelProposed(Message):
    """What a model proposed for the card. It can raise the category with a grounded finding, and never lower it."""

    kind: Literal["model.proposed"] = "model.proposed"
    model: ShortText
    category: Category | None = None
    claims: tuple[ModelClaim, ...] = ()
    """Those whose words were said."""
    dropped: int = Field(default=0, ge=0)
    """Claims that nobody said; they are kept nowhere."""


class ModelSummarised(Message):
    """A model's summary of the call so far."""

    kind: Literal["model.summarised"] = "model.summarised"
    model: ShortText
    sentences: tuple[NarrativeSentence, ...]
    dropped: int = Field(default=0, ge=0)
    """Sentences without the call's own words behind them."""
    final: bool = False
    """Made when the call was over and both sides had been heard out."""


class NoteAdded(Message):
    kind: Literal["note.added"] = "note.added"
    text: LongText = Field(repr=False)


TimelineBody = Annotated[
    CallStarted
    | CallRang
    | CallAnswered
    | CallHeld
    | CallUnheld
    | CallInterrupted
    | CallReconnected
    | CallRecovered
    | CallOfferedBack
    | CallEnded
    | CallBackOffered
    | CallDisposed
    | ChannelOpened
    | AudioGap
    | SpeechStable
    | SpeechFinal
    | SpeechRevised
    | SpeechTranslated
    | LanguageDetected
    | LanguageSet
    | TranscriptDegraded
    | CardUpdated
    | CategoryRaised
    | CategoryOverridden
    | FieldAccepted
    | FieldEdited
    | QuestionAsked
    | StepDone
    | ScriptChosen
    | HelpSent
    | CallHandedOver
    | ModelProposed
    | ModelSummarised
    | NoteAdded
    | TransferOffered
    | TransferEnded
    | ColleagueJoined
    | ColleagueLeft
    | CallPassedOn
    | MonitorBegan
    | MonitorEnded
    | PlaceConfirmed
    | UnitMoved
    | UnitUpgraded
    | UnitOffered
    | UnitSearchEnded
    | IncidentRegrouped
    | IncidentUpgraded
    | IncidentClosed
    | ReferralMade
    | HelpersAlerted
    | WelfareChecked,
    Field(discriminator="kind"),
]


class TimelineEntry(Message):
    """One line of a call's log."""

    call_id: CallId
    seq: int = Field(ge=1)
    """Counts from 1 without holes."""
    at: Moment
    call_s: Seconds
    """Seconds since the call started."""
    actor: Actor
    command_id: Identifier | None = None
    """The operator's command behind it; the same command twice makes one entry."""
    body: TimelineBody
