"""Whole calls: N callers at once in real time through a server of their own, followed at one console.

Every recording of the folder is one call. N lanes play them one after another, the first starts spread over eight
seconds; a folder with fewer recordings than lanes is begun anew. A word's latency runs from its end in the sound to the
log line at the console that settles it; a word that was never stable counts with its final. An acknowledgement's runs
from the end of a frame, as spoken, to the message that says it is on disk. Processor time and memory are those of the
server with its database, broker and speech engine; the callers' own are not counted.
"""

import asyncio
import itertools
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click

from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.audio import AudioAck, Channel
from dispatch.contract.base import CallId
from dispatch.contract.caller import StartCall
from dispatch.contract.console import CallEntries, DeliveryBody, DisposeCall
from dispatch.contract.timeline import (
    CardUpdated,
    ChannelOpened,
    Disposition,
    SpeechFinal,
    TimelineEntry,
    TranscriptDegraded,
)
from dispatch.http_client import sign_in
from dispatch.sound_files import FRAME_S, SoundFile, read_sound
from scenarios.replay import ENTRY, gap_samples, play, quantile, settled, word_latencies

from ._recordings import Recording, load
from ._server import ChildServer, Use, late_at_most

SPREAD_S = 8.0
FRESH_TOKEN_EVERY_S = 300.0
MEMORY_EVERY_S = 2.0


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    return [
        click.Option(["--audio"], type=folder, required=True, help="Recordings with reference.jsonl."),
        click.Option(["--calls", "count"], type=click.IntRange(1), default=4, show_default=True, help="At once."),
    ]


def run(audio: Path, count: int) -> dict[str, object]:
    """Start a server, play the calls and measure; see the module's docstring for what the figures mean."""
    recordings = load(audio)
    with ChildServer() as server:
        return {"audio": audio.name, "ready_s": round(server.ready_s, 2)} | asyncio.run(
            _measure(server, recordings, count)
        )


@dataclass
class _Call:
    """One call as it was played, with what reached the caller and the console when (seconds since the first sample)."""

    name: str
    sound: SoundFile
    began: float = 0.0
    heard: list[tuple[float, TimelineEntry]] = field(default_factory=list)
    ack_latencies: list[float] = field(default_factory=list)
    lost_samples: int = 0
    problems: int = 0
    acked: int = 0

    def on_ack(self, ack: AudioAck) -> None:
        """Every frame that is newly on disk, against the moment when its last sample was spoken."""
        rate = self.sound.format.sample_rate
        step = round(rate * FRAME_S)
        ends = range(min(self.acked + step, ack.next_offset), ack.next_offset + 1, step)
        now = time.monotonic() - self.began
        self.ack_latencies += [now - end / rate for end in ends if ack.next_offset > self.acked]
        self.acked = max(self.acked, ack.next_offset)

    @property
    def opened_s(self) -> float:
        """Second of the call at which the caller's channel was opened."""
        opened = (e for _, e in self.heard if isinstance(e.body, ChannelOpened) and e.body.channel is Channel.CALLER)
        return next((entry.call_s for entry in opened), 0.0)

    @property
    def category(self) -> int | None:
        cards = [entry.body.card for _, entry in self.heard if isinstance(entry.body, CardUpdated)]
        return cards[-1].category if cards else None

    def word_latencies(self) -> list[float]:
        return word_latencies(self.heard, self.opened_s)

    def final_latencies(self) -> list[float]:
        """From the end of each of the caller's utterances to its final at the console."""
        finals = [(at, e.body.utterance) for at, e in self.heard if isinstance(e.body, SpeechFinal)]
        return [at - (u.end_s - self.opened_s) for at, u in finals if u.channel is Channel.CALLER and u.words]

    def tiers(self) -> set[str]:
        """What the transcript was degraded to meanwhile."""
        return {entry.body.tier for _, entry in self.heard if isinstance(entry.body, TranscriptDegraded)}


