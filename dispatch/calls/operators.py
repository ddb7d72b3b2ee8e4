"""What a seat does to calls: answering, holding, hanging up, ringing back, deciding, closing; `handover` for two seats.

In: an operator with a command. Out: entries in the call's timeline. Invariants: an operator sees and touches the calls
of their own centre, and those that have climbed to it, alone; one answer wins; a command is acknowledged when its entry
is on disk, and the same command twice is done once.
"""

from typing import Final

from dispatch.contract.audio import AudioFrame
from dispatch.contract.base import CallId, SeatId
from dispatch.contract.console import HandOverCall
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import (
    CallBackOffered,
    CallDisposed,
    CallHandedOver,
    CallHeld,
    CallOfferedBack,
    CallUnheld,
    CollectedField,
    Disposition,
    EndReason,
    HandOverTo,
    TimelineBody,
    TimelineEntry,
)

from .call import LiveCall, Operator
from .handover import Handover
from .lifecycle import Move, after
from .ports import VoiceLine
from .switchboard import Switchboard
from .timeline import SYSTEM

UNNAMED_SERVICE: Final = "consultation"
"""What is booked where neither the operator nor the caller's words name a service: somebody who asks what is wanted."""


class OperatorDesk:
    """The operators' side of the node's calls."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self.handover = Handover(switchboard, self.call_for, safe)

    def call_for(self, operator: Operator, call_id: CallId) -> LiveCall:
        """The call, where this operator may see it. A foreign call reads as one that does not exist."""
        call = self._switchboard.calls.get(call_id)
        if call is None or not call.visible_to(operator.centre_id):
            raise Refused(ProblemCode.NOT_FOUND, "There is no such call.")
        return call

    async def answer(self, operator: Operator, line: VoiceLine, call_id: CallId, command_id: str) -> TimelineEntry:
        """The first seat to answer gets the call; another one hears that it is taken."""
        call = self.call_for(operator, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            if after(call.status.state, Move.ANSWER) is None:
                code = ProblemCode.CALL_TAKEN if call.open else ProblemCode.CALL_ENDED
                raise Refused(code, "The call is not ringing any more.")
            entry = self._switchboard.connect(call, operator, line, command_id)
        return await safe(call, entry)

    async def hold(self, operator: Operator, call_id: CallId, command_id: str, *, on: bool) -> TimelineEntry:
        """Parts the two sides, or joins them again. Sound is still taken, journalled and transcribed."""
        move, body = (Move.HOLD, CallHeld()) if on else (Move.UNHOLD, CallUnheld())
        return await self._move(self._own_call(operator, call_id), move, body, operator, command_id)

    async def hang_up(self, operator: Operator, call_id: CallId, command_id: str) -> TimelineEntry:
        """Ends the call from the operator's side."""
        call = self._own_call(operator, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            if call.open and call.status.talkers.colleague is not None:
                raise Refused(ProblemCode.WRONG_STATE, "A colleague talks on this call: leave it to them instead.")
            entry = self._switchboard.end(call, EndReason.OPERATOR_HUNG_UP, operator.actor, command_id)
        return await safe(call, entry)

    async def call_back(self, operator: Operator, line: VoiceLine, call_id: CallId, command_id: str) -> TimelineEntry:
        """Rings an ended call's caller, whose client is still connected."""
        call = self.call_for(operator, call_id)
        if call.timeline.done(command_id) is None:
            self._switchboard.offer_call_back(call, operator, line)
        return await self.enter(operator, call_id, command_id, CallBackOffered())

    async def dispose(
        self, operator: Operator, call_id: CallId, command_id: str, disposition: Disposition, reason: str
    ) -> TimelineEntry:
        """Closes an ended call with what became of it."""
        body = CallDisposed(disposition=disposition, reason=reason)
        return await self._move(self.call_for(operator, call_id), Move.DISPOSE, body, operator, command_id)

    async def hand_over(self, operator: Operator, command: HandOverCall) -> TimelineEntry:
        """Takes the card's offer, with what is known so far. The call stays open until a person closes it."""
        call = self.call_for(operator, command.call_id)
        offer = call.status.card.hand_over
        if call.timeline.done(command.command_id) is None and offer is None:
            raise Refused(ProblemCode.WRONG_STATE, "This call may be an emergency: it is not handed over.")
        asked = command.service_type or (offer.service_type if offer else None) or UNNAMED_SERVICE
        known = tuple(CollectedField(name=known.name, value=known.value[:2000]) for known in call.status.card.fields)
        service_type = asked if command.to is HandOverTo.BOOKING else None
        body = CallHandedOver(to=command.to, service_type=service_type, collected=known)
        return await self.enter(operator, command.call_id, command.command_id, body)

    async def enter(self, operator: Operator, call_id: CallId, command_id: str, body: TimelineBody) -> TimelineEntry:
        """Enters an operator's act on the card or the log; returns when it is on disk."""
        call = self.call_for(operator, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            entry = call.timeline.append(body, operator.actor, command_id=command_id)
            call.path.decide(entry)
        return await safe(call, entry)

    def take_frame(self, operator: Operator, call_id: CallId, frame: AudioFrame) -> None:
        """One frame of the voice of the operator who has the call. Raises Refused."""
        call = self.call_for(operator, call_id)
        channel = call.status.talkers.channel_of(operator.seat_id)
        if channel is None:
            raise Refused(ProblemCode.NOT_ALLOWED, "This seat does not talk on this call.")
        if not call.open:
            raise Refused(ProblemCode.CALL_ENDED, "The call is over.")
        call.path.take(channel, frame)

    def voice_again(self, operator: Operator, line: VoiceLine) -> None:
        """A console is back: it takes up its voice on the call that it has."""
        for call in self._switchboard.calls.values():
            talkers = call.status.talkers
            if call.open and operator.seat_id in (*talkers.seats, *talkers.monitors):
                call.speak_from(operator.seat_id, line, fresh=False)

    def offer_back(self, call_id: CallId, seat_id: SeatId) -> None:
        """The console of this seat is gone for too long: a colleague beside it has the call, or it rings again."""
        call = self._switchboard.calls.get(call_id)
        if call is None or not call.open or self.handover.gone(call, seat_id) or call.status.seat_id != seat_id:
            return
        call.timeline.append(CallOfferedBack(), SYSTEM)
        call.lines.clear()
        call.wire()
        call.tell_caller()
        self._switchboard.ring(call)

    def _own_call(self, operator: Operator, call_id: CallId) -> LiveCall:
        call = self.call_for(operator, call_id)
        if call.status.seat_id != operator.seat_id:
            raise Refused(ProblemCode.NOT_ALLOWED, "Another seat has this call.")
        return call

    async def _move(
        self, call: LiveCall, move: Move, body: TimelineBody, operator: Operator, command_id: str
    ) -> TimelineEntry:
        if (entry := call.timeline.done(command_id)) is None:
            if after(call.status.state, move) is None:
                raise Refused(ProblemCode.WRONG_STATE, f"The call is {call.status.state.value.replace('_', ' ')}.")
            entry = call.timeline.append(body, operator.actor, command_id=command_id)
            call.wire()
            call.tell_caller()
        return await safe(call, entry)


async def safe(call: LiveCall, entry: TimelineEntry) -> TimelineEntry:
    """The entry, once it is on disk. Raises Refused when the disk is slow to say so: done, but not safe yet."""
    if not await call.timeline.until_durable(entry.seq):
        raise Refused(ProblemCode.UNAVAILABLE, "It is done and shown, but the disk cannot keep it yet.")
    return entry
