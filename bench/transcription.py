"""Live transcription: N calls at once in real time; word errors, latencies, load.

Every call is a different sequence of whole recordings, none twice in a call, the starts spread over eight seconds. A
word's latency runs from its end in the sound to the event that made it stable. A word of a final for which nothing ever
became stable counts as endlessly late. Error rates are fractions after Whisper's English normaliser.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np
import psutil

from transcription import (
    SAMPLE_RATE,
    Encoding,
    Engine,
    FinalHeard,
    GapHeard,
    Hypothesis,
    ModelStore,
    Revised,
    ScriptedEngine,
    SileroVoice,
    SpeechStarted,
    StableHeard,
    Stream,
    StreamFormat,
    TierChanged,
    TranscriptEvent,
    TranscriptionService,
    TranscriptionSettings,
    Utterance,
    VoiceDetector,
    WhisperEngine,
    WhisperOptions,
    Window,
    Word,
    known,
)
from transcription.agreement import AgreementRules
from transcription.endpointing import EndpointRules

from ._recordings import RATE, CallSound, calls, load
from ._virtual_engine import VirtualEngine, VirtualVoice
from ._virtual_time import run as virtual_run
from ._word_errors import Score

FRAME = RATE // 25
"""40 ms a frame."""
SPREAD_S = 8.0
NEVER_S = 999.0
"""How an endless latency is printed."""
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kiwimesh" / "models"
_PADDED = 30 * SAMPLE_RATE


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    return [
        click.Option(["--audio"], type=folder, required=True, help="Recordings with reference.jsonl."),
        click.Option(["--calls", "count"], type=click.IntRange(1), default=4, show_default=True, help="At once."),
        click.Option(["--seconds"], type=float, default=60.0, show_default=True, help="At least, of each call."),
        click.Option(
            ["--engine"],
            type=click.Choice(["whisper", "scripted"]),
            default="whisper",
            show_default=True,
            help="The real recogniser, or one that answers from the reference.",
        ),
        click.Option(["--model"], default="base", show_default=True, help="A name, a directory or a hub name."),
        click.Option(["--workers"], type=int, default=None, help="Engine processes; one a core if not given."),
        click.Option(
            ["--cache"], type=click.Path(path_type=Path), default=CACHE, help="Where weights are put together."
        ),
        click.Option(["--virtual"], type=float, help="Virtual time: decodes cost so much of bench/_virtual_engine.py."),
        click.Option(
            ["--baseline"],
            type=click.Choice(["offline", "whisper-streaming"]),
            multiple=True,
            help="Measure this too, on the same recordings in the same run.",
        ),
    ]


def run(
    audio: Path,
    count: int,
    seconds: float,
    engine: str,
    model: str,
    workers: int | None,
    cache: Path,
    virtual: float | None,
    baseline: tuple[str, ...],
) -> dict[str, object]:
    """Play the calls and measure; see the module's docstring for what the figures mean."""
    sounds = calls(load(audio), count, seconds)
    directory = ModelStore(cache).get(model) if engine == "whisper" else None
    play = asyncio.run if virtual is None else virtual_run
    voice = VirtualVoice if virtual is not None else SileroVoice
    made = _engine(directory, model, workers, virtual)
    figures = play(_measure(sounds, made, TranscriptionSettings(), voice()))
    if "whisper-streaming" in baseline:
        reference = _Padded(_engine(directory, model, workers, virtual))
        figures["whisper_streaming"] = play(_measure(sounds, reference, _reference_policy(), voice()))
    if "offline" in baseline and directory is not None:
        figures |= _offline(sounds, directory)
    return {"engine": engine, "model": model, "audio": audio.name} | figures


def _engine(directory: Path | None, model: str, workers: int | None, virtual: float | None) -> Engine:
    if directory is None:
        return ScriptedEngine({}, seconds_a_window=0.1)
    named = known().get(model)
    options = WhisperOptions(model, directory, named.multilingual if named else True)
    if virtual is not None:
        return VirtualEngine(directory, model, options.multilingual, workers or options.workers, virtual)
    return WhisperEngine(options if workers is None else replace(options, workers=workers))


# The reference policy, whisper_streaming's, through the same engine


