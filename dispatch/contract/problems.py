"""Coded problems: what went wrong, whether trying again helps, and the way out.

One `Problem` answers every refused command, frame or request, on Socket.IO and on HTTP alike. `fault` tells the user's
mistakes from the system's failures, and a problem never carries the offending input back.
"""

from enum import StrEnum
from typing import Final

from .base import LongText, Message, ShortText


class ProblemCode(StrEnum):
    """Stable codes: clients branch on these, never on the message."""

    INVALID_MESSAGE = "invalid_message"
    MESSAGE_TOO_LARGE = "message_too_large"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_CODEC = "unknown_codec"
    BAD_AUDIO = "bad_audio"
    FRAME_TOO_LARGE = "frame_too_large"
    FRAME_OUT_OF_ORDER = "frame_out_of_order"
    OFFSET_BACKWARDS = "offset_backwards"
    NO_CALL = "no_call"
    CALL_ALREADY_OPEN = "call_already_open"
    CALL_ENDED = "call_ended"
    CALL_TAKEN = "call_taken"
    WRONG_RESUME_TOKEN = "wrong_resume_token"  # noqa: S105 - a code, not a secret
    CHANNEL_NOT_ALLOWED = "channel_not_allowed"
    UNKNOWN_ENTRY = "unknown_entry"
    SUPERSEDED = "superseded"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    SIGN_IN_FAILED = "sign_in_failed"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a code, not a secret
    REASON_NEEDED = "reason_needed"
    WRONG_STATE = "wrong_state"
    TOO_MANY = "too_many"
    NOT_SIGNED_IN = "not_signed_in"
    SECOND_FACTOR_NEEDED = "second_factor_needed"
    CONFLICT = "conflict"
    ACCOUNT_EXISTS = "account_exists"
    KEY_IN_USE = "key_in_use"
    KEY_REUSED = "key_reused"
    VERSION_NEEDED = "version_needed"
    VERSION_CONFLICT = "version_conflict"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    STRUCK_OUT = "struck_out"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class Fault(StrEnum):
    """Whose mistake a problem is."""

    USER = "user"
    SYSTEM = "system"


class Problem(Message):
    """One thing that went wrong, in words that are safe to show."""

    code: ProblemCode
    message: LongText
    way_out: ShortText
    fault: Fault = Fault.USER
    retryable: bool = False
    expected_seq: int | None = None
    """For `frame_out_of_order`: the frame number that the server waits for."""


WAY_OUT: Final[dict[ProblemCode, str]] = {
    ProblemCode.INVALID_MESSAGE: "Send the fields that the protocol page names for this event, and no others.",
    ProblemCode.MESSAGE_TOO_LARGE: "Send messages below the size that the hello event names.",
    ProblemCode.UNKNOWN_EVENT: "Use the events of the protocol page.",
    ProblemCode.UNKNOWN_CODEC: "Send pcm16, mulaw, alaw or opus at 8000, 16000 or 48000 samples a second.",
    ProblemCode.BAD_AUDIO: "Send whole samples in the encoding that the call was started with.",
    ProblemCode.FRAME_TOO_LARGE: "Cut the sound into frames of at most one second; 20 to 100 ms work best.",
    ProblemCode.FRAME_OUT_OF_ORDER: "Send again from the expected frame number on.",
    ProblemCode.OFFSET_BACKWARDS: "Count sample offsets forward; never send the same sound under a new number.",
    ProblemCode.NO_CALL: "Start or resume a call on this connection first.",
    ProblemCode.CALL_ALREADY_OPEN: "This connection carries a call already; open another connection for another call.",
    ProblemCode.CALL_ENDED: "The call is over. Start a new one.",
    ProblemCode.CALL_TAKEN: "Another seat answered first.",
    ProblemCode.WRONG_RESUME_TOKEN: "Start a new call; the old one stays open for the operator.",
    ProblemCode.CHANNEL_NOT_ALLOWED: "Send the caller channel; the operator side comes from a signed-in console.",
    ProblemCode.UNKNOWN_ENTRY: "The call was taken by the default dispatch centre.",
    ProblemCode.SUPERSEDED: "The call was resumed on a newer connection; this one is no longer needed.",
    ProblemCode.NOT_ALLOWED: "Ask your administrator for the role that may do this.",
    ProblemCode.NOT_FOUND: "Check the id; it may belong to another dispatch centre.",
    ProblemCode.SIGN_IN_FAILED: "Check e-mail and password and try again.",
    ProblemCode.TOKEN_EXPIRED: "Sign in again; your open calls stay where they are.",
    ProblemCode.REASON_NEEDED: "Say why, in a few words; it goes into the call's log.",
    ProblemCode.WRONG_STATE: "Look at the call's present state; somebody may have been faster.",
    ProblemCode.TOO_MANY: "Wait a moment and try again.",
    ProblemCode.NOT_SIGNED_IN: "Sign in and send the access token as a bearer token.",
    ProblemCode.SECOND_FACTOR_NEEDED: "Send the present code of your authenticator app along.",
    ProblemCode.CONFLICT: "Read the record again; what you ask for does not go together with what is there now.",
    ProblemCode.ACCOUNT_EXISTS: "Send its e-mail as `account` with its password: the role is added to that account.",
    ProblemCode.KEY_IN_USE: "The first request with this key is still being carried out; wait and ask again.",
    ProblemCode.KEY_REUSED: "Use a new Idempotency-Key for another request.",
    ProblemCode.VERSION_NEEDED: "Send the version that you read as If-Match.",
    ProblemCode.VERSION_CONFLICT: "Somebody changed it since you read it. Read it again and decide anew.",
    ProblemCode.METHOD_NOT_ALLOWED: "Use one of the methods that the Allow header names.",
    ProblemCode.STRUCK_OUT: "Too many broken messages on this connection. Connect again.",
    ProblemCode.UNAVAILABLE: "Try again in a moment; what was acknowledged is safe.",
    ProblemCode.INTERNAL: "Try again; if it stays, give the correlation id to your administrator.",
}

