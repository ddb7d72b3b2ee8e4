"""What operators command: one table from wire event to act.

Every handler takes the console and a validated command, and returns the log entry that it made, or None where it made
none. Refusals are raised as `Refused` and answered as a `CommandDone` that is not ok.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

from dispatch.calls.operators import OperatorDesk
from dispatch.contract.conference_commands import (
    AnswerTransfer,
    AskColleagues,
    JoinCall,
    LeaveTalk,
    MonitorCall,
    OfferTransfer,
    WithdrawTransfer,
)
from dispatch.contract.console import (
    AcceptField,
    AddNote,
    AnswerCall,
    CallBack,
    CallCommand,
    ChooseScript,
    Command,
    CommandDone,
    DisposeCall,
    EditField,
    HandOverCall,
    HangUpCall,
    HoldCall,
    LeaveCall,
    MarkHelpSent,
    MarkQuestion,
    MarkStep,
    OpenCall,
    OverrideCategory,
    SeatState,
    SetLanguage,
    SetSeatState,
)
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import (
    CategoryOverridden,
    FieldAccepted,
    FieldEdited,
    HelpSent,
    LanguageSet,
    NoteAdded,
    QuestionAsked,
    ScriptChosen,
    StepDone,
    TimelineBody,
    TimelineEntry,
)
from dispatch.dispatching.ports import Commander
from dispatch.identity import Role
from dispatch.observability.clock import Clock
from dispatch.triage import knows_script
from transcription import knows_language

from .console import Console
from .floor import Floor

AnyCommand = TypeVar("AnyCommand", bound=Command)
Act = Callable[[Console, AnyCommand], Awaitable[TimelineEntry | None]]


class SendingDesk(Protocol):
    """Carries out the commands about incidents, units and places, in the database."""

    @property
    def commands(self) -> frozenset[type[Command]]: ...

    async def carry_out(self, commander: Commander, command: Command) -> TimelineEntry | None: ...


class Commands:
    """Carries out operators' commands against the node's calls."""

    def __init__(self, desk: OperatorDesk, floor: Floor, clock: Clock, sending: SendingDesk | None = None) -> None:
        self._sending = sending
        self._calls = desk
        self._floor = floor
        self._clock = clock
        self._acts: Final[dict[type[Command], Act]] = {  # type: ignore[type-arg]
            SetSeatState: self._set_seat,
            OpenCall: self._open,
            LeaveCall: self._leave,
            AnswerCall: self._answer,
            HoldCall: self._hold,
            HangUpCall: self._hang_up,
            CallBack: self._call_back,
            DisposeCall: self._dispose,
            AskColleagues: self._tell_colleagues,
            OfferTransfer: self._offer_transfer,
            WithdrawTransfer: self._withdraw_transfer,
            AnswerTransfer: self._answer_transfer,
            LeaveTalk: self._depart,
            MonitorCall: self._monitor,
            JoinCall: self._join,
            HandOverCall: self._hand_over,
            SetLanguage: self._enter,
            MarkHelpSent: self._enter,
            AcceptField: self._enter,
            EditField: self._enter,
            OverrideCategory: self._enter,
            MarkQuestion: self._enter,
            MarkStep: self._enter,
            ChooseScript: self._enter,
            AddNote: self._enter,
        }

    async def carry_out(self, console: Console, command: Command) -> CommandDone:
        """Does what is commanded, or says why not. An acknowledged command is on disk."""
        try:
            self._refuse_expired(console, command)
            entry = await self._act(console, command)
        except Refused as refused:
            return CommandDone(command_id=command.command_id, ok=False, problem=refused.problem)
        return CommandDone(command_id=command.command_id, ok=True, seq=entry.seq if entry else None)

    async def _act(self, console: Console, command: Command) -> TimelineEntry | None:
        if self._sending is not None and type(command) in self._sending.commands:
            return await self._sending.carry_out(commander_of(console), command)
        return await self._acts[type(command)](console, command)

    def _refuse_expired(self, console: Console, command: Command) -> None:
        """An expired token does nothing new, but never takes a call out of an operator's hands."""
        own_call = isinstance(command, CallCommand) and command.call_id == console.seat.call_id
        if console.who.expires_at <= self._clock.now() and not own_call:
            raise Refused(ProblemCode.TOKEN_EXPIRED, "Your session has run out.")

    async def _set_seat(self, console: Console, command: SetSeatState) -> None:
        if console.seat.state is SeatState.ON_CALL:
            raise Refused(ProblemCode.WRONG_STATE, "This seat is on a call.")
        self._floor.sit(console, command.state)

    async def _open(self, console: Console, command: OpenCall) -> None:
        self._floor.open_call(console, self._calls.call_for(console.operator, command.call_id), command.after_seq)

    async def _leave(self, console: Console, command: LeaveCall) -> None:
        console.open_calls.discard(command.call_id)

    async def _answer(self, console: Console, command: AnswerCall) -> TimelineEntry:
        _refuse_on_another_call(console, command)
        return await self._calls.answer(console.operator, console, command.call_id, command.command_id)

    async def _hold(self, console: Console, command: HoldCall) -> TimelineEntry:
        return await self._calls.hold(console.operator, command.call_id, command.command_id, on=command.on)

    async def _hang_up(self, console: Console, command: HangUpCall) -> TimelineEntry:
        return await self._calls.hang_up(console.operator, command.call_id, command.command_id)

    async def _call_back(self, console: Console, command: CallBack) -> TimelineEntry:
        return await self._calls.call_back(console.operator, console, command.call_id, command.command_id)

    async def _dispose(self, console: Console, command: DisposeCall) -> TimelineEntry:
        return await self._calls.dispose(
            console.operator, command.call_id, command.command_id, command.disposition, command.reason
        )

    async def _tell_colleagues(self, console: Console, _: AskColleagues) -> None:
        console.deliver(self._floor.colleagues(console))

    async def _offer_transfer(self, console: Console, command: OfferTransfer) -> TimelineEntry:
        """The colleague must be at a connected seat of this centre, and not on a call."""
        colleague = self._floor.consoles.get(command.seat_id)
        if colleague is None or colleague.socket is None or colleague.who.centre_id != console.who.centre_id:
            raise Refused(ProblemCode.NOT_FOUND, "Nobody sits at that seat.")
        if colleague.seat.state is SeatState.ON_CALL and colleague is not console:
            raise Refused(ProblemCode.WRONG_STATE, "That seat is on a call.")
        handover = self._calls.handover
        return await handover.offer(console.operator, command.call_id, command.command_id, colleague.operator)

    async def _withdraw_transfer(self, console: Console, command: WithdrawTransfer) -> TimelineEntry:
        return await self._calls.handover.withdraw(console.operator, command.call_id, command.command_id)

    async def _answer_transfer(self, console: Console, command: AnswerTransfer) -> TimelineEntry:
        if command.accept:
            _refuse_on_another_call(console, command)
        return await self._calls.handover.answer(
            console.operator, console, command.call_id, command.command_id, accept=command.accept
        )

    async def _depart(self, console: Console, command: LeaveTalk) -> TimelineEntry:
        return await self._calls.handover.leave(console.operator, command.call_id, command.command_id)

    async def _monitor(self, console: Console, command: MonitorCall) -> TimelineEntry:
        _refuse_unless_supervisor(console)
        return await self._calls.handover.monitor(console.operator, console, command.call_id, command.command_id)

    async def _join(self, console: Console, command: JoinCall) -> TimelineEntry:
        _refuse_unless_supervisor(console)
        _refuse_on_another_call(console, command)
        return await self._calls.handover.join(console.operator, console, command.call_id, command.command_id)

    async def _hand_over(self, console: Console, command: HandOverCall) -> TimelineEntry:
        return await self._calls.hand_over(console.operator, command)

    async def _enter(self, console: Console, command: CallCommand) -> TimelineEntry:
        call = self._calls.call_for(console.operator, command.call_id)
        body = body_of(command, shown=call.path.card.category)
        return await self._calls.enter(console.operator, command.call_id, command.command_id, body)


