"""`/caller`: callers, without an account. Starts and resumes calls, takes their sound, carries the operator's voice."""

from typing import Any, ClassVar

from dispatch.calls.switchboard import Switchboard
from dispatch.contract.audio import AudioAck, AudioFrame, RelayedFrame
from dispatch.contract.base import CallId, Message
from dispatch.contract.caller import (
    CallBackOffer,
    CallerCallState,
    CallerHello,
    CallOpened,
    EndCall,
    ResumeCall,
    StartCall,
)
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.registry import CALLER
from dispatch.observability.clock import Clock
from dispatch.observability.supervision import TaskSupervisor

from .mailbox import Mailbox
from .namespace import Connection, Namespace
from .sockets import BoundedServer


class CallerConnection(Connection):
    """A caller's connection, as their call sees it."""

    def __init__(self, sid: str, mailbox: Mailbox) -> None:
        super().__init__(sid, mailbox)
        self.call_id: CallId | None = None

    def acknowledge(self, ack: AudioAck) -> None:
        self.mailbox.put("audio.ack", ack, key="ack")

    def relay(self, frame: RelayedFrame) -> None:
        self.mailbox.put_relayed("audio.relay", frame)

    def tell_state(self, state: CallerCallState) -> None:
        self.mailbox.put("call.state", state)

    def offer_call_back(self, offer: CallBackOffer) -> None:
        self.mailbox.put("call.call_back", offer)


class CallerNamespace(Namespace):
    """The callers' door. Nobody is turned away."""

    path: ClassVar[str] = CALLER

    def __init__(
        self, server: BoundedServer, tasks: TaskSupervisor, clock: Clock, switchboard: Switchboard, public_number: str
    ) -> None:
        super().__init__(server, tasks, clock)
        self._switchboard = switchboard
        self._public_number = public_number

    async def begin(self, connection: Connection, auth: Any) -> Connection:
        del auth
        connection.mailbox.put("hello", CallerHello(public_number=self._public_number))
        return CallerConnection(connection.sid, connection.mailbox)

    async def end(self, connection: Connection) -> None:
        assert isinstance(connection, CallerConnection)
        if connection.call_id:
            self._switchboard.caller_gone(connection.call_id, connection)

    async def handle(self, connection: Connection, event: str, body: Message) -> Message | None:
        assert isinstance(connection, CallerConnection)
        match body:
            case AudioFrame():
                self._switchboard.take_frame(_call_of(connection), connection, body)
                return None
            case StartCall():
                return await self._start(connection, body)
            case ResumeCall():
                return await self._resume(connection, body)
            case EndCall():
                return self._switchboard.end_by_caller(_call_of(connection), connection, body)
        raise Refused(ProblemCode.UNKNOWN_EVENT, f"{event} is not for callers.")

    async def _start(self, connection: CallerConnection, request: StartCall) -> CallOpened:
        if not self._switchboard.has_started(request):
            self._refuse_second_call(connection)
        opened = await self._switchboard.start(request, connection)
        connection.call_id = opened.call_id
        return opened

    async def _resume(self, connection: CallerConnection, request: ResumeCall) -> CallOpened:
        if connection.call_id != request.call_id:
            self._refuse_second_call(connection)
        call = self._switchboard.resumable(request)
        connection.call_id = call.call_id
        return self._switchboard.resume(call, request.resume_token, connection)

    def _refuse_second_call(self, connection: CallerConnection) -> None:
        call = self._switchboard.calls.get(connection.call_id) if connection.call_id else None
        if call is not None and call.open:
            raise Refused(ProblemCode.CALL_ALREADY_OPEN, "This connection has a call already.")


def _call_of(connection: CallerConnection) -> CallId:
    if connection.call_id is None:
        raise Refused(ProblemCode.NO_CALL, "There is no call on this connection.")
    return connection.call_id
