"""An engine and a voice detector that answer from a script: for tests, virtual time and demonstrations.

The script says, per stream, which word is spoken when. The engine hears the words whose span lies in the window it is
given, takes as long as told, and dies or hangs when told. Its detector hears a voice wherever the sound is not silent.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .engine import Capabilities, HeardWord, Hypothesis, Task, Window
from .errors import EngineLostError
from .voice import HOP, Hops, VoiceState
from .windows import Clip, offsets


@dataclass(frozen=True, slots=True)
class ScriptedWord:
    """A word of the script: position and length in samples at 16 kHz on the stream's clock."""

    text: str = field(repr=False)
    start: int
    end: int
    probability: float = 0.9
    translation: str = field(default="", repr=False)


Script = Mapping[str, Sequence[ScriptedWord]]
"""Words by stream id."""


def _nothing(_count: int) -> None:
    """The default behaviour of a decode: neither dies nor hangs."""


class ScriptedEngine:
    """Answers from the script; `seconds_a_window` sleeps on the running loop's clock.

    `before_decode` is called with the number of decodes so far and may raise EngineLostError.
    """

    def __init__(
        self,
        script: Script,
        *,
        seconds_a_window: float = 0.0,
        language: str = "en",
        max_batch: int = 4,
        slots: int = 1,
        patient_slots: int = 0,
        before_decode: Callable[[int], None] = _nothing,
    ) -> None:
        self._script = script
        self._seconds = seconds_a_window
        self._language = language
        self._before_decode = before_decode
        self._up = False
        self.decodes = 0
        self.starts = 0
        self.most_joined = 0
        """Stretches of sound in the window that had most."""
        self.capabilities = Capabilities("scripted", True, True, max_batch, slots, patient_slots)

    @property
    def alive(self) -> bool:
        """From start() until close() or an EngineLostError of `before_decode`."""
        return self._up

    async def start(self) -> None:
        """Comes up at once, and counts it."""
        self.starts += 1
        self._up = True

    async def close(self) -> None:
        """Down until it is started again."""
        self._up = False

    async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        """The words of the script that lie wholly in each window. Raises EngineLostError when down or told to die."""
        if not self._up:
            raise EngineLostError("the scripted engine is not started")
        self.decodes += 1
        self.most_joined = max(self.most_joined, *(len(window.spans) for window in windows), 0)
        try:
            self._before_decode(self.decodes)
        except EngineLostError:
            self._up = False
            raise
        await asyncio.sleep(self._seconds * len(windows))
        return [self._hear(window) for window in windows]

    def _hear(self, window: Window) -> Hypothesis:
        script = self._script.get(window.key, ())
        clips = [Clip(start, end) for start, end in window.spans]
        words = tuple(
            _heard(word, window.task, place - clip.start)
            for clip, place in zip(clips, offsets(clips), strict=True)
            for word in script
            if word.start >= clip.start and word.end <= clip.end
        )
        return Hypothesis(words, window.language or self._language, self._language)


def _heard(word: ScriptedWord, task: Task, shift: int) -> HeardWord:
    text = word.translation if task is Task.TRANSLATE else word.text
    return HeardWord(text, word.start + shift, word.end + shift, word.probability)


class ScriptedVoice:
    """A detector by loudness: certain of a voice where a hop's peak is above `floor` (of 1.0)."""

    def __init__(self, floor: float = 0.01) -> None:
        self._floor = floor

    async def listen(self, hearing: Sequence[tuple[VoiceState, Hops]]) -> list[list[float]]:
        """1.0 or 0.0 for each stream and hop."""
        return [[float(np.abs(hop).max() > self._floor) for hop in hops.reshape(-1, HOP)] for _, hops in hearing]
