"""Words out of nothing: long stretches without speech, and random cuts of speech that might make the decoder loop.

Each kind of sound goes through the whole service with the real detector and the real recogniser, on virtual time. Any
word of a final counts. Cuts of half a second to six seconds go to the recogniser alone; a cut loops when its words
repeat to excess, or when there are more of them than anybody can say in that time. `loops_shown` counts those that
the guards leave in.
"""

import asyncio
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import soxr
from numpy.typing import NDArray

from transcription import (
    SAMPLE_RATE,
    Encoding,
    FinalHeard,
    Hypothesis,
    ModelStore,
    SpeechStarted,
    StreamFormat,
    TranscriptEvent,
    TranscriptionService,
    Window,
    Word,
    known,
)
from transcription.guards import believable, loop_start, without_loops
from transcription.whisper import Recogniser
from transcription.windows import bucket

from ._line_sounds import KINDS, on_the_line
from ._recordings import RATE, Recording, load
from ._virtual_engine import VirtualEngine, VirtualVoice
from ._virtual_time import run as virtual_run
from .transcription import CACHE

WORDS_A_SECOND = 6
"""Faster than anybody talks for long."""
FRAME = SAMPLE_RATE // 10
Cut = NDArray[np.int16]


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    return [
        click.Option(["--audio"], type=folder, required=True, help="Recordings with reference.jsonl, to cut from."),
        click.Option(["--minutes"], type=float, default=10.0, show_default=True, help="Of each kind of sound."),
        click.Option(["--cuts"], type=int, default=1000, show_default=True, help="Random cuts of the recordings."),
        click.Option(["--model"], default="base", show_default=True, help="A name, a directory or a hub name."),
        click.Option(
            ["--cache"], type=click.Path(path_type=Path), default=CACHE, help="Where weights are put together."
        ),
    ]


def run(audio: Path, minutes: float, cuts: int, model: str, cache: Path) -> dict[str, object]:
    """Measure both."""
    directory = ModelStore(cache).get(model)
    heard = {kind: virtual_run(listen(directory, model, kind, minutes)) for kind in KINDS}
    recogniser = Recogniser({"directory": str(directory), "device": "cpu", "compute_type": "int8", "threads": 1})
    return {
        "minutes_each": minutes,
        "words": {kind: words for kind, (words, _) in heard.items()},
        "voices": {kind: voices for kind, (_, voices) in heard.items()},
        "words_invented": sum(words for words, _ in heard.values()),
        **_cuts(recogniser, load(audio), cuts),
    }


async def listen(directory: Path, model: str, kind: str, minutes: float) -> tuple[int, int]:
    """Words in finals, and how often a voice was thought to begin."""
    named = known().get(model)
    engine = VirtualEngine(directory, model, named.multilingual if named else True, 2, 1.0)
    service = TranscriptionService(engine, voice=VirtualVoice())
    await service.start()
    events: list[TranscriptEvent] = []
    form = StreamFormat(Encoding.PCM16, SAMPLE_RATE)
    stream = service.open("s", form, call_id="c", tenant="t", on_event=events.append)
    sound = (on_the_line(kind, minutes * 60) * 32767).astype(np.int16)
    for offset in range(0, len(sound), FRAME):
        stream.feed(sound[offset : offset + FRAME].tobytes(), offset)
        await asyncio.sleep(FRAME / SAMPLE_RATE)
    await stream.settle()
    await service.close()
    words = sum(len(event.words) for event in events if isinstance(event, FinalHeard))
    print(f"{kind}: {words} words", file=sys.stderr)
    return words, sum(isinstance(event, SpeechStarted) for event in events)


def _cuts(recogniser: Recogniser, recordings: Sequence[Recording], count: int) -> dict[str, object]:
    chance = random.Random(7)
    sounds = [soxr.resample(one.sound.astype(np.float32), RATE, SAMPLE_RATE).astype(np.int16) for one in recordings]
    raw = shown = 0
    for _ in range(count):
        cut = random_cut(chance.choice(sounds), chance)
        (heard,) = recogniser.decode([Window(cut, bucket(len(cut)), "en")])
        raw += loops([word.text for word in heard.words], len(cut))
        shown += loops(guarded(heard), len(cut))
    return {"cuts": count, "loops": raw, "loops_shown": shown}


def random_cut(sound: Cut, chance: random.Random) -> Cut:
    """Half a second to six from anywhere in a recording."""
    length = min(int(chance.uniform(0.5, 6.0) * SAMPLE_RATE), len(sound))
    start = chance.randrange(len(sound) - length + 1)
    return sound[start : start + length]


def guarded(heard: Hypothesis) -> list[str]:
    """The words that the transcript would show."""
    words = [Word(word.text, word.start, word.end, word.probability) for word in believable(heard)]
    return [word.text for word in without_loops(words)]


def loops(words: Sequence[str], samples: int) -> bool:
    """Whether the decoder has gone round in circles over so much sound."""
    return loop_start(words) is not None or len(words) > WORDS_A_SECOND * samples / SAMPLE_RATE + 3
