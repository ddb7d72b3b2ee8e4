"""Streams of a service in tests: fed in real time of whatever clock the loop has, their events collected."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tests.transcription.sounds import RATE
from transcription import (
    Encoding,
    FinalHeard,
    ScriptedEngine,
    ScriptedVoice,
    ServiceStatus,
    StableHeard,
    Stream,
    StreamFormat,
    TranscriptEvent,
    TranscriptionService,
    TranscriptionSettings,
)

T = TypeVar("T")
FORMAT = StreamFormat(Encoding.PCM16, RATE)
FRAME = RATE // 10


@dataclass
class Listener:
    """Collects a stream's events with the time they came."""

    events: list[tuple[float, TranscriptEvent]] = field(default_factory=list)

    def __call__(self, event: TranscriptEvent) -> None:
        self.events.append((asyncio.get_running_loop().time(), event))

    def of(self, kind: type[T]) -> list[T]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def final_text(self) -> str:
        return " ".join(final.text for final in self.of(FinalHeard) if final.text)

    def stable_text(self) -> str:
        return " ".join(word.text for event in self.of(StableHeard) for word in event.words)


def opened(service: TranscriptionService, name: str, listener: Listener, tenant: str = "t") -> Stream:
    return service.open(name, FORMAT, call_id=name, tenant=tenant, on_event=listener)


async def play(stream: Stream, sound: NDArray[np.int16], skip: Sequence[int] = ()) -> None:
    """In real time, a tenth of a second a frame, without the frames of those numbers."""
    for number, offset in enumerate(range(0, len(sound), FRAME)):
        if number not in skip:
            stream.feed(sound[offset : offset + FRAME].tobytes(), offset)
        await asyncio.sleep(0.1)


async def served(
    engine: ScriptedEngine, sounds: dict[str, NDArray[np.int16]], settings: TranscriptionSettings | None = None
) -> tuple[dict[str, Listener], ServiceStatus]:
    """Play every sound on its own stream to the end."""
    service = TranscriptionService(engine, voice=ScriptedVoice(), settings=settings)
    await service.start()
    listeners = {name: Listener() for name in sounds}
    async with asyncio.TaskGroup() as group:
        for name, sound in sounds.items():
            group.create_task(whole(opened(service, name, listeners[name]), sound))
    status = service.status()
    await service.close()
    return listeners, status


async def whole(stream: Stream, sound: NDArray[np.int16]) -> None:
    await play(stream, sound)
    await stream.settle()
