"""Several people on one call, as the log says it: a warm handover, a supervisor who listens or joins.

An operator offers a call to a colleague's seat. Who accepts talks on the call beside the giver; when the giver leaves,
the call is the colleague's. Refused, withdrawn or not answered in time, it simply stays with the giver: at no moment is
the caller alone.
"""

from enum import StrEnum
from typing import Literal

from .audio import Channel
from .base import Message, Moment, PersonId, SeatId, ShortText


class TransferEnd(StrEnum):
    """Why an offered call stayed where it was."""

    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"


class JoinedBy(StrEnum):
    """How somebody came to talk on a call."""

    TRANSFER = "transfer"
    SUPERVISOR = "supervisor"


class TransferOffered(Message):
    """The operator who has the call wants a colleague to take it over."""

    kind: Literal["transfer.offered"] = "transfer.offered"
    seat_id: SeatId
    person_id: PersonId


class TransferEnded(Message):
    kind: Literal["transfer.ended"] = "transfer.ended"
    how: TransferEnd


class ColleagueJoined(Message):
    """Somebody talks on the call beside the operator who has it, on a channel of their own."""

    kind: Literal["colleague.joined"] = "colleague.joined"
    seat_id: SeatId
    person_id: PersonId
    channel: Channel
    by: JoinedBy


class ColleagueLeft(Message):
    kind: Literal["colleague.left"] = "colleague.left"
    seat_id: SeatId


class CallPassedOn(Message):
    """The operator who had the call left it, or was gone; the colleague beside them has it from now on."""

    kind: Literal["call.passed_on"] = "call.passed_on"
    seat_id: SeatId
    person_id: PersonId


class MonitorBegan(Message):
    """A supervisor hears the call and is not heard. The operator sees it: that is the policy here."""

    kind: Literal["monitor.began"] = "monitor.began"
    seat_id: SeatId


class MonitorEnded(Message):
    kind: Literal["monitor.ended"] = "monitor.ended"
    seat_id: SeatId


class Talker(Message):
    """Somebody on a call, as its line in the queue says it."""

    seat_id: SeatId
    display_name: ShortText


class TransferOffer(Message):
    """An offered call, as its line in the queue says it."""

    to: Talker
    until: Moment
    """Then it stays with the giver."""
