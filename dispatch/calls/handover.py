"""Handing a call over warmly, and supervisors who listen or join.

In: operators with commands. Out: entries in the call's timeline, and who hears whom. Invariants: while an offer is
open, refused, withdrawn or too late, the call stays with the giver; who has a call leaves it only when somebody else
talks on it, and nobody hangs up under a colleague; a seat that is gone is replaced by the colleague beside it, or the
call rings again; who listens has no voice and is shown to the operator.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from dispatch.contract.base import CallId, SeatId
from dispatch.contract.conference import (
    CallPassedOn,
    ColleagueJoined,
    ColleagueLeft,
    JoinedBy,
    MonitorBegan,
    MonitorEnded,
    TransferEnd,
    TransferEnded,
    TransferOffered,
)
from dispatch.contract.console import CallState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import Actor, TimelineBody, TimelineEntry

from .call import LiveCall, Operator
from .ports import VoiceLine
from .switchboard import OPERATOR_VOICE, Switchboard
from .timeline import SYSTEM

OFFER_S: Final = 20.0
"""How long a colleague has to answer; two rings of the escalation (ringing.py)."""

Finder = Callable[[Operator, CallId], LiveCall]
Safe = Callable[[LiveCall, TimelineEntry], Awaitable[TimelineEntry]]


class Handover:
    """Calls with more than one operator. `find` gives a call that an operator may see, or raises Refused."""

    def __init__(self, switchboard: Switchboard, find: Finder, safe: Safe) -> None:
        self._switchboard = switchboard
        self._find = find
        self._safe = safe

    async def offer(self, giver: Operator, call_id: CallId, command_id: str, to: Operator) -> TimelineEntry:
        """Offers the giver's call to a colleague of the centre for `OFFER_S`."""
        call = self._find(giver, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            self._refuse_offer(call, giver, to)
            call.people[to.seat_id] = to
            call.transfer_until = self._switchboard.now() + timedelta(seconds=OFFER_S)
            body = TransferOffered(seat_id=to.seat_id, person_id=to.person_id)
            entry = call.timeline.append(body, giver.actor, command_id=command_id)
            offered = entry.seq
            self._switchboard.later(call, OFFER_S, lambda: self._too_late(call, offered))
        return await self._safe(call, entry)

    async def withdraw(self, giver: Operator, call_id: CallId, command_id: str) -> TimelineEntry:
        """The giver thinks better of it."""
        call = self._find(giver, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            _owned(call, giver)
            _refuse_unless(call.status.talkers.offered_to is not None, "The call is not offered to anybody.")
            entry = self._enter(call, TransferEnded(how=TransferEnd.WITHDRAWN), giver.actor, command_id)
        return await self._safe(call, entry)

    async def answer(
        self, colleague: Operator, line: VoiceLine, call_id: CallId, command_id: str, *, accept: bool
    ) -> TimelineEntry:
        """The colleague refuses, or talks on the call from now on."""
        call = self._find(colleague, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            offered = call.status.talkers.offered_to == colleague.seat_id
            _refuse_unless(offered, "The call is not offered to this seat any more.")
            if accept:
                entry = self._join(call, colleague, line, JoinedBy.TRANSFER, command_id)
            else:
                entry = self._enter(call, TransferEnded(how=TransferEnd.REFUSED), colleague.actor, command_id)
        return await self._safe(call, entry)

    async def monitor(self, supervisor: Operator, line: VoiceLine, call_id: CallId, command_id: str) -> TimelineEntry:
        """The supervisor hears the call from now on."""
        call = self._find(supervisor, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            _refuse_unless(_under_way(call), "Nobody talks on this call.")
            talkers = call.status.talkers
            on_it = supervisor.seat_id in (*talkers.seats, *talkers.monitors)
            _refuse_unless(not on_it, "You hear this call already.")
            call.people[supervisor.seat_id] = supervisor
            call.lines[supervisor.seat_id] = line
            entry = self._enter(call, MonitorBegan(seat_id=supervisor.seat_id), supervisor.actor, command_id)
        return await self._safe(call, entry)

    async def join(self, supervisor: Operator, line: VoiceLine, call_id: CallId, command_id: str) -> TimelineEntry:
        """The supervisor talks on the call beside the operator."""
        call = self._find(supervisor, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            _refuse_unless(_under_way(call), "Nobody talks on this call.")
            talkers = call.status.talkers
            _refuse_unless(supervisor.seat_id not in talkers.seats, "You talk on this call already.")
            _refuse_unless(talkers.colleague is None, "Two operators talk on this call already.")
            entry = self._join(call, supervisor, line, JoinedBy.SUPERVISOR, command_id)
        return await self._safe(call, entry)

    async def leave(self, operator: Operator, call_id: CallId, command_id: str) -> TimelineEntry:
        """Leaves a call that somebody else talks on, or ends listening."""
        call = self._find(operator, call_id)
        if (entry := call.timeline.done(command_id)) is None:
            seat, talkers = operator.seat_id, call.status.talkers
            alone = talkers.owner == seat and talkers.colleague is None
            _refuse_unless(not alone, "The caller would be alone: hand the call over, or hang up.")
            _refuse_unless(seat in (*talkers.seats, *talkers.monitors), "This seat is not on the call.")
            entry = self._depart(call, seat, operator.actor, command_id)
        return await self._safe(call, entry)

    def gone(self, call: LiveCall, seat: SeatId) -> bool:
        """A seat is gone for good. Says whether somebody still talks with the caller."""
        talkers = call.status.talkers
        if seat in talkers.monitors or seat == talkers.colleague:
            self._depart(call, seat, SYSTEM)
        elif seat == talkers.offered_to:
            self._enter(call, TransferEnded(how=TransferEnd.TIMED_OUT), SYSTEM)
        elif seat == talkers.owner and talkers.colleague is not None:
            self._depart(call, seat, SYSTEM)
        return call.status.talkers.owner not in (None, seat)

    def _refuse_offer(self, call: LiveCall, giver: Operator, to: Operator) -> None:
        _owned(call, giver)
        talkers = call.status.talkers
        _refuse_unless(_under_way(call), "The call is over.")
        _refuse_unless(to.seat_id != giver.seat_id, "The call is yours already.")
        _refuse_unless(talkers.offered_to is None, "The call is offered to somebody already.")
        _refuse_unless(talkers.colleague is None, "Two operators talk on this call already.")

    def _join(
        self, call: LiveCall, colleague: Operator, line: VoiceLine, by: JoinedBy, command_id: str
    ) -> TimelineEntry:  # fmt: skip
        """Gives the colleague the channel that the owner does not talk on."""
        channel = call.status.talkers.colleague_channel
        if channel not in call.path.channels:
            call.path.open_channel(channel, OPERATOR_VOICE)
        call.people[colleague.seat_id] = colleague
        body = ColleagueJoined(seat_id=colleague.seat_id, person_id=colleague.person_id, channel=channel, by=by)
        entry = call.timeline.append(body, colleague.actor, command_id=command_id)
        call.speak_from(colleague.seat_id, line, fresh=True)
        return entry

    def _depart(self, call: LiveCall, seat: SeatId, actor: Actor, command_id: str | None = None) -> TimelineEntry:
        """Takes a seat off the call; the owner's place goes to the colleague."""
        talkers = call.status.talkers
        channel = talkers.channel_of(seat)
        entry = self._enter(call, _departure(call, seat), actor, command_id)
        call.lines.pop(seat, None)
        if channel is not None:
            call.path.mouths.pop(channel, None)
        call.wire()
        return entry

    def _too_late(self, call: LiveCall, offered: int) -> None:
        """Nobody answered the offer of this entry in time."""
        since = call.timeline.after(offered)
        answered = any(isinstance(entry.body, TransferEnded | ColleagueJoined) for entry in since)
        if call.status.talkers.offered_to is not None and not answered:
            self._enter(call, TransferEnded(how=TransferEnd.TIMED_OUT), SYSTEM)

    def _enter(self, call: LiveCall, body: TimelineBody, actor: Actor, command_id: str | None = None) -> TimelineEntry:
        entry = call.timeline.append(body, actor, command_id=command_id)
        call.wire()
        return entry


def _departure(call: LiveCall, seat: SeatId) -> TimelineBody:
    talkers = call.status.talkers
    if seat in talkers.monitors:
        return MonitorEnded(seat_id=seat)
    if seat == talkers.colleague or talkers.colleague is None:
        return ColleagueLeft(seat_id=seat)
    person = call.people[talkers.colleague]
    return CallPassedOn(seat_id=person.seat_id, person_id=person.person_id)


def _under_way(call: LiveCall) -> bool:
    return call.status.state in (CallState.ANSWERED, CallState.ON_HOLD)


def _owned(call: LiveCall, operator: Operator) -> None:
    if call.status.seat_id != operator.seat_id:
        raise Refused(ProblemCode.NOT_ALLOWED, "Another seat has this call.")


def _refuse_unless(fine: bool, why: str) -> None:
    if not fine:
        raise Refused(ProblemCode.WRONG_STATE, why)
