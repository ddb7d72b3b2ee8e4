"""The wire, from the client's side: a caller and a console. The command line, the scenarios, the benches and the tests
talk to the server through this module and nothing else.

Invariants: a frame is kept until it is acknowledged, and sent again from the number that the server names; a broken
connection is made again and the call resumed; a console takes in each delivery once, in order, and acknowledges it;
fields of a newer server are no reason to drop what it says.
"""

import asyncio
import contextlib
import random
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import socketio

from dispatch.contract.audio import AudioAck, AudioFrame, Channel, ConsoleAudioFrame, RelayedFrame
from dispatch.contract.base import CallId, Message, to_wire
from dispatch.contract.caller import (
    CallBackOffer,
    CallerCallState,
    CallOpened,
    CallPhase,
    EndCall,
    ResumeCall,
    StartCall,
)
from dispatch.contract.console import (
    CallEntries,
    CallPartial,
    CallSummary,
    Command,
    CommandDone,
    ConsoleAuth,
    ConsoleHello,
    Delivery,
    DeliveryAck,
    DeliveryBody,
    OpenCall,
    QueueChanged,
    Reauthenticate,
    Seat,
    SeatChanged,
    Snapshot,
    SystemChanged,
    SystemState,
)
from dispatch.contract.problems import Problem, ProblemCode
from dispatch.contract.registry import CALLER, EVENTS, OPERATOR, Direction
from dispatch.contract.timeline import TimelineEntry
from dispatch.observability.supervision import TaskSupervisor

MAX_KEPT_FRAMES: Final = 4096
"""Frames kept for sending again; a sender that is this far ahead of the server's disk waits."""
ANSWER_S: Final = 20
FIRST_RETRY_S: Final = 0.2
LONGEST_RETRY_S: Final = 2.0
SEND_AGAIN_S: Final = 2.0
"""Without any acknowledgement for so long, unacknowledged frames are sent once more."""
Handler = Callable[[], Awaitable[None]]
Heard = TypeVar("Heard", bound=Message)
COMMAND_NAMES: Final = {
    s.body: s.name for s in EVENTS if s.namespace == OPERATOR and s.direction is Direction.TO_SERVER
}


class ClientError(Exception):
    """The server refused, with its problem."""

    def __init__(self, told: Problem) -> None:
        super().__init__(f"{told.message} {told.way_out}")
        self.problem = told


def _heard(model: type[Heard], body: object) -> Heard:
    """What the server says; what one newer than this client says beside it is left out."""
    return model.model_validate(body, extra="ignore")


async def _nothing() -> None:
    """For a wire whose owner need not know."""


class _Client(socketio.AsyncClient):  # type: ignore[misc]
    """python-socketio's client, which trips over an attachment that arrives while its connection is being closed."""

    async def _handle_eio_message(self, data: Any) -> None:
        if isinstance(data, str) or self._binary_packet:
            await super()._handle_eio_message(data)


