"""All live calls of this node: taking them, ringing seats, connecting, ending, and taking them up after a restart.

In: what callers do, and what `operators` does for a seat. Out: entries in the calls' timelines, and through them
everything else. Invariants: a call is never refused for load; a call that nobody answers climbs until somebody does;
nobody but the connection that carries a call speaks into it.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from dispatch.contract.audio import AudioFormat, AudioFrame, Channel
from dispatch.contract.base import CallId, IncidentId
from dispatch.contract.caller import CallBackOffer, CallerCallState, CallOpened, EndCall, ResumeCall, StartCall
from dispatch.contract.console import CallState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import (
    Actor,
    CallAnswered,
    CallEnded,
    CallInterrupted,
    CallRang,
    CallReconnected,
    CallRecovered,
    CallStarted,
    EndReason,
    EscalationStep,
    TimelineEntry,
)
from dispatch.observability import metrics
from dispatch.observability.clock import Clock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.storage import DataKey
from dispatch.tenancy import Centre, Directory
from dispatch.triage import Case

from .actions import case_from, case_of
from .call import LiveCall, Operator, hash_token, new_token
from .call_key import KEY_FILE, new_call_key
from .goal_times import observe_goals
from .likely_duplicates import Changed, LikelyDuplicates
from .pipeline import CallPath, PathParts
from .ports import CallerLine, Floor, VoiceLine
from .recovery import RecoveredCall, resume_path
from .ringing import Escalation
from .timeline import CALLER, SYSTEM, Timeline

OPERATOR_VOICE: Final = AudioFormat()
"""Consoles send 16-bit sound at 16 kHz, always: a call's operator channel goes on when another seat answers."""
RING_AGAIN_S: Final = 1.0
"""How often a ringing call looks for seats that have become ready."""
RESUME_FILE: Final = "resume"

_log = structlog.get_logger(__name__)