class _Padded:
    """Every window padded to 30 s and decoded with beam 5, as the reference server does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.capabilities = replace(engine.capabilities, max_batch=1)

    @property
    def alive(self) -> bool:
        return self._engine.alive

    async def start(self) -> None:
        await self._engine.start()

    async def close(self) -> None:
        await self._engine.close()

    async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        return await self._engine.decode([replace(window, bucket=_PADDED, beam=5) for window in windows])


def _reference_policy() -> TranscriptionSettings:
    """LocalAgreement-2 alone, the sound of the last 15 s heard again each time."""
    agreement = AgreementRules(certain=2.0, sure=2.0, doubtful_after=3600 * SAMPLE_RATE, edge=0, pause_counts=0)
    return TranscriptionSettings(agreement=agreement, overlap=15 * SAMPLE_RATE, revise_after_s=1e9)


# Playing


@dataclass(slots=True)
class _Played:
    """One call: what was sent, and what came when (seconds since the call's first sample)."""

    call: CallSound
    began: float = 0.0
    events: list[tuple[float, TranscriptEvent]] = field(default_factory=list)


async def _measure(
    sounds: Sequence[CallSound], engine: Engine, settings: TranscriptionSettings, voice: VoiceDetector
) -> dict[str, object]:
    service = TranscriptionService(engine, settings=settings, voice=voice)
    await service.start()
    played = [_Played(sound) for sound in sounds]
    before = _usage()
    lags: list[float] = []
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(_watch_lag(lags))
        plays = [group.create_task(_play(service, one, number, len(played))) for number, one in enumerate(played)]
        for play in plays:
            await play
        watch.cancel()
    after, status = _usage(), service.status()
    await service.close()
    return {
        "calls": len(played),
        "channels": 1,
        "seconds": round(sum(len(one.call.sound) for one in played) / RATE, 1),
        **_words(played),
        **_latencies(played),
        "lost_samples": _lost(played, status.heard_samples),
        "cpu_cores": round((after.cpu - before.cpu) / (after.time - before.time), 3),
        "rss_mb": round(after.rss / 2**20, 1),
        "rtf": round(status.rtf, 4),
        "busy": round(status.busy, 3),
        "tiers": sorted(
            {e.tier.value for one in played for _, e in one.events if isinstance(e, TierChanged)} | {"full"}
        ),
        "loop_lag_p99_ms": round(float(np.percentile(lags, 99)) * 1000, 1) if lags else None,
        "restarts": status.restarts,
    }


async def _play(service: TranscriptionService, played: _Played, number: int, count: int) -> None:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(SPREAD_S * number / count)
    played.began = loop.time()
    stream = service.open(
        f"call-{number}",
        StreamFormat(Encoding.PCM16, RATE),
        call_id=f"call-{number}",
        tenant="bench",
        on_event=lambda event: played.events.append((loop.time() - played.began, event)),
    )
    await _feed(stream, played)
    await stream.settle()


async def _feed(stream: Stream, played: _Played) -> None:
    """Each frame when a microphone would have it complete."""
    loop, sound = asyncio.get_running_loop(), played.call.sound
    for offset in range(0, len(sound), FRAME):
        frame = sound[offset : offset + FRAME]
        await asyncio.sleep(played.began + (offset + len(frame)) / RATE - loop.time())
        stream.feed(frame.tobytes(), offset)


async def _watch_lag(lags: list[float], every: float = 0.01) -> None:
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(every)
        lags.append(max(0.0, loop.time() - before - every))


# Figures


@dataclass(frozen=True, slots=True)
class _Use:
    time: float
    cpu: float
    rss: int


def _usage() -> _Use:
    """This process and its children: processor seconds and resident bytes."""
    me = psutil.Process()
    processes = [me, *me.children(recursive=True)]
    times = [process.cpu_times() for process in processes]
    return _Use(time.monotonic(), sum(t.user + t.system for t in times), sum(p.memory_info().rss for p in processes))


def _finals(played: _Played) -> list[tuple[float, FinalHeard]]:
    return [(at, event) for at, event in played.events if isinstance(event, FinalHeard)]


def _revised(played: _Played) -> str:
    """The text after all revisions."""
    now: dict[str, Utterance] = {final.utterance_id: final.utterance for _, final in _finals(played)}
    for _, event in played.events:
        if isinstance(event, Revised):
            kept = {name: utterance for name, utterance in now.items() if name not in event.replaces}
            now = kept | {utterance.utterance_id: utterance for utterance in event.utterances}
    return " ".join(utterance.text for utterance in sorted(now.values(), key=lambda one: one.start))


def _words(played: Sequence[_Played]) -> dict[str, object]:
    revised, final, stable = Score(), Score(), Score()
    voiced = 0
    for one in played:
        finals = _finals(one)
        committed = [w.text for _, event in one.events if isinstance(event, StableHeard) for w in event.words]
        voiced += sum(event.end - event.start for _, event in finals)
        revised.add(one.call.text, _revised(one))
        final.add(one.call.text, " ".join(event.text for _, event in finals))
        stable.add(one.call.text, " ".join(committed))
    return {
        "speech_share": round(voiced / SAMPLE_RATE / sum(len(one.call.sound) / RATE for one in played), 3),
        "wer_revised": revised.wer,
        "wer_final": final.wer,
        "wer_stable": stable.wer,
        "lexicon_error_rate": revised.lexicon_error_rate,
        "negation_flips": revised.negation_flips,
        "numbers_right": revised.number_rate,
    }


def _latencies(played: Sequence[_Played]) -> dict[str, object]:
    stable = [late for one in played for late in _stable_latencies(one)]
    finals = [at - _voice_end(final) / SAMPLE_RATE for one in played for at, final in _finals(one)]
    revisions = [
        at - utterance.end / SAMPLE_RATE
        for one in played
        for at, event in one.events
        if isinstance(event, Revised)
        for utterance in event.utterances
    ]
    return {
        "stable_p50_s": _at(stable, 50),
        "stable_p95_s": _at(stable, 95),
        "final_p95_s": _at(finals, 95),
        "revised_p95_s": _at(revisions, 95),
    }


def _voice_end(final: FinalHeard) -> int:
    """Where the speech of an utterance ended; one without words ends where the detector's pause began."""
    return final.words[-1].end if final.words else final.end - EndpointRules().hang_over


def _stable_latencies(played: _Played) -> list[float]:
    """Of each word of the finals: when a stable word stood for its place, less when it had been spoken."""
    committed: dict[str, list[tuple[float, Word]]] = {}
    for at, event in played.events:
        if isinstance(event, StableHeard):
            committed.setdefault(event.utterance_id, []).extend((at, word) for word in event.words)
    return [
        late
        for _, final in _finals(played)
        for late in _word_latencies(final.words, committed.get(final.utterance_id, []))
    ]


def _word_latencies(words: Sequence[Word], committed: Sequence[tuple[float, Word]]) -> list[float]:
    """The n-th of m final words is served by the stable word nearest in time, in order; none left: endlessly late."""
    late, at = [], 0
    for word in words:
        while at < len(committed) and committed[at][1].end <= word.start:
            at += 1
        if at == len(committed):
            late.append(NEVER_S)
        else:
            late.append(committed[at][0] - word.end / SAMPLE_RATE)
    return late


def _at(values: Sequence[float], percent: int) -> float | None:
    if not values:
        return None
    return round(median(values) if percent == 50 else float(np.percentile(values, percent)), 2)


def _lost(played: Sequence[_Played], heard: int) -> int:
    """Samples at 16 kHz that were sent and never listened to, fell into gaps, or belong to speech without a final."""
    sent = sum(len(one.call.sound) for one in played) * SAMPLE_RATE // RATE
    gaps = sum(event.end - event.start for one in played for _, event in one.events if isinstance(event, GapHeard))
    return max(0, sent - heard) + gaps + sum(_unfinished(one) for one in played)


def _unfinished(played: _Played) -> int:
    finals = {final.utterance_id for _, final in _finals(played)}
    starts = [event for _, event in played.events if isinstance(event, SpeechStarted)]
    ends = [event.start for event in starts[1:]] + [len(played.call.sound) * SAMPLE_RATE // RATE]
    return sum(end - one.start for one, end in zip(starts, ends, strict=True) if one.utterance_id not in finals)


# The offline baseline


def _offline(sounds: Sequence[CallSound], directory: Path) -> dict[str, object]:
    """faster-whisper on each recording as a whole: VAD filter, beam 5, its own 30 s windows."""
    from faster_whisper import WhisperModel

    model = WhisperModel(str(directory), device="cpu", compute_type="int8")
    texts: dict[Path, str] = {}
    score, began = Score(), time.monotonic()
    for sound in sounds:
        for recording in sound.recordings:
            if recording.path not in texts:
                texts[recording.path] = _offline_text(model, recording.path)
        score.add(sound.text, " ".join(texts[recording.path] for recording in sound.recordings))
    return {"wer_offline": score.wer, "offline_s": round(time.monotonic() - began, 1)}


def _offline_text(model: Any, path: Path) -> str:
    segments, _ = model.transcribe(str(path), beam_size=5, vad_filter=True)
    return " ".join(segment.text.strip() for segment in segments)
