"""Replays a recorded call over the wire, both sides on one clock, and says how fast and how well it became a card.

In: a running server, a signed-in operator, a scenario. Out: a `ReplayResult`. The caller's sound comes from a caller's
client, the operator's voice from a console that answers the call; both are sent frame by frame at the pace of speech
(a frame goes out when its last sample would have been spoken), so that latencies are those of a real call.
"""

import asyncio
import math
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.audio import SAMPLE_BYTES, AudioFormat, Channel, RelayedFrame
from dispatch.contract.base import CallId
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AnswerCall, CallEntries, DeliveryBody, DisposeCall, SeatState, SetSeatState
from dispatch.contract.timeline import (
    AudioGap,
    CardUpdated,
    ChannelOpened,
    Disposition,
    SpeechFinal,
    SpeechStable,
    TimelineEntry,
)
from dispatch.sound_files import SoundFile, paced, read_sound

from .library import Scenario

CONSOLE_VOICE: Final = AudioFormat()
ENTRY: Final = "replay"
SETTLE_S: Final = 30.0
"""Longest wait for the last words after the sound has ended."""


@dataclass
class Watch:
    """When each line of the call's log reached the console, in seconds since the sound began."""

    started: float = 0.0
    heard: list[tuple[float, TimelineEntry]] = field(default_factory=list)
    relayed: list[float] = field(default_factory=list)

    def delivery(self, body: DeliveryBody) -> None:
        if isinstance(body, CallEntries):
            now = time.monotonic() - self.started
            self.heard.extend((now, entry) for entry in body.entries)

    def relay(self, frame: RelayedFrame) -> None:
        size = len(frame.audio) // SAMPLE_BYTES[frame.format.encoding]
        spoken = (frame.offset + size) / frame.format.sample_rate
        self.relayed.append(time.monotonic() - self.started - spoken)


@dataclass(frozen=True)
class ReplayResult:
    """What one replay showed."""

    call_id: str
    category: int | None
    red_flag_to_card_s: float | None
    """From the end of the words that make the call category 1 to the red card at a console; negative when earlier
    words sufficed. None where the scenario has no such words, or the card never turned red."""
    stable_latencies_s: tuple[float, ...]
    """From a word's end to its being settled at a console. A word that was never stable counts with its final."""
    relay_latencies_s: tuple[float, ...]
    """From the end of each frame, as spoken, to the operator's console; a listener adds its jitter buffer."""
    lost_samples: int
    seconds: float


async def replay(url: str, token: str, scenario: Scenario, *, answer: bool = True, speed: float = 1.0) -> ReplayResult:
    """Plays a scenario through the server. With `answer`, a console of this module takes the call and speaks too."""
    watch = Watch(time.monotonic())
    console = ConsoleClient(url, token, on_delivery=watch.delivery, on_relay=watch.relay)
    caller = CallerClient(url)
    try:
        await console.connect()
        if answer:
            await console.command(SetSeatState(command_id=_id(), state=SeatState.READY))
        sound = read_sound(scenario.sound(Channel.CALLER))
        opened = await caller.start(StartCall(format=sound.format, entry=ENTRY))
        await console.open_call(opened.call_id)
        if answer:
            await console.command(AnswerCall(command_id=_id(), call_id=opened.call_id))
        watch.started = time.monotonic()
        await _play_both(caller, console, opened.call_id, scenario, sound, speed=speed, answer=answer)
        await caller.hang_up()
        await settled(console, opened.call_id)
        lost = sound.samples - caller.acked.next_offset + gap_samples(watch.heard, sound)
        if answer:
            await _close_call(console, opened.call_id)
        return _result(opened.call_id, scenario, watch, lost)
    finally:
        await caller.close()
        await console.close()


async def play(caller: CallerClient, sound: SoundFile, *, speed: float = 1.0) -> None:
    """Sends a recording as the caller's sound, at the pace of speech times `speed`."""
    async for offset, audio in paced(sound, speed):
        await caller.send(audio, offset)


async def _play_both(
    caller: CallerClient, console: ConsoleClient, call_id: CallId, scenario: Scenario, sound: SoundFile, *,
    speed: float, answer: bool,
) -> None:  # fmt: skip
    async with asyncio.TaskGroup() as sides:
        sides.create_task(play(caller, sound, speed=speed))
        if answer:
            voice = read_sound(scenario.sound(Channel.OPERATOR), as_format=CONSOLE_VOICE)
            sides.create_task(_speak(console, call_id, voice, speed))