class Switchboard:
    """The node's calls. `floor` is set once, before the first call."""

    def __init__(
        self, root: Path, parts: PathParts, directory: Directory, escalation: Escalation, grace_s: float,
    ) -> None:  # fmt: skip
        self.calls: dict[CallId, LiveCall] = {}
        self.floor: Floor
        self.on_entered: Callable[[], None] = _nothing
        self._root = root
        self._parts = parts
        self._directory = directory
        self._escalation = escalation
        self._grace_s = grace_s
        self._duplicates = LikelyDuplicates()
        self._requests: dict[str, tuple[CallId, str]] = {}
        self._call_backs: dict[CallId, tuple[Operator, VoiceLine]] = {}

    @property
    def _clock(self) -> Clock:
        return self._parts.clock

    @property
    def _tasks(self) -> TaskSupervisor:
        return self._parts.tasks

    # --- the caller's side ---------------------------------------------------------------------------------------

    async def start(self, request: StartCall, line: CallerLine) -> CallOpened:
        """Takes a new call, or the answer to a call-back. The call is on disk when this returns."""
        if request.channel is not Channel.CALLER:
            raise Refused(ProblemCode.CHANNEL_NOT_ALLOWED, "A caller cannot send the operator's side.")
        if request.request_id and request.request_id in self._requests:
            call_id, token = self._requests[request.request_id]
            return self.resume(self._callers_call(call_id, token), token, line)
        rung_back = self._answered_call_back(request)
        centre = rung_back.centre if rung_back else self._directory.centre_of_entry(request.entry)
        call, token = self._open(request, centre, rung_back)
        call.caller = line
        call.path.mouths[Channel.CALLER] = line
        if request.request_id:
            self._requests[request.request_id] = (call.call_id, token)
        await call.timeline.until_durable(1)  # a disk that does not answer delays a caller, and never turns one away
        if rung_back:
            rung_back.caller = None
            self.connect(call, *self._call_backs.pop(rung_back.call_id))
        else:
            self.ring(call)
        metrics.CALLS_STARTED.inc()
        _log.info("call started", call_id=call.call_id, centre_id=centre.centre_id)
        return self._opened(call, token)

    def has_started(self, request: StartCall) -> bool:
        """Whether this very request has opened a call before: its answer was lost on the way."""
        return request.request_id in self._requests

    def resumable(self, request: ResumeCall) -> LiveCall:
        """The call that a client may take up again.

        Raises Refused for a token that is not its own, and for an attempt that a newer one has overtaken on the way.
        """
        call = self._callers_call(request.call_id, request.resume_token)
        if request.attempt < call.attempt:
            raise Refused(ProblemCode.SUPERSEDED, "The call goes on elsewhere.")
        call.attempt = request.attempt
        return call

    def resume(self, call: LiveCall, token: str, line: CallerLine) -> CallOpened:
        """Takes a call up again; an older connection of the same call is let go."""
        if not call.open:
            call.caller = line
            self._changed(call)
            raise Refused(ProblemCode.CALL_ENDED, "The call is over.")
        self._replace_line(call, line)
        if call.status.interrupted_at:
            away_s = (self._clock.now() - call.status.interrupted_at).total_seconds()
            call.timeline.append(CallReconnected(away_s=max(0.0, away_s)), CALLER)
        return self._opened(call, token)

    def take_frame(self, call_id: CallId, line: CallerLine, frame: AudioFrame) -> None:
        """One frame of a caller's sound. Raises Refused."""
        call = self._call_on(call_id, line)
        if not call.open:
            raise Refused(ProblemCode.CALL_ENDED, "The call is over.")
        call.path.take(Channel.CALLER, frame)

    def end_by_caller(self, call_id: CallId, line: CallerLine, request: EndCall) -> CallerCallState:
        """The caller hangs up, once all sound that they sent has arrived."""
        call = self._call_on(call_id, line)
        if not call.open:
            return call.caller_state()
        next_seq = call.path.channels[Channel.CALLER].order.next_seq
        if request.next_seq > next_seq:
            raise Refused(ProblemCode.FRAME_OUT_OF_ORDER, "Some of the sound is missing.", expected_seq=next_seq)
        self.end(call, EndReason.CALLER_HUNG_UP, CALLER)
        return call.caller_state()

    def caller_gone(self, call_id: CallId, line: CallerLine) -> None:
        """A caller's connection broke: the call waits for them, and ends when they do not come back."""
        call = self.calls.get(call_id)
        if call is None or call.caller is not line:
            return
        call.caller = None
        call.wire()
        call.path.mouths.pop(Channel.CALLER, None)
        if call.open:
            self._interrupt(call)
        self._changed(call)

    def visible_calls(self, centre_id: str) -> list[LiveCall]:
        """The calls that a centre's consoles show."""
        return [call for call in self.calls.values() if call.visible_to(centre_id)]

    # --- what both sides bring about -----------------------------------------------------------------------------

    def end(self, call: LiveCall, reason: EndReason, actor: Actor, command_id: str | None = None) -> TimelineEntry:
        """Ends a call once; a second end finds it over."""
        if not call.open:
            return call.timeline.entries[-1]
        entry = call.timeline.append(CallEnded(reason=reason), actor, command_id=command_id)
        self.floor.stop_ringing(call.call_id, answered=False)
        _log.info("call ended", call_id=call.call_id, reason_code=reason.value)
        call.wire()
        call.tell_caller()
        self._tasks.start("last words", self._hear_out(call), subject=call.call_id)
        return entry

    def now(self) -> datetime:
        """The time of the node's clock."""
        return self._clock.now()

    def later(self, call: LiveCall, seconds: float, act: Callable[[], None]) -> None:
        """Does something about a call after a while, if it is still open."""
        self._tasks.start("later", self._later(call, seconds, act), subject=call.call_id)

    def ring(self, call: LiveCall) -> None:
        """Rings seats, wider and wider, until somebody answers or the call ends."""
        self._tasks.start("ringing", self._ring(call), subject=call.call_id)

    def connect(
        self, call: LiveCall, operator: Operator, line: VoiceLine, command_id: str | None = None
    ) -> TimelineEntry:
        """Gives a call to a seat."""
        call.people = {operator.seat_id: operator}
        call.lines.clear()
        waited_s = self._waited_s(call)
        entry = call.timeline.append(CallAnswered(waited_s=waited_s), operator.actor, command_id=command_id)
        if Channel.OPERATOR not in call.path.channels:
            call.path.open_channel(Channel.OPERATOR, OPERATOR_VOICE)
        call.speak_from(operator.seat_id, line, fresh=True)
        self.floor.stop_ringing(call.call_id, answered=True)
        call.path.decide(entry)
        call.tell_caller()
        _log.info("call answered", call_id=call.call_id, seat_id=operator.seat_id)
        metrics.ANSWER_SECONDS.observe(waited_s)
        return entry

    def offer_call_back(self, call: LiveCall, operator: Operator, line: VoiceLine) -> None:
        """Rings an ended call's caller; their answer opens a call at this seat. Raises Refused."""
        if call.open or call.caller is None:
            raise Refused(ProblemCode.WRONG_STATE, "The caller's client is not waiting for a call-back.")
        self._call_backs[call.call_id] = operator, line
        call.caller.offer_call_back(CallBackOffer(call_id=call.call_id, message="The dispatch centre rings you back."))

    # --- restart -------------------------------------------------------------------------------------------------

    def recover(self, found: RecoveredCall) -> LiveCall:
        """Takes a call up again that this node had before it was restarted, and offers it to the operators."""
        started = found.started
        centre = self._directory.centre(started.centre_id) or self._directory.centre_of_entry(started.entry)
        case = case_from(found.entries)
        call = self._build(found.call_id, centre, case, found.resume_hash, found.key, found.entries)
        for entry in found.entries:
            call.status.apply(entry)
        call.path.card = call.status.card
        self.calls[call.call_id] = call
        if call.open:
            call.timeline.append(CallRecovered(), SYSTEM)
            resume_path(call.path, found)
            self.ring(call)
            self._tasks.start("grace", self._end_unless_back(call), subject=call.call_id)
        else:
            call.path.settled = True
        return call

    def forget(self, call: LiveCall) -> None:
        """A closed call is in the database whole: it leaves memory."""
        self.calls.pop(call.call_id, None)
        self._propose_merges(self._duplicates.forget(call.call_id))
        self._call_backs.pop(call.call_id, None)
        self._requests = {key: kept for key, kept in self._requests.items() if kept[0] != call.call_id}

    # --- inside --------------------------------------------------------------------------------------------------

    def _open(self, request: StartCall, centre: Centre, rung_back: LiveCall | None) -> tuple[LiveCall, str]:
        call_id, token = CallId(f"call-{secrets.token_hex(8)}"), new_token()
        incident_id = rung_back.summary().incident_id if rung_back else IncidentId(f"inc-{secrets.token_hex(8)}")
        started = CallStarted(
            centre_id=centre.centre_id,
            incident_id=incident_id,
            entry=request.entry,
            format=request.format,
            phone=request.phone,
            position=request.position,
            language=request.language,
            exercise=request.exercise or (rung_back is not None and rung_back.summary().exercise),
            trainee_id=request.trainee_id if request.exercise else None,
            call_back_of=rung_back.call_id if rung_back else None,
        )
        key, kept_key = new_call_key(self._parts.keys, centre.centre_id)
        call = self._build(call_id, centre, case_of(started), hash_token(token), key)
        self._parts.disk.append(self._root / call_id / KEY_FILE, kept_key, _nothing, always=True)
        self._parts.disk.append(self._root / call_id / RESUME_FILE, hash_token(token).encode(), _nothing, always=True)
        self.calls[call_id] = call
        call.timeline.append(started, CALLER)
        call.path.open_channel(Channel.CALLER, request.format, language=request.language)
        call.path.show_card()
        return call, token

    def _build(
        self, call_id: CallId, centre: Centre, case: Case, resume_hash: str, key: DataKey,
        entries: tuple[TimelineEntry, ...] = (),
    ) -> LiveCall:  # fmt: skip
        folder = self._root / call_id
        timeline = Timeline(
            call_id, folder, self._parts.disk, self._clock, lambda entry: self._entered(call, entry), key, entries
        )
        path = CallPath(
            call_id, centre.centre_id, timeline, folder, case, self._parts, key,
            on_partial=lambda partial: self.floor.partial_heard(call_id, partial),
        )  # fmt: skip
        call = LiveCall(call_id, centre, timeline, path, resume_hash)
        return call

    def _entered(self, call: LiveCall, entry: TimelineEntry) -> None:
        """Every entry of every call passes here: into the state, to the consoles, to the database."""
        before = call.status.card
        call.status.apply(entry)
        observe_goals(before, call.status.card)
        self._propose_merges(self._duplicates.look(call, self.calls.values()))
        self.floor.entry_added(call.call_id, entry)
        self._changed(call)
        self.on_entered()

    def _propose_merges(self, changed: Changed) -> None:
        for call_id, likely in changed.items():
            call = self.calls.get(call_id)
            if call is not None and call.duplicates != likely:
                call.duplicates = likely
                self._changed(call)

    def _changed(self, call: LiveCall) -> None:
        self.floor.call_changed(call.summary())

    def _answered_call_back(self, request: StartCall) -> LiveCall | None:
        if request.call_back is None:
            return None
        call = self._callers_call(request.call_back, request.resume_token or "")
        if call.call_id not in self._call_backs:
            raise Refused(ProblemCode.WRONG_STATE, "Nobody is ringing you back at present.")
        return call

    def _call_on(self, call_id: CallId, line: CallerLine) -> LiveCall:
        """The call that a connection carries, while it is the one that carries it."""
        call = self.calls.get(call_id)
        if call is None:
            raise Refused(ProblemCode.CALL_ENDED, "The call is over.")
        if call.caller is not line:
            raise Refused(ProblemCode.SUPERSEDED, "The call goes on elsewhere.")
        return call

    def _callers_call(self, call_id: CallId, token: str) -> LiveCall:
        call = self.calls.get(call_id)
        if call is None or not call.may_resume(token):
            raise Refused(ProblemCode.WRONG_RESUME_TOKEN, "That is not the token of an open call.")
        return call

    def _opened(self, call: LiveCall, token: str) -> CallOpened:
        order = call.path.channels[Channel.CALLER].order
        return CallOpened(
            call_id=call.call_id, resume_token=token, next_seq=order.next_seq, next_offset=order.next_offset,
            state=call.caller_state().phase, notice=call.centre.notice,
        )  # fmt: skip

    def _replace_line(self, call: LiveCall, line: CallerLine) -> None:
        old, call.caller = call.caller, line
        call.path.mouths[Channel.CALLER] = line
        if old is not None and old is not line:
            old.tell_problem(Refused(ProblemCode.SUPERSEDED, "The call goes on elsewhere.").problem)
        call.wire()

    async def _later(self, call: LiveCall, seconds: float, act: Callable[[], None]) -> None:
        await self._clock.sleep(seconds)
        if call.open:
            act()

    async def _hear_out(self, call: LiveCall) -> None:
        await call.path.finish()
        self.on_entered()

    def _interrupt(self, call: LiveCall) -> None:
        call.timeline.append(CallInterrupted(), SYSTEM)
        self._tasks.start("grace", self._end_unless_back(call), subject=call.call_id)

    async def _end_unless_back(self, call: LiveCall) -> None:
        gone_at = call.status.interrupted_at
        await self._clock.sleep(self._grace_s)
        if call.open and call.status.interrupted_at == gone_at:
            self.end(call, EndReason.CONNECTION_LOST, SYSTEM)

    def _waited_s(self, call: LiveCall) -> float:
        since = call.status.ringing_since or call.timeline.started_at
        return max(0.0, (self._clock.now() - since).total_seconds())

    async def _ring(self, call: LiveCall) -> None:
        rung: tuple[EscalationStep | None, tuple[str, ...]] = (None, ())
        while call.status.state is CallState.RINGING:
            step = self._escalation.step_at(self._waited_s(call))
            rung_now = self.floor.ring(call.centre, call.summary(), step, call.trainee_id)
            seats = tuple(seat.seat_id for seat in rung_now)
            if (step, seats) != rung:
                rung = (step, seats)
                call.timeline.append(CallRang(step=step, seats=seats), SYSTEM)
                call.tell_caller(self._waited_s(call))
            await self._clock.sleep(RING_AGAIN_S)


def _nothing() -> None:
    """For what needs no word when it is done: the token's file is on disk before the call's first entry is."""