class _House:
    """The server with one console that follows every call."""

    def __init__(self, server: ChildServer, console: ConsoleClient, calls: dict[CallId, _Call]) -> None:
        self.server = server
        self.calls = calls
        self.console = console
        self.peak_bytes = 0

    async def play(self, name: str, sound: SoundFile, about: str) -> None:
        """One call, from its start to its closing."""
        call = _Call(name, sound)
        caller = CallerClient(self.server.url, on_ack=call.on_ack)
        try:
            opened = await caller.start(StartCall(format=sound.format, entry=ENTRY))
            self.calls[opened.call_id] = call
            await self.console.open_call(opened.call_id)
            call.began = time.monotonic()
            await play(caller, sound)
            await caller.hang_up()
            await settled(self.console, opened.call_id)
            call.lost_samples = sound.samples - caller.acked.next_offset + gap_samples(call.heard, sound)
            call.problems = len(caller.problems)
            await self._close_call(opened.call_id)
        finally:
            await caller.close()
        print(f"{about} {name}: category {call.category}, {call.lost_samples} samples lost", file=sys.stderr)

    async def watch_memory(self) -> None:
        """Keeps the highest reading, for ever."""
        while True:
            self.peak_bytes = max(self.peak_bytes, (await asyncio.to_thread(self.server.use)).memory_bytes)
            await asyncio.sleep(MEMORY_EVERY_S)

    async def stay_signed_in(self) -> None:
        """Access tokens live ten minutes; for ever."""
        while True:
            await asyncio.sleep(FRESH_TOKEN_EVERY_S)
            session = await sign_in(self.server.url, *self.server.login("operator"))
            await self.console.reauthenticate(session.access_token)

    async def _close_call(self, call_id: CallId) -> None:
        await self.console.command(
            DisposeCall(command_id=secrets.token_hex(8), call_id=call_id, disposition=Disposition.EXERCISE)
        )


async def _open(server: ChildServer, stack: AsyncExitStack) -> _House:
    calls: dict[CallId, _Call] = {}

    def on_delivery(body: DeliveryBody) -> None:
        if isinstance(body, CallEntries) and body.call_id in calls:
            call = calls[body.call_id]
            call.heard.extend((time.monotonic() - call.began, entry) for entry in body.entries)

    session = await sign_in(server.url, *server.login("operator"))
    console = ConsoleClient(server.url, session.access_token, on_delivery=on_delivery)
    stack.push_async_callback(console.close)
    await console.connect()
    return _House(server, console, calls)


async def _measure(server: ChildServer, recordings: Sequence[Recording], count: int) -> dict[str, object]:
    sounds = {recording.path: await asyncio.to_thread(read_sound, recording.path) for recording in recordings}
    total = max(count, len(recordings))
    waiting = iter(list(itertools.islice(itertools.cycle(recordings), total)))
    numbers = itertools.count(1)

    async def lane(house: _House, number: int) -> None:
        await asyncio.sleep(SPREAD_S * number / count)
        for recording in waiting:
            about = f"call {next(numbers)}/{total}"
            await house.play(recording.id, sounds[recording.path], about)

    async with AsyncExitStack() as stack:
        house = await _open(server, stack)
        before, lag_before = server.use(), server.loop_lag()
        async with asyncio.TaskGroup() as group:
            background = [group.create_task(house.watch_memory()), group.create_task(house.stay_signed_in())]
            lanes = [group.create_task(lane(house, number)) for number in range(count)]
            await asyncio.gather(*lanes)
            for task in background:
                task.cancel()
        after, lag_after = server.use(), server.loop_lag()
    lag = late_at_most(lag_before, lag_after, 0.99)
    return _figures(list(house.calls.values()), count) | _cost(before, after, house.peak_bytes, lag)


def _figures(calls: Sequence[_Call], count: int) -> dict[str, object]:
    words = list(_all(call.word_latencies() for call in calls))
    return {
        "calls": count,
        "played": len(calls),
        "seconds": round(sum(call.sound.seconds for call in calls), 1),
        "words": len(words),
        "stable_p50_s": quantile(words, 0.5),
        "stable_p95_s": quantile(words, 0.95),
        "final_p95_s": quantile(list(_all(call.final_latencies() for call in calls)), 0.95),
        "categories": [{"id": call.name, "category": call.category} for call in calls],
        "lost_samples": sum(call.lost_samples for call in calls),
        "ack_p99_s": quantile(list(_all(call.ack_latencies for call in calls)), 0.99),
        "problems": sum(call.problems for call in calls),
        "tiers": sorted({"live"}.union(*(call.tiers() for call in calls))),
    }


def _cost(before: Use, after: Use, peak_bytes: int, lag_s: float | None) -> dict[str, object]:
    return {
        "event_loop_lag_p99_s": lag_s,
        "cpu_cores": round((after.cpu_s - before.cpu_s) / (after.at_s - before.at_s), 3),
        "rss_mb": round(max(peak_bytes, after.memory_bytes) / 2**20, 1),
    }


def _all(parts: Iterator[list[float]]) -> Iterator[float]:
    return itertools.chain.from_iterable(parts)
