"""Every Socket.IO event of the product: namespace, name, direction, body and acknowledgement.

The transport binds its handlers from this table, and AsyncAPI and the TypeScript types are generated from it, so that
an event that is not here does not exist.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .audio import AudioAck, AudioFrame, ConsoleAudioFrame, RelayedFrame
from .base import Message
from .caller import CallBackOffer, CallerCallState, CallerHello, CallOpened, EndCall, ResumeCall, StartCall
from .conference_commands import (
    AnswerTransfer,
    AskColleagues,
    JoinCall,
    LeaveTalk,
    MonitorCall,
    OfferTransfer,
    WithdrawTransfer,
)
from .console import (
    AcceptField,
    AddNote,
    AnswerCall,
    CallBack,
    ChooseScript,
    CommandDone,
    ConsoleHello,
    Delivery,
    DeliveryAck,
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
    Reauthenticate,
    SetLanguage,
    SetSeatState,
)
from .dispatch_commands import (
    AlertHelpers,
    CheckWelfare,
    CloseIncident,
    ConfirmPlace,
    DispatchUnit,
    DivertUnit,
    MergeIncident,
    OfferUnits,
    OpenIncident,
    ReferCall,
    ReportUnit,
    SetUnitDuty,
    SplitCall,
    StandDown,
    UnmergeIncident,
    UpgradeIncident,
    UpgradeUnit,
)
from .problems import Problem

CALLER: Final = "/caller"
OPERATOR: Final = "/operator"


class Direction(StrEnum):
    """Who sends an event."""

    TO_SERVER = "to_server"
    TO_CLIENT = "to_client"


@dataclass(frozen=True)
class EventSpec:
    """One event. `ack` is the model of the acknowledgement's single argument, always possibly a `Problem`."""

    namespace: str
    name: str
    direction: Direction
    body: type[Message]
    ack: type[Message] | None = None


def _up(namespace: str, name: str, body: type[Message], ack: type[Message] | None = None) -> EventSpec:
    return EventSpec(namespace, name, Direction.TO_SERVER, body, ack)


def _down(namespace: str, name: str, body: type[Message]) -> EventSpec:
    return EventSpec(namespace, name, Direction.TO_CLIENT, body)


EVENTS: Final[tuple[EventSpec, ...]] = (
    _down(CALLER, "hello", CallerHello),
    _up(CALLER, "call.start", StartCall, CallOpened),
    _up(CALLER, "call.resume", ResumeCall, CallOpened),
    _up(CALLER, "audio.frame", AudioFrame),
    _up(CALLER, "call.end", EndCall, CallerCallState),
    _down(CALLER, "audio.ack", AudioAck),
    _down(CALLER, "audio.relay", RelayedFrame),
    _down(CALLER, "call.state", CallerCallState),
    _down(CALLER, "call.call_back", CallBackOffer),
    _down(CALLER, "problem", Problem),
    _down(OPERATOR, "hello", ConsoleHello),
    _down(OPERATOR, "delivery", Delivery),
    _down(OPERATOR, "audio.relay", RelayedFrame),
    _down(OPERATOR, "audio.ack", AudioAck),
    _down(OPERATOR, "problem", Problem),
    _up(OPERATOR, "console.ack", DeliveryAck),
    _up(OPERATOR, "console.reauth", Reauthenticate, ConsoleHello),
    _up(OPERATOR, "audio.frame", ConsoleAudioFrame),
    _up(OPERATOR, "seat.set", SetSeatState, CommandDone),
    _up(OPERATOR, "call.open", OpenCall, CommandDone),
    _up(OPERATOR, "call.leave", LeaveCall, CommandDone),
    _up(OPERATOR, "call.answer", AnswerCall, CommandDone),
    _up(OPERATOR, "call.hold", HoldCall, CommandDone),
    _up(OPERATOR, "call.hang_up", HangUpCall, CommandDone),
    _up(OPERATOR, "call.call_back", CallBack, CommandDone),
    _up(OPERATOR, "call.language", SetLanguage, CommandDone),
    _up(OPERATOR, "call.help_sent", MarkHelpSent, CommandDone),
    _up(OPERATOR, "call.hand_over", HandOverCall, CommandDone),
    _up(OPERATOR, "call.dispose", DisposeCall, CommandDone),
    _up(OPERATOR, "seats.ask", AskColleagues, CommandDone),
    _up(OPERATOR, "call.transfer", OfferTransfer, CommandDone),
    _up(OPERATOR, "call.transfer_withdraw", WithdrawTransfer, CommandDone),
    _up(OPERATOR, "call.transfer_answer", AnswerTransfer, CommandDone),
    _up(OPERATOR, "call.depart", LeaveTalk, CommandDone),
    _up(OPERATOR, "call.monitor", MonitorCall, CommandDone),
    _up(OPERATOR, "call.join", JoinCall, CommandDone),
    _up(OPERATOR, "card.accept", AcceptField, CommandDone),
    _up(OPERATOR, "card.edit", EditField, CommandDone),
    _up(OPERATOR, "card.override", OverrideCategory, CommandDone),
    _up(OPERATOR, "card.question", MarkQuestion, CommandDone),
    _up(OPERATOR, "card.step", MarkStep, CommandDone),
    _up(OPERATOR, "card.script", ChooseScript, CommandDone),
    _up(OPERATOR, "note.add", AddNote, CommandDone),
    _up(OPERATOR, "place.confirm", ConfirmPlace, CommandDone),
    _up(OPERATOR, "unit.dispatch", DispatchUnit, CommandDone),
    _up(OPERATOR, "unit.offer", OfferUnits, CommandDone),
    _up(OPERATOR, "unit.stand_down", StandDown, CommandDone),
    _up(OPERATOR, "unit.divert", DivertUnit, CommandDone),
    _up(OPERATOR, "unit.upgrade", UpgradeUnit, CommandDone),
    _up(OPERATOR, "unit.report", ReportUnit, CommandDone),
    _up(OPERATOR, "unit.duty", SetUnitDuty, CommandDone),
    _up(OPERATOR, "incident.open", OpenIncident, CommandDone),
    _up(OPERATOR, "incident.merge", MergeIncident, CommandDone),
    _up(OPERATOR, "incident.unmerge", UnmergeIncident, CommandDone),
    _up(OPERATOR, "incident.split", SplitCall, CommandDone),
    _up(OPERATOR, "incident.upgrade", UpgradeIncident, CommandDone),
    _up(OPERATOR, "incident.close", CloseIncident, CommandDone),
    _up(OPERATOR, "incident.welfare", CheckWelfare, CommandDone),
    _up(OPERATOR, "referral.make", ReferCall, CommandDone),
    _up(OPERATOR, "helpers.alert", AlertHelpers, CommandDone),
)


def event(namespace: str, name: str, direction: Direction) -> EventSpec:
    """The named event. Raises LookupError for one that does not exist."""
    for spec in EVENTS:
        if (spec.namespace, spec.name, spec.direction) == (namespace, name, direction):
            return spec
    raise LookupError(f"no event {name} on {namespace} {direction}")
