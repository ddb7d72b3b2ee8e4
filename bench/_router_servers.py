"""A server of models on loopback that can fail in every way a wire can, and remembers every byte it was sent.

In: requests in any of the three formats. Out: the answer, or the fault that is set at the moment. Also a bare catcher
for hosts that must never hear anything. `python -m bench._router_servers` serves answers in a process of its own.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ._router_wires import Wire, content_type, error, pieces, whole, wire_of

STATUS_FAULTS = (400, 401, 403, 404, 429, 500, 503, 529)
BODY_FAULTS = ("hang", "drip", "stall", "cut", "empty", "junk", "bare", "refusal", "length", "nonsense", "redirect")
FAULTS = (*(str(status) for status in STATUS_FAULTS), *BODY_FAULTS)
"""Everything that can be set as a fault; `ok` is none."""
DRIP_S = 0.05
_REASON = {200: "OK", 307: "Temporary Redirect"}


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    path: str
    headers: bytes
    body: dict[str, Any]


class ModelServer:
    """One server; `fault` and `delay_s` may change at any time."""

    def __init__(
        self, text: str | Callable[[dict[str, Any]], str] = '{"complaint": "chest_pain", "place": null, "age": null}'
    ) -> None:
        self.text = text
        """What it says, or what it says to a request's body."""
        self.fault = "ok"
        self.delay_s: float | Callable[[], float] = 0.0
        self.gap_s = 0.0
        self.retry_after_s: float | None = None
        self.redirect_to = "http://127.0.0.1:9/stolen"
        self.seen = bytearray()
        self.asked: list[Asked] = []
        self.in_flight = 0
        self._stopped = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "ModelServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopped.set()
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        for _turn in range(3):
            await asyncio.sleep(0)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def url(self, kind: str, host: str = "127.0.0.1") -> str:
        """The address that an endpoint of a kind is configured with."""
        return f"http://{host}:{self.port}" + ("/v1" if kind.startswith("openai") else "")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while (asked := await self._read(reader)) is not None:
                self.in_flight += 1
                try:
                    if not await self._answer(asked, writer):
                        break
                finally:
                    self.in_flight -= 1
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Asked | None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.seen += head
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        body = await reader.readexactly(length)
        self.seen += body
        asked = Asked(head.split(b" ")[1].decode(), head, json.loads(body) if body else {})
        self.asked.append(asked)
        return asked

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Sends the answer or the fault. False when the connection is to be closed."""
        wire = wire_of(asked.path)
        if wire is None:
            await self._send(writer, 404, b"{}")
            return True
        if self.delay_s:
            await self._pause(self.delay_s() if callable(self.delay_s) else self.delay_s)
        if self.fault == "hang":
            await self._stopped.wait()
            return False
        if self.fault.isdigit():
            await self._send(writer, int(self.fault), error(wire, int(self.fault)))
            return True
        if self.fault == "redirect":
            await self._send(writer, 307, b"", f"Location: {self.redirect_to}\r\n")
            return True
        return await self._body(asked, wire, writer)

    async def _body(self, asked: Asked, wire: Wire, writer: asyncio.StreamWriter) -> bool:
        stream = bool(asked.body.get("stream", wire is Wire.OLLAMA))
        text = self.text(asked.body) if callable(self.text) else self.text
        stop = self.fault if self.fault in ("refusal", "length") else "stop"
        if self.fault == "nonsense":
            text = "I am afraid this is not what you asked for"
        parts = list(pieces(wire, text, stop)) if stream else [whole(wire, text, stop)]
        canned = {"empty": b"", "junk": b"<html>a gateway says hello</html>", "bare": b"{}"}.get(self.fault)
        if canned is not None:
            parts = [canned]
        if not stream and self.fault not in ("drip", "stall", "cut"):
            await self._send(writer, 200, parts[0])
            return True
        await self._trickle(parts, content_type(wire, stream), writer)
        return False

    async def _trickle(self, parts: list[bytes], kind: str, writer: asyncio.StreamWriter) -> None:
        """A body without a length, ended by closing; in the faults it comes byte by byte, stops half-way, or breaks."""
        length = sum(map(len, parts)) if self.fault in ("stall", "cut") else None
        extra = f"Content-Length: {length}\r\n" if length is not None else "Connection: close\r\n"
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{extra}\r\n".encode())
        whole_body = b"".join(parts)
        if self.fault == "drip":
            for at in range(len(whole_body)):
                writer.write(whole_body[at : at + 1])
                await writer.drain()
                await self._pause(DRIP_S)
            return
        if self.fault in ("stall", "cut"):
            writer.write(whole_body[: len(whole_body) // 2])
            await writer.drain()
            if self.fault == "stall":
                await self._stopped.wait()
            return
        for part in parts:
            writer.write(part)
            await writer.drain()
            if self.gap_s:
                await self._pause(self.gap_s)

    async def _send(self, writer: asyncio.StreamWriter, status: int, body: bytes, extra: str = "") -> None:
        if self.retry_after_s is not None:
            extra += f"Retry-After: {self.retry_after_s:g}\r\n"
        reason = _REASON.get(status, "Said So")
        kind = "Content-Type: application/json\r\n"
        head = f"HTTP/1.1 {status} {reason}\r\n{kind}Content-Length: {len(body)}\r\n{extra}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    async def _pause(self, seconds: float) -> None:
        """Sleeps, unless the server is stopped meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return
        raise ConnectionResetError


class Catcher:
    """A host that must not hear anything: takes every byte of every connection, and answers nothing useful."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Catcher":
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        for _turn in range(3):
            await asyncio.sleep(0)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while data := await reader.read(65_536):
                self.seen += data
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


async def _serve_alone() -> None:
    async with ModelServer() as server:
        print(server.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve_alone())