STATUS: Final[dict[ProblemCode, int]] = {
    ProblemCode.INVALID_MESSAGE: 400,
    ProblemCode.SIGN_IN_FAILED: 401,
    ProblemCode.TOKEN_EXPIRED: 401,
    ProblemCode.NOT_ALLOWED: 403,
    ProblemCode.NOT_FOUND: 404,
    ProblemCode.NOT_SIGNED_IN: 401,
    ProblemCode.SECOND_FACTOR_NEEDED: 401,
    ProblemCode.METHOD_NOT_ALLOWED: 405,
    ProblemCode.CONFLICT: 409,
    ProblemCode.ACCOUNT_EXISTS: 409,
    ProblemCode.WRONG_STATE: 409,
    ProblemCode.KEY_IN_USE: 409,
    ProblemCode.VERSION_CONFLICT: 412,
    ProblemCode.MESSAGE_TOO_LARGE: 413,
    ProblemCode.KEY_REUSED: 422,
    ProblemCode.VERSION_NEEDED: 428,
    ProblemCode.TOO_MANY: 429,
    ProblemCode.UNAVAILABLE: 503,
}
"""HTTP statuses; a code without one is answered with 500."""

SYSTEM_CODES: Final = frozenset({ProblemCode.UNAVAILABLE, ProblemCode.INTERNAL})
RETRYABLE_CODES: Final = frozenset(
    {
        ProblemCode.FRAME_OUT_OF_ORDER,
        ProblemCode.TOO_MANY,
        ProblemCode.KEY_IN_USE,
        ProblemCode.UNAVAILABLE,
        ProblemCode.INTERNAL,
    }
)


def problem(code: ProblemCode, message: str, *, expected_seq: int | None = None) -> Problem:
    """Builds a problem with the way out, the fault and the retry advice that belong to its code."""
    return Problem(
        code=code,
        message=message,
        way_out=WAY_OUT[code],
        fault=Fault.SYSTEM if code in SYSTEM_CODES else Fault.USER,
        retryable=code in RETRYABLE_CODES,
        expected_seq=expected_seq,
    )


class Refused(Exception):  # noqa: N818 - named by what happened
    """Something asked for is not carried out; carries the problem to answer with."""

    def __init__(self, code: ProblemCode, message: str, *, expected_seq: int | None = None) -> None:
        super().__init__(message)
        self.problem: Problem = problem(code, message, expected_seq=expected_seq)
        self.code = code.value
        self.retryable = self.problem.retryable
