"""Bare python-socketio on aiohttp as a flooded server: a room a call, one emit an item, nothing else.

Started as `python -m bench._flood_plain`. Nobody acknowledges, nothing is kept, and the same packet goes to a whole
room: what it lacks is what a console needs.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

from bench._crowd import NAMESPACE
from bench._flood import Item, flood, obey, say

EVERYBODY = "everybody"


class Plain:
    """The server and its stream."""

    def __init__(self) -> None:
        self.sio = socketio.AsyncServer(async_mode="aiohttp", transports=["websocket"], namespaces=[NAMESPACE])
        self.sio.on("connect", self._connect, namespace=NAMESPACE)
        self.sio.on("call.open", self._open, namespace=NAMESPACE)
        self._stream: list[Item] = []
        self._seq = 1

    async def load(self, path: str) -> int:
        text = await asyncio.to_thread(Path(path).read_text)
        self._stream = [(call_id, body) for call_id, body in json.loads(text)]
        return len(self._stream)

    async def tell(self, number: int) -> None:
        call_id, body = self._stream[number]
        self._seq += 1
        delivery = {"epoch": "plain", "seq": self._seq, "body": body}
        await self.sio.emit("delivery", delivery, room=call_id or EVERYBODY, namespace=NAMESPACE)

    def behind(self) -> int:
        return max((socket.queue.qsize() for socket in self.sio.eio.sockets.values()), default=0)

    async def flood(self, seconds: float) -> dict[str, float]:
        return vars(await flood(self, len(self._stream), seconds))

    async def _connect(self, sid: str, environ: object, auth: object) -> None:
        del environ, auth
        await self.sio.enter_room(sid, EVERYBODY, namespace=NAMESPACE)
        await self.sio.emit("hello", {"epoch": "plain", "resumed": False}, to=sid, namespace=NAMESPACE)
        start = {"epoch": "plain", "seq": 1, "body": {"kind": "snapshot"}}
        await self.sio.emit("delivery", start, to=sid, namespace=NAMESPACE)

    async def _open(self, sid: str, body: dict[str, Any]) -> None:
        await self.sio.enter_room(sid, body["call_id"], namespace=NAMESPACE)


async def main() -> None:
    """Serves until the standard input ends."""
    plain = Plain()
    app = web.Application()
    plain.sio.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    say({"port": runner.addresses[0][1], "token": "none"})
    await obey(load=plain.load, flood=plain.flood)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
