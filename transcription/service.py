"""The transcription service: many streams, one voice detector, one queue, one engine.

Comes in: streams and their frames. Goes out: events to each stream's owner, on the event loop, in order. One loop lets
the voice detector hear all streams, one watches the load; `decoding.py` runs the ones at the engine. Invariants: an
owner's exception harms nobody else; sound is never dropped silently; the event loop is never blocked.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from .clock import Clock, LoopClock
from .codecs import StreamFormat
from .decoding import Decoding
from .engine import Engine
from .events import SAMPLE_RATE, EngineLost, EngineRestarted, Importance, Tier, TierChanged, TranscriptEvent
from .lanes import Kind, Ticket
from .load import Lateness, LoadController, cadence
from .settings import TranscriptionSettings
from .status import Ledger, Meter, ServiceStatus, StreamStatus
from .stream import Identity, Stream
from .supervision import Crew, safely
from .voice import SileroVoice, VoiceDetector

_GOVERN_EVERY_S: Final = 0.25
_PATIENCE_S: Final[dict[Kind, float]] = {
    Kind.FINAL: 0.5,
    Kind.LOOK: 0.75,
    Kind.PARTIAL: 0.5,
    Kind.TRANSLATION: 5.0,
    Kind.REVISION: 10.0,
}
"""How long after it was asked for each kind of work is due."""


class TranscriptionService:
    """Turns the sound of many calls into words; see the module's docstring. Call start() and close() once each."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock | None = None,
        settings: TranscriptionSettings | None = None,
        voice: VoiceDetector | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock or LoopClock()
        self._settings = settings or TranscriptionSettings()
        self._voice = voice
        self._meter = Meter()
        self._load = LoadController(self._settings.load)
        self._decoding = Decoding(engine, self._clock, self._meter, self._find, self)
        self._crew = Crew()
        self._streams: dict[str, Stream] = {}
        self._ledgers: dict[str, Ledger] = {}
        self._sound = asyncio.Event()

    # The owner's side

    async def start(self) -> None:
        """Load the engine and warm it up. One that does not come up is tried again; streams are taken all the same.

        Raises ModelError when weights are missing or wrong, which no new attempt will mend without somebody's help.
        """
        self._voice = self._voice or await asyncio.to_thread(SileroVoice)
        self._crew.run("listen", self._listen)
        self._crew.run("govern", self._govern)
        self._decoding.run(self._crew)
        await self._decoding.bring_up()

    async def close(self) -> None:
        """Stop everything; streams are abandoned."""
        await self._crew.close()
        for stream in list(self._streams.values()):
            stream.abandon()
        await self._decoding.close()

    def open(
        self,
        stream_id: str,
        format: StreamFormat,
        *,
        call_id: str,
        tenant: str,
        on_event: Callable[[TranscriptEvent], None],
        language: str | None = None,
        start_sample: int = 0,
        first_utterance: int = 1,
        prefix: str = "u",
    ) -> Stream:
        """A new stream, critical until it is said otherwise; an open one of the same id is abandoned.

        `start_sample` is the offset (own rate) of the first frame expected, and utterances are called `prefix`-N from
        N = `first_utterance` on, so that a call can go on after a restart. `on_event` is called in the event loop and
        must be quick; what it raises is counted and goes no further.
        """
        if stream_id in self._streams:
            self._streams[stream_id].abandon()
        ledger = self._ledgers[stream_id] = Ledger(self._meter.latencies)
        self._streams[stream_id] = Stream(
            Identity(stream_id, call_id, tenant, prefix),
            format,
            self._settings,
            self,
            lambda event: self._tell(ledger, on_event, event),
            language=language,
            start_sample=start_sample,
            first_utterance=first_utterance,
        )
        return self._streams[stream_id]

    def status(self) -> ServiceStatus:
        """How the service does now."""
        rtf, busy = self._meter.speeds(self._clock.monotonic())
        return ServiceStatus(
            engine=self._decoding.state,
            model=self._engine.capabilities.model,
            tier=self._load.tier,
            streams=len(self._streams),
            depths={kind.value: depth for kind, depth in self._decoding.lanes.depths().items()},
            backlog_s=self._backlog() / SAMPLE_RATE,
            rtf=rtf,
            busy=busy,
            heard_samples=self._meter.heard_samples,
            decodes=self._meter.decodes,
            windows=self._meter.windows,
            drops=self._meter.drops,
            restarts=self._meter.restarts,
            listener_failures=self._meter.listener_failures,
            loop_failures=self._crew.failures,
            gap_s=(self._meter.gap + sum(ledger.gap for ledger in self._ledgers.values())) / SAMPLE_RATE,
            latencies=self._meter.latencies,
            calls=tuple(self._stream_status(stream) for stream in self._streams.values()),
        )

    # The streams' desk

    def ask(self, stream: Stream, kind: Kind) -> None:
        """Queue a ticket of a stream."""
        now = self._clock.monotonic()
        name, tenant = stream.identity.stream_id, stream.identity.tenant
        self._decoding.queue(Ticket(name, kind, stream.importance, tenant, now, now + _PATIENCE_S[kind]))

    def importance_changed(self, stream: Stream) -> None:
        """The stream's tickets move."""
        self._decoding.lanes.rank(stream.identity.stream_id, stream.importance)

    def partial_every(self, importance: Importance) -> float | None:
        """Seconds of sound between two partials of such a stream now."""
        return cadence(self._load.tier, importance)

    def final_beam(self) -> int:
        """Beam width for finals now: wide while nobody waits for a turn."""
        return 1 if self._decoding.lanes.count({Kind.FINAL, Kind.LOOK, Kind.PARTIAL}) else self._settings.final_beam

    def has_room(self) -> bool:
        """Whether work that can wait will get its turn soon."""
        return self._load.tier is Tier.FULL

    def sound_came(self, stream: Stream) -> None:
        """Wake the voice detector."""
        if not stream.gone:
            self._ledgers[stream.identity.stream_id].arrived(stream.taken_to, self._clock.monotonic())
        self._sound.set()

    def left(self, stream: Stream) -> None:
        """A stream is over."""
        stream_id = stream.identity.stream_id
        if self._streams.get(stream_id) is stream:
            del self._streams[stream_id]
            self._meter.gap += self._ledgers.pop(stream_id).gap
            self._decoding.forget(stream_id)

    # What the decoding reports

    def spent(self, stream: Stream, seconds: float) -> None:
        """The stream had that much of the engine's time."""
        if not stream.gone:
            self._ledgers[stream.identity.stream_id].engine_s += seconds

    def engine_lost(self, code: str) -> None:
        """Every owner is told."""
        for stream in list(self._streams.values()):
            stream.report(EngineLost(stream.identity.stream_id, code))

    def engine_restarted(self) -> None:
        """Every owner is told."""
        for stream in list(self._streams.values()):
            stream.report(EngineRestarted(stream.identity.stream_id, self._meter.restarts))

    # Loops

    async def _listen(self) -> None:
        while True:
            await self._sound.wait()
            self._sound.clear()
            await self._listen_once()
            await self._clock.sleep(self._settings.listen_every_s)

    async def _listen_once(self) -> None:
        hearing = [(stream, hops) for stream in self._streams.values() if (hops := stream.hops()) is not None]
        assert self._voice is not None, "start() makes the detector"
        answers = await self._voice.listen([(stream.voice, hops) for stream, hops in hearing]) if hearing else []
        now = self._clock.monotonic()
        for (stream, hops), chances in zip(hearing, answers, strict=True):
            self._meter.heard(now, len(hops))
            if not stream.gone:
                self._ledgers[stream.identity.stream_id].heard += len(hops)
                stream.listened(chances)
        if hearing:
            self._sound.set()
        for stream in list(self._streams.values()):
            self._meter.heard(now, stream.heard_out_if_finishing())

    async def _govern(self) -> None:
        while True:
            await self._clock.sleep(_GOVERN_EVERY_S)
            now, lanes = self._clock.monotonic(), self._decoding.lanes
            late = Lateness(
                lanes.longest_wait(now, Kind.PARTIAL, Importance.CRITICAL), lanes.longest_wait(now, Kind.FINAL)
            )
            tier = self._load.observe(late, now)
            if tier is not None:
                for stream in list(self._streams.values()):
                    stream.report(TierChanged(stream.identity.stream_id, tier, "the recogniser's queue"))
            self._bound_backlog()
            self._decoding.check()

    # Parts

    def _find(self, stream_id: str) -> Stream | None:
        return self._streams.get(stream_id)

    def _tell(self, ledger: Ledger, owner: Callable[[TranscriptEvent], None], event: TranscriptEvent) -> None:
        ledger.note(event, self._clock.monotonic())
        safely(self._listener_failed, lambda: owner(event))

    def _stream_status(self, stream: Stream) -> StreamStatus:
        name = stream.identity.stream_id
        ledger = self._ledgers[name]
        return StreamStatus(
            stream_id=name,
            call_id=stream.identity.call_id,
            importance=stream.importance,
            latencies=ledger.latencies,
            heard_s=ledger.heard / SAMPLE_RATE,
            engine_s=ledger.engine_s,
            gap_s=ledger.gap / SAMPLE_RATE,
            waiting_s=stream.waiting_samples / SAMPLE_RATE,
            queued=sum(self._decoding.lanes.waits(name, kind) for kind in Kind),
        )

    def _listener_failed(self) -> None:
        self._meter.listener_failures += 1

    def _backlog(self) -> int:
        return sum(stream.waiting_samples for stream in self._streams.values())

    def _bound_backlog(self) -> None:
        limit = self._settings.backlog_limit_s * SAMPLE_RATE
        while self._backlog() > limit:
            fullest = max(self._streams.values(), key=lambda stream: (stream.importance, stream.waiting_samples))
            if not fullest.give_up_oldest():
                return
            self._meter.drops += 1
