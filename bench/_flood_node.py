"""The whole server as a flooded one, with a recogniser that hears the library's scripts instead of the sound.

Started as `python -m bench._flood_node FOLDER`. Everything else is the real thing: journal, triage, database, consoles.
"""

import asyncio
import json
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import psutil
from pydantic import TypeAdapter

from bench._flood import flood, obey, say
from dispatch.bootstrap import Node
from dispatch.contract.console import DeliveryBody
from dispatch.http_client import sign_in
from dispatch.identity import Role
from dispatch.observability.heap import settle_heap
from dispatch.observability.logs import configure_logging
from dispatch.settings import Settings
from scenarios.script import load_script, script_ids
from transcription import ScriptedEngine, ScriptedVoice, ScriptedWord, TranscriptionService

WORDS: Final = 900
"""Words that a caller has to say, over and over: six minutes."""
STEP: Final = 16000 * 2 // 5
"""Samples from one word to the next: two and a half a second, as people speak."""


class Callers(Mapping[str, Sequence[ScriptedWord]]):
    """Each caller says the lines of one script of the library; operators say nothing."""

    def __init__(self) -> None:
        self._ids = script_ids()
        self._made: dict[str, Sequence[ScriptedWord]] = {}

    def __getitem__(self, key: str) -> Sequence[ScriptedWord]:
        if not key.endswith(".caller"):
            return ()
        if key not in self._made:
            script = load_script(self._ids[zlib.crc32(key.encode()) % len(self._ids)])
            words = islice(cycle(" ".join(turn.say for turn in script.turns).split()), WORDS)
            self._made[key] = [ScriptedWord(w, n * STEP, n * STEP + STEP // 2, 0.99) for n, w in enumerate(words)]
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class FloodedNode:
    """A running node and its stream."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._stream: list[tuple[str | None, DeliveryBody]] = []
        assert node.demo_world is not None
        self._centre_id = node.demo_world.centre_id

    async def load(self, path: str) -> int:
        read: TypeAdapter[DeliveryBody] = TypeAdapter(DeliveryBody)
        rows = json.loads(await asyncio.to_thread(Path(path).read_text))
        self._stream = [(call_id, read.validate_json(json.dumps(body))) for call_id, body in rows]
        return len(rows)

    async def lines(self) -> dict[str, int]:
        """How many lines each call's log has."""
        return {call_id: len(call.timeline.entries) for call_id, call in self._node.switchboard.calls.items()}

    async def rss_mb(self) -> float:
        return float(psutil.Process().memory_info().rss / 2**20)

    async def tell(self, number: int) -> None:
        call_id, body = self._stream[number]
        if call_id is None:
            self._node.floor.tell_centre(self._centre_id, body)
        else:
            self._node.floor.tell_call(call_id, body)

    def behind(self) -> int:
        outboxes = (console.outbox for console in self._node.floor.consoles.values())
        return max((outbox.depth + outbox.unacknowledged for outbox in outboxes), default=0)

    async def flood(self, seconds: float) -> dict[str, float]:
        return vars(await flood(self, len(self._stream), seconds))


async def main(folder: Path) -> None:
    """Serves until the standard input ends."""
    configure_logging("error")
    transcription = TranscriptionService(ScriptedEngine(Callers(), max_batch=32), voice=ScriptedVoice())
    node = Node(Settings(data_dir=folder, port=0), demo=True, transcription=transcription)
    await node.start()
    try:
        assert node.demo_world is not None
        login = node.demo_world.login(Role.OPERATOR)
        session = await sign_in(node.url, login.email, login.password)
        say({"port": int(node.url.rpartition(":")[2]), "token": session.access_token})
        flooded = FloodedNode(node)
        settle_heap()
        await obey(load=flooded.load, lines=flooded.lines, rss_mb=flooded.rss_mb, flood=flooded.flood)
    finally:
        await node.stop()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
