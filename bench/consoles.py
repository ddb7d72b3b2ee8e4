"""Consoles: what a floor of operators costs, how late lines reach them, and whether any is lost or comes twice.

A whole server in a process of its own (journal, triage, database and all; its recogniser hears the library's scripts
instead of the sound), callers and consoles in this one. Every console follows its centre's queue and one call in full,
acknowledges like the operators' page, and takes each delivery in once and in order.

Live: all callers talk for `--seconds`. Meanwhile connections of `--storm` of all consoles break at once, twice, and a
twentieth of them stop reading for a quarter of the time. `p50_ms` and `p99_ms` are from a line's own time to its
arrival, for consoles that were there and reading, and `clients_late_p99_ms` is the part of it that this process may be
guilty of: how late its own event loop ran; `lost` and `duplicated` count deliveries and lines over all consoles
until each has every line of its call.

Flood: what the live calls had brought is sent over and over as fast as it is taken, in turns by this server and by
bare python-socketio (rooms, no acknowledgements, nothing kept) to as many of the same consoles. `deliveries_per_s` is
this server's, `ratio` its share of the bare one's, `cpu_ratio` the same by each server's processor time: medians of
the turns.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import click

from bench._crowd import Crowd, Seat
from dispatch.client import CallerClient
from dispatch.contract.audio import AudioFormat, Encoding
from dispatch.contract.caller import StartCall
from dispatch.observability.supervision import TaskSupervisor

FORMAT: Final = AudioFormat(encoding=Encoding.MULAW, sample_rate=8000)
FRAME: Final = 800
"""Samples of 100 ms."""
LOUD, SILENT = b"\x10" * FRAME, b"\xff" * FRAME
BREATH: Final = 60
"""Frames of speech between two silences of ten."""
STALLED: Final = 0.05
FLOOD_S: Final = 4.0
TURNS: Final = 3
LOOK_S: Final = 0.01
MOST_KEPT: Final = 4000
"""Items of the stream that a flood repeats."""
PATIENCE_S: Final = 120.0
BODIES: Final = frozenset({"entries", "partial", "queue"})


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    return [
        click.Option(["--consoles"], type=click.IntRange(1), default=500, show_default=True, help="Open at once."),
        click.Option(["--calls"], type=click.IntRange(1), default=20, show_default=True, help="Live at once."),
        click.Option(["--seconds"], type=click.FloatRange(2), default=40.0, show_default=True, help="Of live calls."),
        click.Option(["--storm"], type=click.FloatRange(0, 1), default=0.4, show_default=True, help="Share cut off."),
        click.Option(["--flood-s"], type=click.FloatRange(0.1), default=FLOOD_S, show_default=True, help="Each turn."),
    ]


def run(consoles: int, calls: int, seconds: float, storm: float, flood_s: float) -> dict[str, object]:
    """Measure; see the module's docstring for what the figures mean."""
    return asyncio.run(measure(consoles, calls, seconds, storm, flood_s))


async def measure(consoles: int, calls: int, seconds: float, storm: float, flood_s: float) -> dict[str, object]:
    """The same within a running loop."""
    with tempfile.TemporaryDirectory(prefix="kiwimesh-bench-") as folder:
        async with TaskSupervisor() as tasks, _child("_flood_node", folder) as node, _child("_flood_plain") as plain:
            live = Live(tasks, node, consoles, calls)
            await live.play(seconds, storm)
            figures: dict[str, object] = {"consoles": consoles, "calls": calls, **await live.figures()}
            path = Path(folder) / "stream.json"
            path.write_text(json.dumps(live.stream))
            seats = [Seat(seat.console_id, seat.call_id) for seat in live.crowd.seats]
            crowd = Crowd(tasks, plain.port, plain.token, seats, acknowledges=False)
            await crowd.arrive()
            figures |= await _floods((node, live.crowd), (plain, crowd), path, flood_s)
            figures["rss_mb"] = round(await node.ask("rss_mb"), 1)
            await live.leave()
            crowd.leave()
    return figures


@dataclass
class Child:
    """A server in a process of its own."""

    process: asyncio.subprocess.Process
    port: int = 0
    token: str = ""

    async def ask(self, do: str, **more: object) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
        return await self.answer()

    async def answer(self) -> Any:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)
        if not line:
            raise RuntimeError("a server of this bench has ended early")
        return json.loads(line)


@asynccontextmanager
async def _child(module: str, *arguments: str) -> AsyncIterator[Child]:
    pipe = subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"bench.{module}", *arguments, stdin=pipe, stdout=pipe, env=os.environ
    )
    child = Child(process)
    try:
        started = await child.answer()
        child.port, child.token = started["port"], started["token"]
        yield child
    finally:
        cast(asyncio.StreamWriter, process.stdin).close()
        await process.wait()


@dataclass
class _Tally:
    """Deliveries and what they took, over the turns of one server."""

    per_s: list[float] = field(default_factory=list)
    per_cpu_s: list[float] = field(default_factory=list)

    def add(self, deliveries: int, flow: dict[str, float]) -> None:
        self.per_s.append(deliveries / flow["seconds"])
        self.per_cpu_s.append(deliveries / flow["cpu_s"])


