"""Records of calls: how long they are kept, what must not go, what goes, and a person's own copy."""

from typing import Final

from pydantic import Field

from .audio import Channel
from .base import CallId, CentreId, Identifier, LongText, Message, Moment, PersonId, PhoneNumber, ShortText
from .http import PageQuery
from .timeline import TimelineEntry

CALL_CLOCK_HZ: Final = 16_000
"""Samples a second of the call's clock, on which sound is asked for and given, whatever came over the wire."""
LONGEST_STRETCH: Final = 60 * CALL_CLOCK_HZ


class RecordPolicyBody(Message):
    """What a centre does with its records."""

    retention_days: int = Field(ge=1, le=36500)
    """Days after its end at which a call's sound, words and card are erased, unless it is held."""
    notice: ShortText
    """What callers read about being recorded."""


class RecordPolicy(RecordPolicyBody):
    """The same, of one centre; its version is the ETag."""

    centre_id: CentreId


class NewHold(Message):
    """A call that must not be erased."""

    call_id: CallId
    reason: LongText = Field(min_length=3)


class Hold(Message):
    """A legal hold on a call."""

    hold_id: Identifier
    call_id: CallId
    reason: LongText
    placed_by: PersonId
    placed_at: Moment
    released_by: PersonId | None = None
    released_at: Moment | None = None


class HoldQuery(PageQuery):
    """Which holds: those in force, or all."""

    active: bool = True


class HoldPage(Message):
    holds: tuple[Hold, ...]
    next_cursor: str | None = None


class EraseCall(Message):
    """Why a call's records go."""

    reason: LongText = Field(min_length=3)


class Erasure(Message):
    """Records that go, or went. Done means: nobody can read them any more, here or in the log."""

    call_id: CallId
    reason: LongText
    asked_at: Moment
    done_at: Moment | None = None


class ExportQuery(Message):
    """Whose records are exported."""

    phone: PhoneNumber = Field(repr=False)


class ExportedCall(Message):
    """Everything that is kept of a call, but for its sound."""

    call_id: CallId
    started_at: Moment
    ended_at: Moment | None
    disposition: ShortText | None
    entries: tuple[TimelineEntry, ...] = Field(repr=False)


class Export(Message):
    """What a centre keeps of one number's calls."""

    calls: tuple[ExportedCall, ...]


class SoundQuery(Message):
    """Which stretch of a call's sound; both sides where none is named."""

    start: int = Field(default=0, ge=0, lt=2**40)
    """First sample, counted from the start of the call at 16 kHz: second 12.5 is sample 200000."""
    samples: int = Field(default=30 * CALL_CLOCK_HZ, ge=1, le=LONGEST_STRETCH)
    """How many at most; a call that still runs has fewer at its end."""
    side: Channel | None = None
