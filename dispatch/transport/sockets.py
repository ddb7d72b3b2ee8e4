"""The Socket.IO server, held to limits that the libraries do not have of their own.

What is bounded here (tests are in tests/transport/test_bad_input.py): a packet announces at most one attachment;
a message above the published size is answered with a coded problem and a strike instead of being worked on; so is a
text that no client sends, before either library takes it apart; nobody plays the libraries' own events from outside;
who asks and does not read the answers is let go; a connection that is let go is closed, whether or not its client plays
along; no compression (134 kB a connection).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

import socketio
from aiohttp import web
from engineio.packet import MESSAGE as MESSAGE_TYPE
from engineio.packet import Packet as EioPacket
from socketio.packet import BINARY_EVENT, EVENT, Packet

from dispatch.contract.base import MAX_MESSAGE_BYTES, Message
from dispatch.contract.problems import ProblemCode
from dispatch.observability.supervision import TaskSupervisor

from .straight import MOST_AT_ONCE, OutgoingQueue

READ_LIMIT_BYTES: Final = 4 * 1024 * 1024
"""What one WebSocket message may occupy while it is read; more closes the connection (status 1009)."""
PING_INTERVAL_S: Final = 15
PING_TIMEOUT_S: Final = 20
SEND_S: Final = 20.0
"""A packet that the network has not taken for so long was sent to nobody."""
AT_ONCE: Final = 16 * 1024
"""Characters that a connection with nothing left to write takes without a wait: at most 64 KiB, its high-water mark."""
CLOSE_S: Final = 2.0
"""How long a client gets to answer the closing of its connection."""
MAX_UNREAD: Final = 256
"""Packets in a connection's own queue. Our mailbox stays far below; more are answers to questions of the client's."""
MESSAGE: Final = "4"
"""Engine.IO's mark of a message. The digit behind it is Socket.IO's kind of packet."""
KINDS: Final = frozenset("0123456")
SIGNALS: Final = frozenset({"1", "3"})
"""All else that a client says: that it closes, and that it hears us."""
OWN_EVENTS: Final = frozenset({"connect", "disconnect"})
"""Names by which python-socketio tells a namespace of connections."""
_TOO_LARGE: Final = "!too-large"
_UNREADABLE: Final = "!unreadable"
_MARKS: Final = {_TOO_LARGE: ProblemCode.MESSAGE_TOO_LARGE, _UNREADABLE: ProblemCode.INVALID_MESSAGE}
"""What stands in for a message that is not kept. No client can say it: it is no kind of packet."""

ATTACHED: Final = {"_placeholder": True, "num": 0}
"""Stands in an event's JSON for the bytes that follow it."""

OnBroken = Callable[[str, ProblemCode], Awaitable[None]]
OnLane = Callable[[str, str], bool]


def readable(message: str | bytes) -> bool:
    """Whether the libraries can take a message apart without choking on it, whatever it then means."""
    if isinstance(message, bytes):
        return True
    return message in SIGNALS or (message[:1] == MESSAGE and message[1:2] in KINDS)


class BoundedPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet with at most one binary attachment, and with a name of ours where it is an event."""

    def decode(self, encoded_packet: str) -> int:
        if not isinstance(encoded_packet, str):
            raise ValueError("a packet starts with text")
        attachments = super().decode(encoded_packet)
        if attachments > 1:
            raise ValueError("at most one attachment")
        if self.packet_type in (EVENT, BINARY_EVENT) and not _named(self.data):
            raise ValueError("an event begins with its name")
        return int(attachments)


def _named(data: Any) -> bool:
    name = data[0] if isinstance(data, list) and data else None
    return isinstance(name, str) and name not in OWN_EVENTS


class _BoundedWebSocket:
    """The WebSocket as engineio drives it: no compression, no endless send, unreadable messages marked, not kept."""

    def __init__(self, handler: Callable[[Any], Awaitable[None]], take: Callable[[str, str], bool]) -> None:
        self._handler = handler
        self._take = take
        engine_socket = handler.__self__  # type: ignore[attr-defined]  # engineio's, whose method it is
        self._eio_sid = str(engine_socket.sid)
        self._queue: OutgoingQueue = engine_socket.queue

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        self._request: web.Request = environ["aiohttp.request"]
        self._socket = web.WebSocketResponse(max_msg_size=READ_LIMIT_BYTES, compress=False, timeout=CLOSE_S)
        await self._socket.prepare(self._request)
        self.environ = environ
        self._queue.write = self._write_now
        await self._handler(self)
        return self._socket

    async def close(self) -> None:
        await self._socket.close()

    async def send(self, message: str | bytes) -> None:
        transport = self._request.transport
        if transport is not None and len(message) <= AT_ONCE and not transport.get_write_buffer_size():
            await self._write(message)
            return
        try:
            async with asyncio.timeout(SEND_S):
                await self._write(message)
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise

    def _write_now(self, frames: bytes) -> bool:
        transport = self._request.transport
        if transport is None or transport.is_closing() or self._socket.closed:
            return False
        if transport.get_write_buffer_size() or len(frames) > MOST_AT_ONCE:
            return False
        transport.write(frames)
        return True

    async def _write(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._socket.send_bytes(message)
        else:
            await self._socket.send_str(message)

    async def wait(self) -> str | bytes:
        data = (await self._socket.receive()).data
        while isinstance(data, str) and self._take(self._eio_sid, data):
            data = (await self._socket.receive()).data
        if not isinstance(data, str | bytes):
            raise OSError("the connection is closed")
        if len(data) > MAX_MESSAGE_BYTES:
            return MESSAGE + _TOO_LARGE
        return data if readable(data) else MESSAGE + _UNREADABLE


class BoundedServer(socketio.AsyncServer):  # type: ignore[misc]
    """python-socketio's server with limits. A connection that is broken before it has a namespace is closed."""

    def __init__(self, allowed_origins: tuple[str, ...], tasks: TaskSupervisor) -> None:
        super().__init__(
            async_mode="aiohttp",
            transports=["websocket"],
            async_handlers=False,
            always_connect=False,
            serializer=BoundedPacket,
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            http_compression=False,
            logger=False,
            engineio_logger=False,
            cors_allowed_origins=list(allowed_origins) or None,
        )
        self.eio._async = {**self.eio._async, "websocket": lambda run, _: _BoundedWebSocket(run, self._take)}
        self.eio.start_background_task = self._supervised
        self.eio.create_queue = OutgoingQueue
        self._tasks = tasks
        self._listeners: Mapping[str, OnBroken] = {}
        self._lanes: tuple[tuple[str, str, OnLane], ...] = ()

    def listen_for_broken(self, listeners: Mapping[str, OnBroken]) -> None:
        """Who hears of messages that could not be read, by namespace: called with the connection's id and a code."""
        self._listeners = listeners

    def open_lane(self, namespace: str, event: str, listener: OnLane) -> None:
        """A short way for an event that comes all the time, has one object and is not answered.

        The listener gets the connection's id and the object's JSON, and says whether that was it; where it was not, the
        event goes the long way and is judged there.
        """
        self._lanes += ((namespace, f'{MESSAGE}2{namespace},["{event}",', listener),)

    def _take(self, eio_sid: str, message: str) -> bool:
        for namespace, start, listener in self._lanes:
            if message.startswith(start) and message.endswith("]") and len(message) <= MAX_MESSAGE_BYTES:
                sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
                return sid is not None and listener(sid, message[len(start) : -1])
        return False

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """The one seam at which python-socketio reads a client's bytes."""
        socket = self.eio.sockets.get(eio_sid)
        if socket is None or socket.closed:
            return
        if socket.queue.qsize() > MAX_UNREAD:
            await self._close(eio_sid)
        elif isinstance(data, str) and data in _MARKS:
            await self._broken(eio_sid, _MARKS[data])
        else:
            await self._read(eio_sid, data)

    async def _read(self, eio_sid: str, data: Any) -> None:
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            await self._broken(eio_sid, ProblemCode.INVALID_MESSAGE)

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:
        """Raises ValueError for an event in a namespace that the client has not joined, which is else just ignored."""
        path = namespace or "/"
        if not self.manager.is_connected(self.manager.sid_from_eio_sid(eio_sid, path), path):
            raise ValueError("not joined")
        await super()._handle_event(eio_sid, namespace, id, data)

    async def _broken(self, eio_sid: str, code: ProblemCode) -> None:
        self._binary_packet.pop(eio_sid, None)
        for namespace, listener in self._listeners.items():
            sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
            if sid is not None:
                await listener(sid, code)
                return
        await self._close(eio_sid)

    async def _close(self, eio_sid: str) -> None:
        """Ends a connection once what waits in its queue is sent, without waiting for the client to agree."""
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None:
            await socket.close(wait=False)
            await socket.queue.put(None)  # engineio's word to its writer: close the WebSocket behind the last packet

    async def close_all(self) -> None:
        """Ends every connection, so that stopping need not wait for clients."""
        for eio_sid in list(self.eio.sockets):
            await self._close(eio_sid)
        await self.shutdown()

    async def let_go(self, sid: str, namespace: str) -> None:
        """Closes a client's connection whole; what was put into its queue before is still sent."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        await self.disconnect(sid, namespace=namespace)
        await self._close(eio_sid)

    def _supervised(self, target: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> asyncio.Task[None]:
        """The libraries' own background work (pings, the sweep of dead sockets), under our supervision."""
        return self._tasks.start("engineio", target(*args))

    async def say(self, sid: str, namespace: str, event: str, body: Message | str) -> None:
        """Puts one event into one connection's queue; nothing where the connection is gone.

        What `emit` does with a room of one, without a task for it and without JSON that is made for each recipient.
        """
        socket = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, namespace))
        if socket is None or socket.closed:
            return
        for part in _parts(namespace, event, body):
            await socket.send(EioPacket(MESSAGE_TYPE, part))

    def say_now(self, sid: str, namespace: str, event: str, bodies: Sequence[Message | str]) -> bool:
        """Sends an event with each of these bodies at once, in one write; False where they have to wait their turn."""
        socket = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, namespace))
        if socket is None or socket.closing or socket.closed:
            return False
        parts = (part for body in bodies for part in _parts(namespace, event, body))
        return bool(socket.queue.write_now(MESSAGE + part if isinstance(part, str) else part for part in parts))

    def depth(self, sid: str, namespace: str) -> int:
        """Packets that wait in a connection's own queue; none for a connection that is gone."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        socket = self.eio.sockets.get(eio_sid)
        return socket.queue.qsize() if socket else 0


def _parts(namespace: str, event: str, body: Message | str) -> tuple[str | bytes, ...]:
    """An event as Socket.IO sends it: a text, and the sound behind it where it carries any."""
    if isinstance(body, str):
        return (f'2{namespace},["{event}",{body}]',)
    audio = getattr(body, "audio", None)
    if not isinstance(audio, bytes):
        return (f'2{namespace},["{event}",{body.model_dump_json()}]',)
    rest = json.dumps(body.model_dump(mode="json", exclude={"audio"}) | {"audio": ATTACHED})
    return f'51-{namespace},["{event}",{rest}]', audio
