"""A real model on virtual time: each decode takes the processor time that it cost, multiplied by a factor.

For machines that are busy with other things, and to see what a faster or slower one would do. The model runs in this
process; `workers` decodes are thought of as running side by side, and second looks at a third of the speed beside them.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from transcription import Capabilities, Hypothesis, SileroVoice, Window
from transcription.voice import Hops, VoiceState
from transcription.whisper import Recogniser

_PATIENT = 3.0


class VirtualEngine:
    """Whisper in this process; time passes on the loop's clock only."""

    alive = True

    def __init__(self, directory: Path, model: str, multilingual: bool, workers: int, factor: float) -> None:
        self._options = {"directory": str(directory), "device": "cpu", "compute_type": "int8", "threads": 1}
        self._factor = factor
        self._recogniser: Recogniser | None = None
        self.capabilities = Capabilities(model, multilingual, multilingual, 4, workers, 1)

    async def start(self) -> None:
        self._recogniser = Recogniser(self._options)
        self._recogniser.warm_up()

    async def close(self) -> None:
        self._recogniser = None

    async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        assert self._recogniser is not None, "start() loads it"
        began = time.process_time()
        heard = self._recogniser.decode(windows)
        cost = (time.process_time() - began) * self._factor
        await asyncio.sleep(cost * (_PATIENT if windows[0].patient else 1.0))
        return heard


class VirtualVoice(SileroVoice):
    """The detector without its thread, which virtual time could not wait for."""

    async def listen(self, hearing: Sequence[tuple[VoiceState, Hops]]) -> list[list[float]]:
        return self._listen(hearing)
