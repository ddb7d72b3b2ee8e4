"""`/operator`: signed-in consoles. Deliveries out of the console's outbox, commands and the operator's voice in."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from pydantic import ValidationError

from dispatch.calls.operators import OperatorDesk
from dispatch.calls.switchboard import Switchboard
from dispatch.consoles.commands import Commands, SendingDesk
from dispatch.consoles.console import Console, SignedIn, Standing
from dispatch.consoles.floor import Floor
from dispatch.consoles.outbox import Parcel
from dispatch.contract.audio import AudioAck, AudioFrame, ConsoleAudioFrame, RelayedFrame
from dispatch.contract.base import Message
from dispatch.contract.console import Command, ConsoleAuth, ConsoleHello, DeliveryAck, Reauthenticate
from dispatch.contract.problems import ProblemCode, Refused, problem
from dispatch.contract.registry import OPERATOR
from dispatch.contract.roles import Role
from dispatch.observability.clock import Clock
from dispatch.observability.supervision import TaskSupervisor

from .mailbox import Mailbox
from .namespace import Connection, Namespace
from .sockets import BoundedServer

Authenticate = Callable[[str], SignedIn]
"""Reads an access token; raises Refused where it is not good, or not an operator's."""


class ConsoleConnection(Connection):
    """A console's connection, as the floor sees it."""

    def __init__(self, sid: str, mailbox: Mailbox) -> None:
        super().__init__(sid, mailbox)
        self.console: Console

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        self.mailbox.put_all("delivery", [parcel.text for parcel in parcels])

    def relay(self, frame: RelayedFrame) -> None:
        self.mailbox.put_relayed("audio.relay", frame)

    def acknowledge(self, ack: AudioAck) -> None:
        self.mailbox.put("audio.ack", ack, key="ack")

    def superseded(self) -> None:
        self.tell_problem(problem(ProblemCode.SUPERSEDED, "This console goes on in another window."))
        self.mailbox.close()

    def shown_out(self) -> None:
        self.tell_problem(problem(ProblemCode.NOT_SIGNED_IN, "You are signed out here, or may not work here any more."))
        self.mailbox.close()

    def let_go(self, reason: str) -> None:
        self.tell_problem(problem(ProblemCode.TOO_MANY, reason))
        self.mailbox.close()


class OperatorNamespace(Namespace):
    """The operators' door: nobody without a good token."""

    path: ClassVar[str] = OPERATOR

    def __init__(
        self, server: BoundedServer, tasks: TaskSupervisor, clock: Clock, switchboard: Switchboard, floor: Floor,
        authenticate: Authenticate, sending: SendingDesk | None = None,
    ) -> None:  # fmt: skip
        super().__init__(server, tasks, clock)
        self._desk = OperatorDesk(switchboard)
        self._floor = floor
        self._commands = Commands(self._desk, floor, clock, sending)
        self._authenticate = authenticate
        server.open_lane(OPERATOR, "console.ack", self._taken_in)

    async def begin(self, connection: Connection, auth: Any) -> Connection:
        try:
            read = ConsoleAuth.model_validate(auth)
        except ValidationError:
            raise Refused(ProblemCode.INVALID_MESSAGE, "auth takes token, console_id, epoch and last_seq.") from None
        who = self._authenticate(read.token)
        made = ConsoleConnection(connection.sid, connection.mailbox)
        made.asker = (who.person_id, Role.SUPERVISOR if who.supervisor else Role.OPERATOR, who.centre_id)
        made.console, resumed = self._floor.attach(who, read, made)
        made.mailbox.put_first("hello", _hello(made.console, resumed=resumed))
        self._desk.voice_again(made.console.operator, made.console)
        return made

    async def end(self, connection: Connection) -> None:
        assert isinstance(connection, ConsoleConnection)
        self._floor.detach(connection.console, connection)

    def _taken_in(self, sid: str, text: str) -> bool:
        """The short way of an acknowledgement: every console sends several a second."""
        connection = self.connections.get(sid)
        try:
            ack = DeliveryAck.model_validate_json(text)
        except ValidationError:
            return False
        if isinstance(connection, ConsoleConnection) and not connection.mailbox.closing:
            self._floor.acknowledged(connection.console, ack.epoch, ack.seq)
        return True

    async def handle(self, connection: Connection, event: str, body: Message) -> Message | None:
        assert isinstance(connection, ConsoleConnection)
        console = connection.console
        if console.who.standing() is Standing.BARRED:
            raise Refused(ProblemCode.NOT_SIGNED_IN, "You may not work here any more.")
        match body:
            case ConsoleAudioFrame():
                frame = AudioFrame(seq=body.seq, offset=body.offset, audio=body.audio)
                self._desk.take_frame(console.operator, body.call_id, frame)
            case DeliveryAck():
                self._floor.acknowledged(console, body.epoch, body.seq)
            case Reauthenticate():
                return self._reauthenticate(console, body.token)
            case Command():
                return await self._commands.carry_out(console, body)
            case _:
                raise Refused(ProblemCode.UNKNOWN_EVENT, f"{event} is not for consoles.")
        return None

    def _reauthenticate(self, console: Console, token: str) -> ConsoleHello:
        """A fresh token on the same connection; another person's is refused and changes nothing."""
        who = self._authenticate(token)
        if (who.person_id, who.centre_id) != (console.who.person_id, console.who.centre_id):
            raise Refused(ProblemCode.NOT_ALLOWED, "That is somebody else's token.")
        console.who = who
        return _hello(console, resumed=True)


def _hello(console: Console, *, resumed: bool) -> ConsoleHello:
    return ConsoleHello(epoch=console.outbox.epoch, resumed=resumed, token_expires_at=console.who.expires_at)
