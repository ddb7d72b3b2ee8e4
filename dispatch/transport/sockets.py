"""The Socket.IO server, held to limits that the libraries do not have of their own.

What is bounded here (design/realtime.md has the reproductions): a packet announces at most one attachment; a message
above the published size is answered with a coded problem and a strike instead of being worked on; a packet that cannot
be read is a strike and one log line a connection, not a traceback each; no compression (134 kB a connection).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final

import socketio
from aiohttp import web
from socketio.packet import Packet

from dispatch.contract.base import MAX_MESSAGE_BYTES
from dispatch.contract.problems import ProblemCode
from dispatch.observability.supervision import TaskSupervisor

READ_LIMIT_BYTES: Final = 4 * 1024 * 1024
"""What one WebSocket message may occupy while it is read; more closes the connection (status 1009)."""
PING_INTERVAL_S: Final = 15
PING_TIMEOUT_S: Final = 20
_TOO_LARGE: Final = "!too-large"

OnBroken = Callable[[str, ProblemCode], Awaitable[None]]


class BoundedPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet with at most one binary attachment."""

    def decode(self, encoded_packet: str) -> int:
        if not isinstance(encoded_packet, str):
            raise ValueError("a packet starts with text")
        attachments = super().decode(encoded_packet)
        if attachments > 1:
            raise ValueError("at most one attachment")
        return int(attachments)


class _BoundedWebSocket:
    """The WebSocket as engineio drives it, without compression, and with oversized messages marked instead of kept."""

    def __init__(self, handler: Callable[[Any], Awaitable[None]], server: Any) -> None:
        del server
        self._handler = handler

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        self._socket = web.WebSocketResponse(max_msg_size=READ_LIMIT_BYTES, compress=False)
        await self._socket.prepare(environ["aiohttp.request"])
        self.environ = environ
        await self._handler(self)
        return self._socket

    async def close(self) -> None:
        await self._socket.close()

    async def send(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._socket.send_bytes(message)
        else:
            await self._socket.send_str(message)

    async def wait(self) -> str | bytes:
        message = await self._socket.receive()
        data = message.data
        if not isinstance(data, str | bytes):
            raise OSError("the connection is closed")
        return data if len(data) <= MAX_MESSAGE_BYTES else "4" + _TOO_LARGE


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
        self.eio._async = {**self.eio._async, "websocket": _BoundedWebSocket}
        self.eio.start_background_task = self._supervised
        self._tasks = tasks
        self._listeners: Mapping[str, OnBroken] = {}

    def listen_for_broken(self, listeners: Mapping[str, OnBroken]) -> None:
        """Who hears of messages that could not be read, by namespace: called with the connection's id and a code."""
        self._listeners = listeners

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """The one seam at which python-socketio reads a client's bytes."""
        if data == _TOO_LARGE:
            self._binary_packet.pop(eio_sid, None)
            await self._broken(eio_sid, ProblemCode.MESSAGE_TOO_LARGE)
            return
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            self._binary_packet.pop(eio_sid, None)
            await self._broken(eio_sid, ProblemCode.INVALID_MESSAGE)

    async def _broken(self, eio_sid: str, code: ProblemCode) -> None:
        for namespace, listener in self._listeners.items():
            sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
            if sid is not None:
                await listener(sid, code)
                return
        if eio_sid in self.eio.sockets:
            await self.eio.sockets[eio_sid].close(wait=False)

    async def close_all(self) -> None:
        """Ends every connection, so that stopping need not wait for clients."""
        for socket in list(self.eio.sockets.values()):
            await socket.close(wait=False)
        await self.shutdown()

    async def let_go(self, sid: str, namespace: str) -> None:
        """Closes a client's connection whole; what was put into its queue before is still sent."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        await self.disconnect(sid, namespace=namespace)
        if eio_sid in self.eio.sockets:
            await self.eio.sockets[eio_sid].close(wait=False)

    def _supervised(self, target: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> asyncio.Task[None]:
        """The libraries' own background work (pings, the sweep of dead sockets), under our supervision."""
        return self._tasks.start("engineio", target(*args))

    def depth(self, sid: str, namespace: str) -> int:
        """Packets that wait in a connection's own queue; none for a connection that is gone."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        socket = self.eio.sockets.get(eio_sid)
        return socket.queue.qsize() if socket else 0