class _Wire:
    """One Socket.IO connection on one namespace, made again whenever it breaks, until it is closed.

    The library's own reconnection can't be stopped reliably while it waits, so it is off.
    """

    def __init__(self, url: str, namespace: str, *, on_up: Handler = _nothing, on_down: Handler = _nothing) -> None:
        self.url = url
        self.namespace = namespace
        self.socket = _Client(reconnection=False, handle_sigint=False)
        self._tasks = TaskSupervisor()
        self._on_up = on_up
        self._on_down = on_down
        self._auth: Callable[[], dict[str, Any]] | None = None
        self._closing = False
        self.on("disconnect", self._broken)

    @property
    def up(self) -> bool:
        """Whether events can be sent."""
        return self.namespace in self.socket.namespaces

    def on(self, name: str, handler: Callable[..., Awaitable[None]]) -> None:
        self.socket.on(name, handler, namespace=self.namespace)

    async def connect(self, auth: Callable[[], dict[str, Any]] | None = None) -> None:
        """Connects. Raises socketio's ConnectionError where the server refuses or is not there."""
        self._auth = auth
        await self.socket.connect(
            self.url, namespaces=[self.namespace], transports=["websocket"], auth=auth, wait_timeout=ANSWER_S
        )
        await self._on_up()

    async def _broken(self, reason: str) -> None:
        del reason
        await self._on_down()
        if not self._closing:
            self._tasks.start("reconnect", self._connect_again())

    async def _connect_again(self) -> None:
        wait_s = FIRST_RETRY_S
        while not self._closing:
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
            wait_s = min(wait_s * 2, LONGEST_RETRY_S)
            with contextlib.suppress(socketio.exceptions.ConnectionError, ValueError):
                await self.connect(self._auth)
                return

    async def send(self, name: str, body: Message) -> None:
        """Sends, or does nothing on a broken connection: what matters is sent again when it is back."""
        if self.up:
            await self.socket.emit(name, to_wire(body), namespace=self.namespace)

    async def ask(self, name: str, body: Message) -> dict[str, Any]:
        """Sends a command and waits for its acknowledgement. Raises ClientError for a problem."""
        answer = await self.socket.call(name, to_wire(body), namespace=self.namespace, timeout=ANSWER_S)
        if isinstance(answer, dict) and "way_out" in answer:
            raise ClientError(_heard(Problem, answer))
        return dict(answer or {})

    def cut(self) -> None:
        """Breaks the connection in the middle of whatever it does, as a bad network would; it is made again."""
        self.socket.eio.ws._response.connection.transport.abort()

    async def close(self) -> None:
        self._closing = True
        await self._tasks.close()
        if self.socket.connected:
            await self.socket.disconnect()


