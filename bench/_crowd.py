"""A crowd of operators' consoles on bare WebSockets, cheap enough that the server is what is measured.

In: an address, an access token, seats and their calls. Out: what every console received, and how late. Each one speaks
the real protocol: it connects with its epoch and its last number, opens its call after its last line, takes every
delivery in once and in order, and acknowledges cumulatively, `ACK_EVERY` of them or what came in `ACK_S`, as the
operators' page does. Its frames carry a mask of zero, which leaves them as they are.
"""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from dispatch.observability.supervision import TaskSupervisor

ACK_S: Final = 0.25
ACK_EVERY: Final = 8
NAMESPACE: Final = "/operator"
DELIVERY: Final = f'42{NAMESPACE},["delivery",'
TEXT, CLOSE = 0x81, 0x88
STORM_S: Final = 0.5
"""Consoles that lose their connections at once come back within so long."""

Taken = Callable[["Seat", dict[str, Any]], None]


@dataclass(eq=False)
class Seat:
    """A console over all its connections, and what it knows."""

    console_id: str
    call_id: str
    epoch: str | None = None
    last_seq: int = 0
    acknowledged: int = 0
    acknowledges_soon: bool = False
    next_line: int = 1
    """The next line of its call's log."""
    received: int = 0
    lost: int = 0
    duplicated: int = 0
    commands: int = 0
    starts: int = 0
    """Snapshots: one at the first connection, more after it was let go."""
    live_since: float = float("inf")
    """From when on lines are timed: what is made before a console is here cannot be late for it."""
    latencies: list[float] = field(default_factory=list)
    """Seconds from each line's own time to its arrival, for lines made while the console was here and read."""
    wire: "Wire | None" = None

    def command(self, name: str, **more: object) -> None:
        """Commands something about its call; the answer is not waited for."""
        assert self.wire is not None
        self.commands += 1
        body = {"command_id": f"{self.console_id}-{self.commands}", "call_id": self.call_id, **more}
        self.wire.emit(name, body, str(self.commands))


class Wire(asyncio.Protocol):
    """One connection of a seat: as much of WebSocket, Engine.IO and Socket.IO as a console needs."""

    def __init__(self, crowd: "Crowd", seat: Seat) -> None:
        self._crowd, self._seat = crowd, seat
        self._buffer = bytearray()
        self._upgraded = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            del self._buffer[: end + 4]
            self._upgraded = True
        self._take_frames()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._seat.wire is self:
            self._seat.wire, self._seat.live_since = None, float("inf")
            self._crowd.gone(self._seat)

    def say(self, text: str) -> None:
        payload = text.encode()
        size = len(payload)
        head = bytes((TEXT, 0x80 | size)) if size < 126 else bytes((TEXT, 0x80 | 126)) + size.to_bytes(2, "big")
        self.transport.write(head + b"\0\0\0\0" + payload)

    def emit(self, name: str, body: dict[str, Any], number: str = "") -> None:
        self.say(f"42{NAMESPACE},{number}{json.dumps([name, body])}")

    def _take_frames(self) -> None:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            size, head = buffer[at + 1], 2
            if size >= 126:
                head = 4 if size == 126 else 10
                if len(buffer) - at < head:
                    break
                size = int.from_bytes(buffer[at + 2 : at + head], "big")
            if len(buffer) - at < head + size:
                break
            if buffer[at] == TEXT:
                self._said(buffer[at + head : at + head + size].decode())
            at += head + size
        del buffer[:at]

    def _said(self, text: str) -> None:
        if text.startswith(DELIVERY):
            self._crowd.take(self._seat, json.loads(text[len(DELIVERY) : -1]))
        elif text == "2":
            self.say("3")
        elif text.startswith("0"):
            seat = self._seat
            known = {"console_id": seat.console_id, "epoch": seat.epoch, "last_seq": seat.last_seq}
            self.say(f"40{NAMESPACE},{json.dumps({'token': self._crowd.token, **known})}")
        elif text.startswith(f'42{NAMESPACE},["hello"'):
            self._hello(json.loads(text.partition(",")[2])[1])

    def _hello(self, hello: dict[str, Any]) -> None:
        seat = self._seat
        seat.wire = self
        if hello["epoch"] != seat.epoch or not hello["resumed"]:
            seat.epoch, seat.last_seq = hello["epoch"], 0
        else:
            seat.live_since = time.time()
        seat.acknowledged = seat.last_seq