class Live:
    """Live calls with everybody who follows them."""

    def __init__(self, tasks: TaskSupervisor, node: Child, consoles: int, calls: int) -> None:
        self._tasks = tasks
        self._node = node
        self._callers = [CallerClient(f"http://127.0.0.1:{node.port}") for _ in range(calls)]
        seats = [Seat(f"console-{number}", "") for number in range(consoles)]
        self.crowd = Crowd(tasks, node.port, node.token, seats, taken=self._keep)
        self.stream: list[tuple[str | None, dict[str, Any]]] = []
        self._writers: set[Seat] = set()
        self._storms = self._stalls = self._seen = 0
        self._took_s = 0.0
        self._late: list[float] = []

    async def play(self, seconds: float, storm: float) -> None:
        """The calls from their start to the last line at the last console."""
        calls = [await caller.start(StartCall(format=FORMAT)) for caller in self._callers]
        for number, seat in enumerate(self.crowd.seats):
            seat.call_id = calls[number % len(calls)].call_id
        self._writers = set(self.crowd.seats[: len(calls)])
        await self.crowd.arrive()
        for seat in self.crowd.seats[: len(calls)]:
            seat.command("call.answer")
        _progress(f"{len(self.crowd.seats)} consoles follow {len(calls)} calls")
        before, began = self._received, time.monotonic()
        async with asyncio.TaskGroup() as group:
            for caller in self._callers:
                group.create_task(self._talk(caller, seconds))
            group.create_task(self._trouble(seconds, storm))
            group.create_task(self._watch_own_loop(seconds))
        self._took_s = time.monotonic() - began
        self._seen = self._received - before
        await self._caught_up()

    async def figures(self) -> dict[str, object]:
        """What the live calls showed."""
        seats = self.crowd.seats
        late = sorted(1000 * latency for seat in seats for latency in seat.latencies)
        return {
            "live_deliveries_per_s": round(self._seen / self._took_s),
            "lines": len(late),
            "p50_ms": round(_share(late, 0.5), 1),
            "p99_ms": round(_share(late, 0.99), 1),
            "clients_late_p99_ms": round(1000 * _share(sorted(self._late), 0.99), 1),
            "lost": sum(seat.lost for seat in seats),
            "duplicated": sum(seat.duplicated for seat in seats),
            "reconnected": self._storms,
            "stalled": self._stalls,
            "fresh_starts": sum(seat.starts - 1 for seat in seats),
        }

    async def leave(self) -> None:
        """Everybody goes; the server with its calls goes right after."""
        self.crowd.leave()
        for caller in self._callers:
            await caller.close()

    @property
    def _received(self) -> int:
        return sum(seat.received for seat in self.crowd.seats)

    async def _talk(self, caller: CallerClient, seconds: float) -> None:
        began = time.monotonic()
        for number in range(round(seconds * 10)):
            await caller.send(LOUD if number % (BREATH + 10) < BREATH else SILENT, number * FRAME)
            await asyncio.sleep(max(0.0, began + (number + 1) / 10 - time.monotonic()))
        await caller.all_acknowledged()

    async def _watch_own_loop(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (asked := time.monotonic()) < end:
            await asyncio.sleep(LOOK_S)
            self._late.append(time.monotonic() - asked - LOOK_S)

    async def _trouble(self, seconds: float, storm: float) -> None:
        """A storm, readers that stall, another storm."""
        await asyncio.sleep(seconds / 4)
        self._storms += self.crowd.storm(storm)
        await asyncio.sleep(seconds / 8)
        self._stalls += await self.crowd.stall(STALLED, seconds / 4)
        self._storms += self.crowd.storm(storm)

    async def _caught_up(self) -> None:
        """Returns when every console has all lines of its call, and the calls have no new ones."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                lines = await self._node.ask("lines")
                await asyncio.sleep(1.0)
                level = all(seat.next_line == lines[seat.call_id] + 1 for seat in self.crowd.seats)
                if level and lines == await self._node.ask("lines"):
                    return

    def _keep(self, seat: Seat, body: dict[str, Any]) -> None:
        """The stream of deliveries, as one console a call, and one for the queue, had it."""
        if seat not in self._writers or body["kind"] not in BODIES or len(self.stream) >= MOST_KEPT:
            return
        if body["kind"] != "queue":
            self.stream.append((seat.call_id, body))
        elif seat is self.crowd.seats[0]:
            self.stream.append((None, body))


async def _floods(
    ours: tuple[Child, Crowd], plain: tuple[Child, Crowd], path: Path, seconds: float
) -> dict[str, object]:
    tallies = _Tally(), _Tally()
    for child, _ in (ours, plain):
        await child.ask("load", path=str(path))
    for turn in range(TURNS):
        for (child, crowd), tally in zip((ours, plain), tallies, strict=True):
            tally.add(*await _flood(child, crowd, seconds))
        _progress(f"flood {turn + 1}: {tallies[0].per_s[-1]:.0f} a second, bare {tallies[1].per_s[-1]:.0f}")
    mine, bare = tallies
    return {
        "deliveries_per_s": round(statistics.median(mine.per_s)),
        "plain_per_s": round(statistics.median(bare.per_s)),
        "ratio": round(statistics.median(a / b for a, b in zip(mine.per_s, bare.per_s, strict=True)), 2),
        "cpu_ratio": round(statistics.median(a / b for a, b in zip(mine.per_cpu_s, bare.per_cpu_s, strict=True)), 2),
        "lost_in_flood": sum(seat.lost for seat in ours[1].seats),
    }


async def _flood(child: Child, crowd: Crowd, seconds: float) -> tuple[int, dict[str, float]]:
    before = sum(seat.received for seat in crowd.seats)
    flow = await child.ask("flood", seconds=seconds)
    await asyncio.sleep(0.5)
    return sum(seat.received for seat in crowd.seats) - before, flow


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _progress(text: str) -> None:
    click.echo(text, err=True)
