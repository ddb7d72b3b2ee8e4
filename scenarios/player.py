"""Plays a script as a real caller over the real wire, and branches on what the trainee does.

In: a running server, a token whose console may follow the call, a script. Out: what happened, scored. The caller's
sound never stops: between lines the background noise goes on. What the trainee does is read from the call's own log, as
any console sees it: questions asked or marked, steps given, help sent. Every call is opened as an exercise and begins
with the word. With a speed other than 1 the caller speaks faster than life; for scripted engines and tests.
"""

import array
import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from dispatch.client import CallerClient
from dispatch.contract.audio import RelayedFrame
from dispatch.contract.base import CallId, PersonId
from dispatch.contract.caller import CallPhase, StartCall
from dispatch.contract.timeline import CallAnswered, CardUpdated, TimelineEntry
from dispatch.contract.training import ScoreSheet
from dispatch.contract.training_exercises import InjectionKind
from dispatch.quality import deeds_of, score

from .conversation import Conversation
from .disturbances import Line as TelephoneLine
from .ear import ConsoleEar, Ear, OnEntries
from .script import Script, Turn
from .sound import FORMAT, Line, Voice, announcement, voice_of

ENTRY: Final = "exercise"
FRAME: Final = 160
"""Samples of a frame: 20 ms, what telephones use."""
RATE: Final = FORMAT.sample_rate
UNANSWERED_S: Final = 120.0
"""A training call that nobody answers for so long is given up."""
VOICE_LEVEL: Final = 700
"""An operator's frame whose loudest sample is above this (of 32768) has voice in it."""
POLITE_S: Final = 0.5
"""A caller does not begin while the operator has spoken within so long."""
MAX_RELAYED: Final = 24_000
"""Frames of the operator's voice that are kept for the report: eight minutes; more are not kept."""


class Improviser(Protocol):
    """Finds own words for a line. It may tell what `told` and the line's own facts tell, and nothing else."""

    async def words(self, script: Script, turn: Turn, told: frozenset[str], operator_said: str) -> str | None:
        """What to say instead; None for the line as it is recorded."""


class Speaker(Protocol):
    """Gives a voice to words that nobody has recorded."""

    async def sound(self, text: str, script: Script) -> bytes | None:
        """Mu-law at 8 kHz; None where it cannot, so that the recorded line is played."""