class Crowd:
    """All consoles of one server."""

    def __init__(
        self, tasks: TaskSupervisor, port: int, token: str, seats: list[Seat], *,
        taken: Taken | None = None, acknowledges: bool = True,
    ) -> None:  # fmt: skip
        self.token = token
        self.seats = seats
        self._tasks = tasks
        self._port = port
        self._taken = taken
        self._acknowledges = acknowledges
        self._closing = False
        self._loop = asyncio.get_running_loop()

    async def arrive(self) -> None:
        """Connects everybody, a few at a time, and returns when all are there."""
        for start in range(0, len(self.seats), 20):
            for seat in self.seats[start : start + 20]:
                self._connect(seat)
            await self.until(partial(_all_here, self.seats[: start + 20]))

    async def until(self, met: Callable[[], bool], within_s: float = 60.0) -> None:
        """Waits for something about the crowd. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not met():  # noqa: ASYNC110 - consoles tell nobody
                await asyncio.sleep(0.01)

    def gone(self, seat: Seat) -> None:
        """A connection broke: the console comes back within `STORM_S`."""
        if not self._closing:
            self._loop.call_later(random.uniform(0, STORM_S), self._connect, seat)

    def take(self, seat: Seat, delivery: dict[str, Any]) -> None:
        """A delivery: once, in order, acknowledged soon."""
        seq = delivery["seq"]
        if delivery["epoch"] != seat.epoch or seq <= seat.last_seq:
            seat.duplicated += 1
            return
        seat.lost += seq - seat.last_seq - 1
        seat.last_seq = seq
        if self._acknowledges:
            self._acknowledge_in_time(seat)
        seat.received += 1
        self._learn(seat, delivery["body"])
        if self._taken is not None:
            self._taken(seat, delivery["body"])

    def storm(self, share: float) -> int:
        """Breaks the connections of so many at once; how many."""
        here = [seat for seat in self.seats if seat.wire is not None]
        chosen = random.sample(here, round(share * len(here)))
        for seat in chosen:
            assert seat.wire is not None
            seat.wire.transport.abort()
        return len(chosen)

    async def stall(self, share: float, for_s: float) -> int:
        """Lets so many stop reading for a while, then read on; how many."""
        wires = [seat.wire for seat in self.seats if seat.wire is not None]
        chosen = random.sample(wires, round(share * len(wires)))
        for wire in chosen:
            wire._seat.live_since = float("inf")
            wire.transport.pause_reading()
        await asyncio.sleep(for_s)
        for wire in chosen:
            if not wire.transport.is_closing():
                wire.transport.resume_reading()
        await asyncio.sleep(STORM_S)
        for wire in chosen:
            if wire._seat.wire is wire:
                wire._seat.live_since = time.time()
        return len(chosen)

    def leave(self) -> None:
        """Everybody goes."""
        self._closing = True
        for seat in self.seats:
            if seat.wire is not None:
                seat.wire.transport.abort()

    def _connect(self, seat: Seat) -> None:
        if not self._closing:
            self._tasks.start("console", self._dial(seat))

    async def _dial(self, seat: Seat) -> None:
        try:
            await self._loop.create_connection(lambda: Wire(self, seat), "127.0.0.1", self._port)
        except OSError:
            self.gone(seat)

    def _learn(self, seat: Seat, body: dict[str, Any]) -> None:
        kind = body["kind"]
        if kind == "entries" and body["call_id"] == seat.call_id:
            self._learn_lines(seat, body["entries"])
        elif kind == "snapshot":
            seat.starts += 1
            self._open_call(seat)

    def _learn_lines(self, seat: Seat, entries: list[dict[str, Any]]) -> None:
        now = time.time()
        for entry in entries:
            seq = entry["seq"]
            if seq < seat.next_line:
                seat.duplicated += 1
                continue
            seat.lost += seq - seat.next_line
            seat.next_line = seq + 1
            made = datetime.fromisoformat(entry["at"]).timestamp()
            if made > seat.live_since:
                seat.latencies.append(now - made)

    def _open_call(self, seat: Seat) -> None:
        if seat.wire is not None and seat.call_id:
            seat.command("call.open", after_seq=seat.next_line - 1)
            seat.live_since = time.time()

    def _acknowledge_in_time(self, seat: Seat) -> None:
        if seat.last_seq - seat.acknowledged >= ACK_EVERY:
            self._acknowledge(seat)
        elif not seat.acknowledges_soon:
            seat.acknowledges_soon = True
            self._loop.call_later(ACK_S, self._acknowledge_late, seat)

    def _acknowledge_late(self, seat: Seat) -> None:
        seat.acknowledges_soon = False
        self._acknowledge(seat)

    def _acknowledge(self, seat: Seat) -> None:
        if seat.wire is not None and seat.last_seq > seat.acknowledged:
            seat.acknowledged = seat.last_seq
            seat.wire.emit("console.ack", {"epoch": seat.epoch, "seq": seat.last_seq})


def _all_here(seats: list[Seat]) -> bool:
    return all(seat.wire for seat in seats)