def _refuse_on_another_call(console: Console, command: CallCommand) -> None:
    if console.seat.state is SeatState.ON_CALL and console.seat.call_id != command.call_id:
        raise Refused(ProblemCode.WRONG_STATE, "This seat is on a call already.")


def _refuse_unless_supervisor(console: Console) -> None:
    if not console.who.supervisor:
        raise Refused(ProblemCode.NOT_ALLOWED, "Only supervisors listen to others' calls, or join them.")


def commander_of(console: Console) -> Commander:
    """Who sits at a console, as dispatching knows them."""
    role = Role.SUPERVISOR if console.who.supervisor else Role.OPERATOR
    return Commander(console.who.centre_id, role, console.who.person_id, console.seat.seat_id)


def body_of(command: Command, shown: int | None) -> TimelineBody:
    """The log entry's body for an act on the card or the log; `shown` is the category before it."""
    match command:
        case AcceptField(name=name):
            return FieldAccepted(name=name)
        case EditField(name=name, value=value):
            return FieldEdited(name=name, value=value)
        case OverrideCategory(category=category, reason=reason):
            return CategoryOverridden(before=shown, after=category, reason=reason)
        case MarkQuestion(code=code, answer=answer):
            return QuestionAsked(code=code, answer=answer)
        case MarkStep(script_id=script_id, step_id=step_id, answer=answer):
            return StepDone(script_id=script_id, step_id=step_id, answer=answer)
        case ChooseScript(script_id=script_id):
            if not knows_script(script_id):
                raise Refused(ProblemCode.NOT_FOUND, "There is no such script.")
            return ScriptChosen(script_id=script_id)
        case SetLanguage(language=language):
            if language is not None and not knows_language(language):
                raise Refused(ProblemCode.NOT_FOUND, "The recogniser does not know this language.")
            return LanguageSet(language=language)
        case MarkHelpSent():
            return HelpSent()
        case AddNote(text=text):
            return NoteAdded(text=text)
    raise LookupError(f"{type(command).__name__} makes no entry")
