"""Memory of a live call in the transcription service, and whether it stays flat: hours of calls in minutes.

On virtual time with an engine that makes words up, so that what is measured is what a call keeps: its sound, its words,
its queues. One call runs alone first; then so many more join it, and all go on to the end. Models live in processes of
their own and cost the same for any number of calls.
"""

import asyncio
import gc
import sys
from collections.abc import Sequence

import click
import numpy as np
import psutil

from transcription import (
    SAMPLE_RATE,
    Capabilities,
    Encoding,
    HeardWord,
    Hypothesis,
    ScriptedVoice,
    StreamFormat,
    TranscriptionService,
    Window,
)
from transcription.windows import JOINT

from ._virtual_time import run as virtual_run

RATE = 8000
FRAME = RATE // 10
STEP = SAMPLE_RATE * 35 // 100
"""From word to word."""
WARM_S = 120.0
"""Until the buffers of a call have the size that they keep."""


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    return [
        click.Option(["--calls", "count"], type=click.IntRange(1), default=8, show_default=True, help="More calls."),
        click.Option(["--minutes"], type=float, default=60.0, show_default=True, help="Of each call."),
    ]


def run(count: int, minutes: float) -> dict[str, object]:
    """Measure; MB are 2**20 bytes."""
    return virtual_run(_measure(count, minutes * 60))


async def _measure(count: int, seconds: float) -> dict[str, object]:
    service = TranscriptionService(Clockwork(), voice=ScriptedVoice())
    await service.start()
    marks: list[float] = []
    async with asyncio.TaskGroup() as group:
        group.create_task(_play(service, 0, seconds + 2 * WARM_S))
        await asyncio.sleep(WARM_S)
        alone = resident_mb()
        for number in range(1, count + 1):
            group.create_task(_play(service, number, seconds + WARM_S))
        await asyncio.sleep(WARM_S)
        for part in range(7):
            marks.append(resident_mb())
            print(f"{part * seconds / 360:.0f} min: {marks[-1]:.1f} MB", file=sys.stderr)
            await asyncio.sleep(seconds / 6 if part < 6 else 0)
    status = service.status()
    await service.close()
    return {
        "calls": count,
        "minutes": seconds / 60,
        "mb_a_call": round((marks[0] - alone) / count, 2),
        "mb_a_call_at_the_end": round((marks[-1] - alone) / count, 2),
        "rss_mb": [round(mark, 1) for mark in marks],
        "heard_hours": round(status.heard_samples / SAMPLE_RATE / 3600, 2),
        "windows": status.windows,
    }


async def _play(service: TranscriptionService, number: int, seconds: float) -> None:
    """Six seconds of voice, two of silence, again and again."""
    name = f"call-{number}"
    form = StreamFormat(Encoding.PCM16, RATE)
    stream = service.open(name, form, call_id=name, tenant="bench", on_event=lambda _: None)
    tone = (8000 * np.sin(2 * np.pi * 300 * np.arange(FRAME) / RATE)).astype(np.int16).tobytes()
    silence = bytes(len(tone))
    for frame in range(int(seconds * RATE / FRAME)):
        stream.feed(tone if (frame + 8 * number) % 80 < 60 else silence, frame * FRAME)
        await asyncio.sleep(FRAME / RATE)
    await stream.settle()


def resident_mb() -> float:
    """Of this process, after what is no longer used has been let go."""
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


class Clockwork:
    """An engine that hears another word every 0.35 s, at the same place whatever the window."""

    alive = True
    capabilities = Capabilities("clockwork", True, True, 4, 8, 1)

    async def start(self) -> None:
        """Nothing to load."""

    async def close(self) -> None:
        """Nothing to stop."""

    async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        await asyncio.sleep(0.05)
        return [Hypothesis(tuple(_words(window)), "en") for window in windows]


def _words(window: Window) -> list[HeardWord]:
    words, place = [], 0
    for start, end in window.spans:
        for number in range(-(-start // STEP), end // STEP):
            at = place + number * STEP - start
            words.append(HeardWord(f"word{number % 97}", at, at + STEP * 4 // 5, 0.6 + number % 4 / 10))
        place += end - start + JOINT
    return words
