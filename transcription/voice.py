"""Is somebody speaking: the port to a voice detector, and Silero VAD v6 behind it.

Comes in: whole hops of 512 samples at 16 kHz per stream. Goes out: one probability a hop. The model's memory travels
in a `VoiceState` per stream. The model runs in one thread of its own, off the event loop; it ships with faster-whisper.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import ModelError
from .onnx import session

HOP: Final = 512
"""Samples a decision: 32 ms, the only hop that Silero v5 and v6 take at 16 kHz."""
_LEVEL: Final = 0.25
"""The detector hears everything that much softer: on loud sound in the telephone band it finds half as much of the
voice, on soft sound as much (docs/adr/0301-voice-detector-on-telephone-sound.md)."""
_CONTEXT: Final = 64
"""Samples of the hop before that the model wants in front of each."""

Hops = NDArray[np.float32]
"""A whole number of hops, one after the other."""


class VoiceState:
    """What the detector remembers of one stream; belongs to whoever listens at the time."""

    __slots__ = ("cell", "hidden", "tail")

    def __init__(self) -> None:
        self.hidden = np.zeros((1, 1, 128), np.float32)
        self.cell = np.zeros((1, 1, 128), np.float32)
        self.tail = np.zeros(_CONTEXT, np.float32)


class VoiceDetector(Protocol):
    """Says for each hop how surely a voice is in it."""

    async def listen(self, hearing: Sequence[tuple[VoiceState, Hops]]) -> list[list[float]]:
        """Probabilities per stream and hop; each state moves on past its hops."""


class SileroVoice:
    """Silero VAD v6 by onnxruntime, all streams in one thread one after the other (about 0.1 ms a hop)."""

    def __init__(self) -> None:
        # One thread: its state is not shared, and a second one would take the recogniser's core.
        self._thread = ThreadPoolExecutor(1, "voice")
        self._session = session(_weights())

    async def listen(self, hearing: Sequence[tuple[VoiceState, Hops]]) -> list[list[float]]:
        """Probabilities (0 to 1) per stream and hop of 512 samples at 16 kHz, worked out in the detector's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._listen, hearing)

    def _listen(self, hearing: Sequence[tuple[VoiceState, Hops]]) -> list[list[float]]:
        return [self._probabilities(state, hops) for state, hops in hearing]

    def _probabilities(self, state: VoiceState, hops: Hops) -> list[float]:
        rows = hops.reshape(-1, HOP) * np.float32(_LEVEL)
        before = np.vstack((state.tail[None], rows[:-1, -_CONTEXT:]))
        inputs = {"input": np.hstack((before, rows)), "h": state.hidden, "c": state.cell}
        chances, state.hidden, state.cell = self._session.run(None, inputs)
        state.tail = rows[-1, -_CONTEXT:].copy()
        return [float(chance) for chance in np.ravel(chances)]


def _weights() -> Path:
    package = find_spec("faster_whisper")
    if package is None or package.origin is None:
        raise ModelError("the voice detector's weights come with faster-whisper, which is not installed")
    return Path(package.origin).parent / "assets" / "silero_vad_v6.onnx"
