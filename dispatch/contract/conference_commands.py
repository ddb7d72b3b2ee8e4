"""What operators command of a call that several people are on."""

from .base import SeatId
from .console import CallCommand, Command


class AskColleagues(Command):
    """Asks who sits where; answered by a `colleagues` delivery to this console alone."""


class OfferTransfer(CallCommand):
    """Offers the call that this seat has to a colleague's seat."""

    seat_id: SeatId


class WithdrawTransfer(CallCommand):
    """Takes the offer back."""


class AnswerTransfer(CallCommand):
    """The colleague's answer: who accepts is on the call at once."""

    accept: bool


class LeaveTalk(CallCommand):
    """Leaves a call that somebody else talks on, or stops to listen to it. The last one to talk cannot leave."""


class MonitorCall(CallCommand):
    """A supervisor hears the call."""


class JoinCall(CallCommand):
    """A supervisor talks on the call beside the operator."""
