"""A server under a flood of deliveries, told what to do by lines on its standard input.

In: commands as JSON lines. Out: one JSON line an answer. The stream of deliveries is the same for every server: what
20 live calls had brought to consoles. A flood sends it over and over, as fast as the connections take it.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Final, Protocol

LOOK_EVERY: Final = 4
"""Deliveries to all who follow between two looks at whether somebody is behind."""
BEHIND: Final = 16
"""Deliveries on one connection above which the flood waits."""

Item = tuple[str | None, dict[str, Any]]
"""A call's id, or None for the queue of the centre; a delivery's body."""


class Flooded(Protocol):
    """A server that can be flooded."""

    async def tell(self, number: int) -> None:
        """Sends one item of the stream to all who follow it."""
        ...

    def behind(self) -> int:
        """The most deliveries that wait on one connection."""
        ...


@dataclass(frozen=True)
class Flow:
    """What a flood took."""

    seconds: float
    cpu_s: float


async def flood(server: Flooded, items: int, seconds: float) -> Flow:
    """Sends for so long; ends when everything is taken in."""
    began, cpu = time.monotonic(), time.process_time()
    for count, number in enumerate(cycle(range(items))):
        await server.tell(number)
        await asyncio.sleep(0)
        if count % LOOK_EVERY == 0:
            await _until_below(server, BEHIND)
            if time.monotonic() - began >= seconds:
                break
    await _until_below(server, 0)
    return Flow(time.monotonic() - began, time.process_time() - cpu)


async def _until_below(server: Flooded, bound: int) -> None:
    while server.behind() > bound:  # noqa: ASYNC110 - queues tell nobody
        await asyncio.sleep(0.001)


async def obey(**does: Callable[..., Awaitable[object]]) -> None:
    """Carries out commands until the standard input ends: `{"do": name, ...}`, answered by a JSON line each."""
    async for line in _lines():
        command = json.loads(line)
        say(await does[command.pop("do")](**command))


def say(answer: object) -> None:
    """One line to whoever started this process."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def _lines() -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await reader.readline():
        yield line
