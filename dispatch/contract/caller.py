"""What a caller's client and the server say to each other on `/caller`.

No account is needed: an anonymous call is taken and flagged. A client starts a call, sends frames, and keeps every
frame until it is acknowledged. After a broken connection it resumes with the call's token and sends again from the
frame that the server names, so that nothing acknowledged is lost and nothing is doubled.
"""

from enum import StrEnum

from pydantic import Field

from .audio import AudioFormat, Channel
from .base import (
    MAX_FRAME_BYTES,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    CallId,
    Identifier,
    LanguageCode,
    Message,
    PersonId,
    PhoneNumber,
    Seconds,
    ShortText,
)
from .timeline import EndReason, Position


class CallerHello(Message):
    """First event on a connection: the limits that the server holds a client to."""

    protocol: int = PROTOCOL_VERSION
    max_frame_bytes: int = MAX_FRAME_BYTES
    max_message_bytes: int = MAX_MESSAGE_BYTES
    public_number: ShortText
    """The public emergency number to ring when this service cannot help."""


class StartCall(Message):
    """Opens a call. Only the format is needed; an unknown entry goes to the default dispatch centre."""

    format: AudioFormat = AudioFormat()
    channel: Channel = Channel.CALLER
    entry: Identifier = "web"
    phone: PhoneNumber | None = Field(default=None, repr=False)
    position: Position | None = None
    language: LanguageCode | None = None
    exercise: bool = False
    """A training call. It is shown as EXERCISE wherever it is shown, and reaches nobody outside the exercise."""
    trainee_id: PersonId | None = None
    """For whom an exercise is meant: it rings at this person's seats and at no others. Ignored on a real call."""
    call_back: CallId | None = None
    """Answers the call-back that was offered for this ended call; needs its resume token."""
    resume_token: ShortText | None = Field(default=None, repr=False)
    request_id: Identifier | None = Field(default=None, min_length=22, repr=False)
    """A random secret of the client's: the same request twice (a lost acknowledgement) opens one call."""


class CallOpened(Message):
    """Answer to `call.start` and `call.resume`."""

    call_id: CallId
    resume_token: ShortText = Field(repr=False)
    next_seq: int
    next_offset: int
    state: "CallPhase"
    notice: ShortText = ""
    """That the call is recorded, in the centre's words; a client shows or says it."""


class ResumeCall(Message):
    """Takes a call up again on a new connection."""

    call_id: CallId
    resume_token: ShortText = Field(repr=False)
    attempt: int = Field(default=0, ge=0)
    """How often the client has taken this call up: one that is heard late takes nothing from a newer one."""


class EndCall(Message):
    """The caller hangs up. `next_seq` is the number after the last frame sent: sound up to it is still awaited."""

    next_seq: int = Field(ge=0)


class CallPhase(StrEnum):
    """What a caller is told of the call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ON_HOLD = "on_hold"
    ENDED = "ended"


class CallerCallState(Message):
    """Sent at every change, and whenever nobody has answered for another step of the escalation."""

    call_id: CallId
    phase: CallPhase
    waited_s: Seconds = 0
    message: ShortText
    public_number: ShortText
    ended_by: EndReason | None = None


class CallBackOffer(Message):
    """The operator rings back: answer by `call.start` with `call_back` and the resume token of the ended call."""

    call_id: CallId
    message: ShortText
