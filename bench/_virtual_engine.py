"""A real model on virtual time: what it says is real, how long it takes is worked out.

For machines that are busy with other things, and to see what a faster or slower one would do. The model runs in this
process; `workers` decodes are thought of as running side by side, and second looks at a third of the speed beside them.
Costs were measured on one undisturbed core of an AMD EPYC (Zen 4, AVX-512 VNNI, no AMX), int8, CTranslate2 4.8: the
least of six runs of each part, 3 s of speech in 8 s windows, 1, 2 and 4 of them. They come out at 0.18 s for one such
window of base, 0.64 s for four. A window of 5 s with 2.5 s of speech costs 0.84 of one of 8 s by them, 0.86 by
measuring both in one run (docs/adr/0304-shorter-windows-for-partials.md).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from transcription import Capabilities, Hypothesis, SileroVoice, Window
from transcription.voice import Hops, VoiceState
from transcription.whisper import Recogniser

_PATIENT: Final = 3.0
_TOKENS_A_WORD: Final = 1.35


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of one core: of encoding a second of window, of what comes with it, and of the two decoders' steps."""

    encode: float
    attend: float
    """Of encoding, times the window's seconds squared."""
    listen: float
    """Of preparing a second of window for our own decoder."""
    read: float
    """A step of our own decoder, and of each further window in it."""
    mate: float
    token: float
    """A token that it reads along with others: drafts, and all of them once more for their times."""
    align: float
    """Of CTranslate2's alignment, a second of window."""
    step: float
    """A step of CTranslate2's beam search, and of each beam in it."""
    beam: float

    def of(self, windows: Sequence[Window], words: int, reads: int) -> float:
        """What a batch costs whose longest answer has so many words, read in so many steps of our own decoder."""
        seconds, count, beam = windows[0].bucket / 16000, len(windows), windows[0].beam
        tokens = max(1, int(_TOKENS_A_WORD * words))
        whole = count * seconds * (self.encode + self.attend * seconds)
        if beam == 1:
            text = reads * (self.read + self.mate * (count - 1)) + count * tokens * 2 * self.token
            return whole + count * (seconds * self.listen + _PATH) + text + _OTHER
        return (
            whole + count * seconds * self.align + (2 + tokens) * (self.step + self.beam * count * 1.5 * beam) + _OTHER
        )


_PATH: Final = 0.004
"""Seconds to find the way through one window's attention."""
_OTHER: Final = 0.005
COSTS: Final = {
    "base": Costs(
        encode=0.012,
        attend=0.0001,
        listen=0.0013,
        read=0.0046,
        mate=0.0011,
        token=0.0004,
        align=0.0025,
        step=0.008,
        beam=0.0007,
    ),
    "tiny.en": Costs(
        encode=0.006,
        attend=0.00005,
        listen=0.0005,
        read=0.0026,
        mate=0.0006,
        token=0.0003,
        align=0.0013,
        step=0.005,
        beam=0.0003,
    ),
}


class VirtualEngine:
    """Whisper in this process; time passes on the loop's clock only: `factor` times what it takes on that core."""

    alive = True

    def __init__(self, directory: Path, model: str, multilingual: bool, workers: int, factor: float) -> None:
        self._options = {"directory": str(directory), "device": "cpu", "compute_type": "int8", "threads": 1}
        self._costs = COSTS.get(model, COSTS["base"])
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
        before = self._recogniser.steps
        heard = self._recogniser.decode(windows)
        reads = self._recogniser.steps - before
        cost = self._factor * self._costs.of(windows, max(len(one.words) for one in heard), reads)
        await asyncio.sleep(cost * (_PATIENT if windows[0].patient else 1.0))
        return heard


class VirtualVoice(SileroVoice):
    """The detector without its thread, which virtual time could not wait for."""

    async def listen(self, hearing: Sequence[tuple[VoiceState, Hops]]) -> list[list[float]]:
        return self._listen(hearing)
