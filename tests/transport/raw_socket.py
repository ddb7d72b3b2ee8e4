"""A Socket.IO client that can say anything, also what no library would say: texts and bytes over a bare WebSocket."""

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dispatch.contract.caller import CallOpened
from dispatch.contract.problems import Problem

WAIT_S = 60
FORMAT = {"encoding": "mulaw", "sample_rate": 8000}
SOUND = b"\x10" * 160

Body = dict[str, Any]


class RawSocket:
    """One connection on one namespace. What the server sends is read when a test asks for it."""

    def __init__(self, wire: ClientConnection, namespace: str) -> None:
        self.wire = wire
        self.namespace = namespace
        self.events: deque[tuple[str, Body]] = deque()
        self.acks: dict[int, Any] = {}
        self.refusal: Body | None = None
        self.said: list[str] = []
        """Every text of the server's, for tests that look for what must not be in it."""
        self._asked = 0
        self._torn: tuple[str, Body] = ("", {})
        """The event whose attachment comes next."""

    async def text(self, text: str) -> None:
        await self.wire.send(text)

    async def binary(self, data: bytes) -> None:
        await self.wire.send(data)

    async def emit(self, name: str, *args: object) -> None:
        """An event without an acknowledgement."""
        await self.text(f"42{self.namespace},{json.dumps([name, *args])}")

    async def frame(self, seq: int, offset: int, audio: bytes = SOUND, **more: object) -> None:
        """A frame of sound, as a packet with one attachment."""
        body = {"seq": seq, "offset": offset, "audio": {"_placeholder": True, "num": 0}, **more}
        await self.text(f"451-{self.namespace},{json.dumps(['audio.frame', body])}")
        await self.binary(audio)

    async def ask(self, name: str, *args: object) -> Any:
        """An event with an acknowledgement, and the acknowledgement."""
        self._asked += 1
        number = self._asked
        await self.text(f"42{self.namespace},{number}{json.dumps([name, *args])}")
        async with asyncio.timeout(WAIT_S):
            while number not in self.acks:
                await self._read()
        return self.acks.pop(number)

    async def start(self, **more: object) -> CallOpened:
        return CallOpened.model_validate(await self.ask("call.start", {"format": FORMAT, **more}))

    async def event(self, name: str) -> Body:
        """The next event of that name; others before it are dropped."""
        async with asyncio.timeout(WAIT_S):
            while True:
                while self.events:
                    found, body = self.events.popleft()
                    if found == name:
                        return body
                await self._read()

    async def problem(self) -> Problem:
        """The next problem. Its way out is never empty."""
        told = Problem.model_validate(await self.event("problem"))
        assert told.message
        assert told.way_out
        return told

    async def acknowledged(self, next_seq: int) -> None:
        """Returns when the server has every frame below a number on disk."""
        while (await self.event("audio.ack"))["next_seq"] < next_seq:
            pass

    async def closed(self) -> None:
        """Returns when the server has closed the connection."""
        async with asyncio.timeout(WAIT_S):
            try:
                while True:
                    await self._read()
            except ConnectionClosed:
                return

    async def _read(self) -> None:
        data = await self.wire.recv()
        if isinstance(data, bytes):
            name, body = self._torn
            self.events.append((name, {**body, "audio": data}))
            return
        self.said.append(data)
        match data[:2]:
            case "2":
                with suppress(ConnectionClosed):  # what was sent before the end can still be read
                    await self.text("3")
            case "42":
                name, *args = self._payload(data[2:])
                self.events.append((name, args[0] if args else {}))
            case "43":
                digits, _, rest = data[2:].partition(",")[2].partition("[")
                self.acks[int(digits)] = next(iter(json.loads("[" + rest)), None)
            case "44":
                self.refusal = self._payload(data[2:])
            case "45":
                name, body = self._payload(data[2:])
                self._torn = (name, body)

    def _payload(self, text: str) -> Any:
        return json.loads(text.partition(",")[2])


def _socket(url: str, receive_buffer: int | None) -> socket.socket:
    made = socket.socket()
    if receive_buffer is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.connect(("127.0.0.1", int(url.rpartition(":")[2])))
    made.setblocking(False)
    return made


@asynccontextmanager
async def raw(
    url: str, namespace: str = "/caller", auth: object = None, *, receive_buffer: int | None = None
) -> AsyncIterator[RawSocket]:
    """A connection whose namespace has been asked for; refused or not. `receive_buffer` is the kernel's, in bytes.

    The library's own pings are off: they would close a connection that a test leaves unread for a while.
    """
    address = url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    async with connect(
        address, sock=_socket(url, receive_buffer), compression=None, max_size=None, close_timeout=1, ping_interval=None
    ) as wire:
        client = RawSocket(wire, namespace)
        await client.text(f"40{namespace},{json.dumps(auth) if auth is not None else ''}")
        async with asyncio.timeout(WAIT_S):
            while not (client.refusal or any(text.startswith("40") for text in client.said)):
                await client._read()
        yield client