class CallerClient:
    """A caller. `on_relay` hears the operator's voice, `on_state` what happens to the call, `on_ack` what is safe."""

    def __init__(
        self, url: str, *, on_relay: Callable[[RelayedFrame], None] = lambda _: None,
        on_state: Callable[[CallerCallState], None] = lambda _: None,
        on_ack: Callable[[AudioAck], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.opened: CallOpened | None = None
        self.acked = AudioAck(channel=Channel.CALLER, next_seq=0, next_offset=0)
        self.phase: CallPhase | None = None
        self.problems: deque[Problem] = deque(maxlen=100)
        self.call_backs: deque[CallBackOffer] = deque(maxlen=10)
        self._wire = _Wire(url, CALLER, on_up=self._connected, on_down=self._disconnected)
        self._kept: deque[AudioFrame] = deque()
        self._next_seq = 0
        self._cursor = 0
        """The frame to send next: everything below it is under way or acknowledged."""
        self._sending = asyncio.Lock()
        self._joined = False
        self._attempts = 0
        """The present connection has been given the call: before that, a frame would belong to nothing."""
        self._progress = asyncio.Event()
        self._on_relay = on_relay
        self._on_state = on_state
        self._on_ack = on_ack
        for name, handler in (
            ("audio.ack", self._acked),
            ("audio.relay", self._relayed),
            ("call.state", self._state),
            ("call.call_back", self._call_back),
            ("problem", self._problem),
        ):
            self._wire.on(name, handler)

    @property
    def kept_frames(self) -> int:
        """Frames that are sent and not acknowledged."""
        return len(self._kept)

    async def start(self, request: StartCall) -> CallOpened:
        """Connects and opens a call. Raises ClientError."""
        if not self._wire.up:
            await self._wire.connect()
        request = request.model_copy(update={"request_id": request.request_id or secrets.token_hex(16)})
        self.opened = _heard(CallOpened, await self._wire.ask("call.start", request))
        self._next_seq = self._cursor = self.opened.next_seq
        self._joined = True
        return self.opened

    async def send(self, audio: bytes, offset: int) -> None:
        """Sends one frame; waits while the server's disk is too far behind."""
        while len(self._kept) >= MAX_KEPT_FRAMES:
            await self._some_progress()
        self._kept.append(AudioFrame(seq=self._next_seq, offset=offset, audio=audio))
        self._next_seq += 1
        await self._pump()

    async def all_acknowledged(self) -> None:
        """Returns when every frame is on the server's disk."""
        while self._kept:
            await self._some_progress()

    async def hang_up(self) -> None:
        """Ends the call once all its sound is safe."""
        await self.all_acknowledged()
        await self._wire.ask("call.end", EndCall(next_seq=self._next_seq))

    def cut(self) -> None:
        """Breaks the connection, as a bad network would; the call is resumed by itself."""
        self._wire.cut()

    async def close(self) -> None:
        await self._wire.close()

    async def _connected(self) -> None:
        if self.opened is None:
            return
        self._attempts += 1
        opened = self.opened
        request = ResumeCall(call_id=opened.call_id, resume_token=opened.resume_token, attempt=self._attempts)
        try:
            again = _heard(CallOpened, await self._wire.ask("call.resume", request))
        except ClientError as error:
            self.problems.append(error.problem)
            return
        except socketio.exceptions.SocketIOError:
            if not self._joined and self._wire.up:
                self._wire.cut()  # no answer on a connection that seems to stand: another one may do better
            return
        self._joined = True
        await self._rewind(again.next_seq)

    async def _disconnected(self) -> None:
        self._joined = False

    async def _pump(self) -> None:
        """Sends what is not under way yet, in order, whoever asks for it."""
        async with self._sending:
            while self._kept and self._cursor < self._next_seq and self._joined:
                frame = self._kept[max(0, self._cursor - self._kept[0].seq)]
                self._cursor = frame.seq + 1
                await self._wire.send("audio.frame", frame)

    async def _rewind(self, seq: int) -> None:
        self._cursor = min(self._cursor, seq)
        await self._pump()

    async def _some_progress(self) -> None:
        """Waits for an acknowledgement; when none comes for a while, sends again what has none."""
        self._progress.clear()
        try:
            async with asyncio.timeout(SEND_AGAIN_S):
                await self._progress.wait()
        except TimeoutError:
            await self._rewind(self._kept[0].seq if self._kept else self._next_seq)

    async def _acked(self, body: dict[str, Any]) -> None:
        self.acked = _heard(AudioAck, body)
        while self._kept and self._kept[0].seq < self.acked.next_seq:
            self._kept.popleft()
        self._progress.set()
        self._on_ack(self.acked)

    async def _relayed(self, body: dict[str, Any]) -> None:
        self._on_relay(_heard(RelayedFrame, body))

    async def _state(self, body: dict[str, Any]) -> None:
        state = _heard(CallerCallState, body)
        self.phase = state.phase
        self._on_state(state)

    async def _call_back(self, body: dict[str, Any]) -> None:
        self.call_backs.append(_heard(CallBackOffer, body))

    async def _problem(self, body: dict[str, Any]) -> None:
        told = _heard(Problem, body)
        self.problems.append(told)
        if told.code in (ProblemCode.FRAME_OUT_OF_ORDER, ProblemCode.UNAVAILABLE) and told.expected_seq is not None:
            await self._rewind(told.expected_seq)


@dataclass
class ConsoleView:
    """What a console knows: a fold of its deliveries."""

    seat: Seat | None = None
    system: SystemState | None = None
    queue: dict[CallId, CallSummary] = field(default_factory=dict)
    entries: dict[CallId, list[TimelineEntry]] = field(default_factory=dict)
    partials: dict[CallId, CallPartial] = field(default_factory=dict)

    def apply(self, body: DeliveryBody) -> None:
        """Takes one delivery in; lines that are known already change nothing."""
        match body:
            case Snapshot():
                self.seat, self.system = body.seat, body.system
                self.queue = {call.call_id: call for call in body.queue}
            case QueueChanged(call=call):
                self.queue[call.call_id] = call
            case SeatChanged(seat=seat):
                self.seat = seat
            case SystemChanged(system=system):
                self.system = system
            case CallPartial(call_id=call_id):
                self.partials[call_id] = body
            case CallEntries(call_id=call_id, entries=entries):
                known = self.entries.setdefault(call_id, [])
                known.extend(entry for entry in entries if entry.seq > len(known))


class ConsoleClient:
    """An operator's console. `on_delivery` hears every delivery once, in order, after `view` has taken it in."""

    def __init__(
        self, url: str, token: str, *, console_id: str | None = None,
        on_delivery: Callable[[DeliveryBody], None] = lambda _: None,
        on_relay: Callable[[RelayedFrame], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.view = ConsoleView()
        self.console_id = console_id or secrets.token_hex(8)
        self.epoch: str | None = None
        self.last_seq = 0
        self.duplicates = 0
        self.voice = AudioAck(channel=Channel.OPERATOR, next_seq=0, next_offset=0)
        self.problems: deque[Problem] = deque(maxlen=100)
        self._token = token
        self._wire = _Wire(url, OPERATOR)
        self._on_delivery = on_delivery
        self._on_relay = on_relay
        self._ready = asyncio.Event()
        self._changed = asyncio.Event()
        for name, handler in (
            ("hello", self._hello),
            ("delivery", self._delivery),
            ("audio.relay", self._relayed),
            ("audio.ack", self._voice_acked),
            ("problem", self._problem),
        ):
            self._wire.on(name, handler)

    async def connect(self) -> None:
        """Connects; returns when the snapshot, or what was missed, has begun to arrive."""
        await self._wire.connect(self._auth)
        async with asyncio.timeout(ANSWER_S):
            await self._ready.wait()

    async def reauthenticate(self, token: str) -> None:
        """Goes on with a fresh access token, on this connection and on those after it. Raises ClientError."""
        await self._wire.ask("console.reauth", Reauthenticate(token=token))
        self._token = token

    async def command(self, command: Command) -> CommandDone:
        """Carries out a command. The answer says whether it was done."""
        return _heard(CommandDone, await self._wire.ask(COMMAND_NAMES[type(command)], command))

    async def open_call(self, call_id: CallId) -> CommandDone:
        """Follows a call from its first line on."""
        known = len(self.view.entries.get(call_id, ()))
        return await self.command(OpenCall(command_id=secrets.token_hex(8), call_id=call_id, after_seq=known))

    async def speak(self, call_id: CallId, seq: int, offset: int, audio: bytes) -> None:
        """Sends a frame of the operator's voice: 16-bit sound at 16 kHz."""
        await self._wire.send("audio.frame", ConsoleAudioFrame(call_id=call_id, seq=seq, offset=offset, audio=audio))

    async def until(self, true: Callable[[ConsoleView], bool]) -> None:
        """Returns when the view satisfies a condition."""
        while not true(self.view):
            self._changed.clear()
            await self._changed.wait()

    def cut(self) -> None:
        """Breaks the connection, as a bad network would; it is made again and goes on where it was."""
        self._wire.cut()

    async def close(self) -> None:
        await self._wire.close()

    def _auth(self) -> dict[str, Any]:
        auth = ConsoleAuth(token=self._token, console_id=self.console_id, epoch=self.epoch, last_seq=self.last_seq)
        return auth.model_dump(mode="json")

    async def _hello(self, body: dict[str, Any]) -> None:
        hello = _heard(ConsoleHello, body)
        if hello.epoch != self.epoch or not hello.resumed:
            self.epoch, self.last_seq = hello.epoch, 0
        self._ready.set()

    async def _delivery(self, body: dict[str, Any]) -> None:
        delivery = _heard(Delivery, body)
        if delivery.epoch != self.epoch or delivery.seq <= self.last_seq:
            self.duplicates += 1
        else:
            self.last_seq = delivery.seq
            self.view.apply(delivery.body)
            self._on_delivery(delivery.body)
            self._changed.set()
            if isinstance(delivery.body, Snapshot):
                await self._open_again()
        await self._wire.send("console.ack", DeliveryAck(epoch=delivery.epoch, seq=self.last_seq))

    async def _open_again(self) -> None:
        """After a snapshot the server follows no call for this console: asks for what came since."""
        for call_id, known in self.view.entries.items():
            again = OpenCall(command_id=secrets.token_hex(8), call_id=call_id, after_seq=len(known))
            await self._wire.send(COMMAND_NAMES[OpenCall], again)

    async def _relayed(self, body: dict[str, Any]) -> None:
        self._on_relay(_heard(RelayedFrame, body))

    async def _voice_acked(self, body: dict[str, Any]) -> None:
        self.voice = _heard(AudioAck, body)

    async def _problem(self, body: dict[str, Any]) -> None:
        self.problems.append(_heard(Problem, body))