@dataclass
class Watch:
    """What reached the following console, and when."""

    categories: list[tuple[float, int]] = field(default_factory=list)
    """Monotonic seconds and category of each card."""
    operator_spoke_at: float = 0.0
    relayed: list[tuple[int, bytes]] = field(default_factory=list)
    """The operator's voice, 16-bit at 16 kHz, each piece with its first sample."""

    def heard(self, entries: Sequence[TimelineEntry]) -> None:
        for entry in entries:
            if isinstance(entry.body, CardUpdated) and entry.body.card.category is not None:
                self.categories.append((time.monotonic(), entry.body.card.category))

    def relay(self, frame: RelayedFrame) -> None:
        samples = array.array("h", frame.audio[: len(frame.audio) // 2 * 2])
        if samples and max(max(samples), -min(samples)) > VOICE_LEVEL:
            self.operator_spoke_at = time.monotonic()
        if len(self.relayed) < MAX_RELAYED:
            self.relayed.append((frame.offset, frame.audio))


@dataclass(frozen=True)
class Played:
    """One training call, and how it went."""

    script: Script
    call_id: CallId
    entries: tuple[TimelineEntry, ...] = field(repr=False)
    sheet: ScoreSheet
    said: tuple[tuple[str, float], ...]
    """Turn ids with the second of the sound at which each began."""
    flag_s: float | None
    """From the end of the telling words to a card that is urgent enough, at a console. Where earlier words sufficed:
    from the end of those, as the card quotes them. None where nothing told, or the card was never urgent enough."""
    flag_said: bool
    most_urgent: int | None
    """The most urgent category that was ever shown."""
    caller_sound: bytes = field(repr=False)
    """Everything that was sent: mu-law at 8 kHz."""
    operator_sound: tuple[tuple[int, bytes], ...] = field(repr=False)
    lost_samples: int


class Player:
    """One caller."""

    def __init__(
        self, url: str, ear: Callable[[OnEntries], Ear] | str, script: Script, *, speed: float = 1.0,
        improviser: Improviser | None = None, speaker: Speaker | None = None, trainee_id: PersonId | None = None,
        entry: str = ENTRY,
    ) -> None:  # fmt: skip
        """`ear` is how the call's log is followed, or the token of a console that does it; without a trainee the call
        rings as any other does.
        """
        self._start = StartCall(format=FORMAT, entry=entry, exercise=True, trainee_id=trainee_id)
        self.script = script
        self.opened: asyncio.Future[CallId] = asyncio.get_running_loop().create_future()
        """The call's id, as soon as there is one."""
        self._voice: Voice = voice_of(script)
        self._speed = speed
        self._improviser, self._speaker = improviser, speaker
        self._watch = Watch()
        heard = self._watch.heard
        self._ear: Ear = ConsoleEar(url, ear, heard) if isinstance(ear, str) else ear(heard)
        self._caller = CallerClient(url, on_relay=self._watch.relay)
        self._talk = Conversation(script)
        self._line_state = TelephoneLine()
        self._out_of_turn: list[Turn] = []
        self._sent = bytearray()
        self._seen = 0
        self._deeds: set[str] = set()
        self._began: list[tuple[str, float]] = []
        self._flag_ended: float | None = None
        self._heard_from: float | None = None
        """Second of the sound at which the conversation begins: after the announcement."""

    async def play(self) -> Played:
        """The call from its first ring to its end."""
        try:
            await self._ear.connect()
            opened = await self._caller.start(self._start)
            self.opened.set_result(opened.call_id)
            await self._ear.follow(opened.call_id)
            async for frame in self._frames(opened.call_id):
                arrives = self._line_state.through(frame, self._at_s)
                if arrives is None:
                    await self._caller.close()
                    break
                await self._caller.send(arrives, len(self._sent))
                self._sent += arrives
            else:
                if self._caller.phase is not CallPhase.ENDED:
                    await self._caller.hang_up()
            await self._ear.settled(opened.call_id)
            return self._played(opened.call_id)
        finally:
            self.opened.cancel()
            await self._caller.close()
            await self._ear.close()

    def disturb(self, kind: InjectionKind, line_id: str | None = None) -> None:
        """Makes something happen on the line now; a line of the script is said as soon as the caller is silent."""
        self._line_state.disturb(kind, self._at_s)
        self._out_of_turn += [turn for turn in self.script.turns if kind is InjectionKind.LINE and turn.id == line_id]

    @property
    def _at_s(self) -> float:
        """Second of the sound."""
        return len(self._sent) / RATE

    async def _frames(self, call_id: CallId) -> AsyncGenerator[bytes]:
        """The caller's sound, frame by frame, each when its last sample would have been spoken."""
        started = time.monotonic()
        async with contextlib.aclosing(self._pieces(call_id)) as pieces:
            async for piece in pieces:
                for at in range(0, len(piece), FRAME):
                    frame = piece[at : at + FRAME]
                    due = started + (len(self._sent) + len(frame)) / RATE / self._speed
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                    if self._caller.phase is CallPhase.ENDED or self._line_state.hung_up:
                        return
                    yield frame

    async def _pieces(self, call_id: CallId) -> AsyncGenerator[bytes]:
        """Stretches of sound: the bed while nobody answers, the announcement, then lines with the bed between them."""
        while not self._answered(call_id):
            if self._at_s > UNANSWERED_S:
                return
            yield self._bed()
        self._notice(call_id, 0.0)
        yield announcement().samples
        self._heard_from = self._at_s
        while True:
            now_s = self._at_s - self._heard_from
            self._notice(call_id, now_s)
            turn = None if self._operator_speaks() else self._next_turn(now_s)
            if turn is None and self._talk.over(now_s, done=self._done()):
                turn = self.script.closing
            if turn is None:
                yield self._bed()
                continue
            async for piece in self._spoken(turn):
                yield piece
            if turn.closing or turn.hang_up:
                return

    def _next_turn(self, now_s: float) -> Turn | None:
        """What a trainer wants said goes first."""
        return self._out_of_turn.pop(0) if self._out_of_turn else self._talk.next_turn(now_s)

    async def _spoken(self, turn: Turn) -> AsyncGenerator[bytes]:
        line = await self._line(turn)
        assert self._heard_from is not None
        self._began.append((turn.id, self._at_s))
        words = round(line.words_end_s * RATE)
        yield line.samples[:words]
        if turn.red_flag and self._flag_ended is None:
            self._flag_ended = time.monotonic()
        yield line.samples[words:]
        self._talk.spoken_until(self._at_s - self._heard_from)

    async def _line(self, turn: Turn) -> Line:
        """The recorded line, or an improviser's own words where there is a voice for them."""
        recorded = self._voice.lines[turn.id]
        if self._improviser is None or self._speaker is None or turn.red_flag:
            return recorded
        words = await self._improviser.words(self.script, turn, self._talk.told, "")
        sound = await self._speaker.sound(words, self.script) if words else None
        return Line(sound, len(sound) / RATE) if sound else recorded

    def _bed(self) -> bytes:
        at = len(self._sent) % len(self._voice.bed)
        return (self._voice.bed[at : at + FRAME] or self._voice.bed[:FRAME]).ljust(FRAME, b"\xff")

    def _operator_speaks(self) -> bool:
        return time.monotonic() - self._watch.operator_spoke_at < POLITE_S / self._speed

    def _answered(self, call_id: CallId) -> bool:
        return any(isinstance(entry.body, CallAnswered) for entry in self._entries(call_id)[:200])

    def _notice(self, call_id: CallId, now_s: float) -> None:
        entries = self._entries(call_id)
        fresh, self._seen = entries[self._seen :], len(entries)
        if fresh:
            deeds = deeds_of(fresh)
            self._deeds.update(deed.action for deed in deeds)
            self._talk.notice(deeds, now_s)

    def _done(self) -> bool:
        """Every expected action has been found."""
        return all(not self._deeds.isdisjoint(line.action) for line in self.script.rubric.expect)

    def _entries(self, call_id: CallId) -> Sequence[TimelineEntry]:
        return self._ear.entries(call_id)

    def _played(self, call_id: CallId) -> Played:
        entries = tuple(self._entries(call_id))
        return Played(
            script=self.script,
            call_id=call_id,
            entries=entries,
            sheet=score(self.script.rubric, entries),
            said=tuple(self._began),
            flag_s=self._flag_s(entries),
            flag_said=self._flag_ended is not None,
            most_urgent=min((category for _, category in self._watch.categories), default=None),
            caller_sound=bytes(self._sent),
            operator_sound=tuple(self._watch.relayed),
            lost_samples=len(self._sent) - self._caller.acked.next_offset,
        )

    def _flag_s(self, entries: Sequence[TimelineEntry]) -> float | None:
        wanted = max(self.script.gold.category, *self.script.gold.accept, 1)
        found = next((at for at, category in self._watch.categories if category <= wanted), None)
        if found is None or self._flag_ended is None:
            return None
        return found - self._flag_ended if found > self._flag_ended else quoted_latency_s(entries, wanted)


def quoted_latency_s(entries: Sequence[TimelineEntry], wanted: int) -> float | None:
    """From the end of the words that the first urgent enough card quotes, to that card's entry in the log."""
    for entry in entries:
        card = entry.body.card if isinstance(entry.body, CardUpdated) else None
        if card is not None and card.category is not None and card.category <= wanted:
            reasons = (reason for reason in card.reasons if reason.category <= wanted)
            ends = [max((said.end_s for said in reason.evidence), default=None) for reason in reasons]
            told = [end for end in ends if end is not None]
            return entry.call_s - min(told) if told else None
    return None