async def _speak(console: ConsoleClient, call_id: CallId, voice: SoundFile, speed: float) -> None:
    seq, first = console.voice.next_seq, console.voice.next_offset
    async for offset, audio in paced(voice, speed):
        await console.speak(call_id, seq, first + offset, audio)
        seq += 1


async def settled(console: ConsoleClient, call_id: CallId) -> None:
    """Returns when every utterance that has stable words has its final, or after a while."""

    def complete() -> bool:
        entries = console.view.entries.get(call_id, [])
        stable = {e.body.utterance_id for e in entries if isinstance(e.body, SpeechStable)}
        final = {e.body.utterance.utterance_id for e in entries if isinstance(e.body, SpeechFinal)}
        return bool(final) and stable <= final

    deadline = time.monotonic() + SETTLE_S
    quiet_since, seen = time.monotonic(), 0
    while time.monotonic() < deadline and not (complete() and time.monotonic() - quiet_since > 1.0):
        count = len(console.view.entries.get(call_id, []))
        if count != seen:
            quiet_since, seen = time.monotonic(), count
        await asyncio.sleep(0.05)


async def _close_call(console: ConsoleClient, call_id: CallId) -> None:
    await console.command(
        DisposeCall(command_id=_id(), call_id=call_id, disposition=Disposition.EXERCISE, reason="Replayed recording.")
    )


def _result(call_id: str, scenario: Scenario, watch: Watch, lost_samples: int) -> ReplayResult:
    opened_s = {e.body.channel: e.call_s for _, e in watch.heard if isinstance(e.body, ChannelOpened)}
    cards = [(at, e.body.card) for at, e in watch.heard if isinstance(e.body, CardUpdated)]
    red = next((at for at, card in cards if card.category == 1), None)
    return ReplayResult(
        call_id=call_id,
        category=cards[-1][1].category if cards else None,
        red_flag_to_card_s=None if red is None or scenario.red_flag_end_s is None else red - scenario.red_flag_end_s,
        stable_latencies_s=tuple(word_latencies(watch.heard, opened_s.get(Channel.CALLER, 0.0))),
        relay_latencies_s=tuple(watch.relayed),
        lost_samples=lost_samples,
        seconds=scenario.seconds,
    )


def word_latencies(heard: Sequence[tuple[float, TimelineEntry]], opened_s: float) -> list[float]:
    """One latency a word of the caller's, in seconds, from its end to its being settled at a console.

    `opened_s` is the second of the call at which the caller's channel was opened. A word that was never stable counts
    with its final.
    """
    stable: Counter[str] = Counter()
    latencies = []
    for at, entry in heard:
        match entry.body:
            case SpeechStable(channel=Channel.CALLER, utterance_id=utterance_id, words=words):
                stable[utterance_id] += len(words)
                latencies += [at - (word.end_s - opened_s) for word in words]
            case SpeechFinal(utterance=utterance) if utterance.channel is Channel.CALLER:
                late = utterance.words[stable[utterance.utterance_id] :]
                latencies += [at - (word.end_s - opened_s) for word in late]
    return latencies


def gap_samples(heard: Sequence[tuple[float, TimelineEntry]], sound: SoundFile) -> int:
    """Samples of the caller's that the server says never arrived."""
    gaps = [e.body for _, e in heard if isinstance(e.body, AudioGap) and e.body.channel is Channel.CALLER]
    return round(sum(gap.end_s - gap.start_s for gap in gaps) * sound.format.sample_rate)


def figures(result: ReplayResult) -> dict[str, object]:
    """The result as the figures that commands print; seconds, to the millisecond."""
    return {
        "call_id": result.call_id,
        "category": result.category,
        "red_flag_to_card_s": None if result.red_flag_to_card_s is None else round(result.red_flag_to_card_s, 3),
        "stable_p50_s": quantile(result.stable_latencies_s, 0.5),
        "stable_p95_s": quantile(result.stable_latencies_s, 0.95),
        "relay_p99_s": quantile(result.relay_latencies_s, 0.99),
        "words": len(result.stable_latencies_s),
        "lost_samples": result.lost_samples,
    }


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of all values do not exceed; None without values."""
    ranked = sorted(values)
    return round(ranked[max(0, math.ceil(share * len(ranked)) - 1)], 3) if ranked else None


def _id() -> str:
    return secrets.token_hex(8)
