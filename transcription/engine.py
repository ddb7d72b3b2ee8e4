"""The port to a speech recogniser: what it is asked, what it answers, what it can do.

An engine turns a window of sound into words with times and probabilities. It keeps no state between windows, so a lost
engine loses nothing but time. Adapters: `process.py` (a real model in a child process), `scripted.py` (a script).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Mono sound at 16 kHz."""


class Task(StrEnum):
    """What to do with the speech."""

    TRANSCRIBE = "transcribe"
    TRANSLATE = "translate"
    """To English."""


@dataclass(frozen=True, slots=True)
class Window:
    """One piece of sound to be recognised, padded with silence to `bucket` samples by the engine."""

    samples: Samples = field(repr=False)
    bucket: int
    language: str | None
    """None: detect it, and decode in what was detected if that is sure enough, else in `assumed`."""
    assumed: str = "en"
    sure: float = 0.8
    task: Task = Task.TRANSCRIBE
    beam: int = 1
    patient: bool = False
    """It may take its time."""
    draft: str = field(default="", repr=False)
    """What was heard of the same sound before. It only saves time, and an engine may ignore it."""
    key: str = field(default="", repr=False)
    """Whose sound it is; real engines ignore it, scripted ones look their answer up by it."""
    spans: tuple[tuple[int, int], ...] = ()
    """Which stretches of the stream's clock the sound is made of, joined as windows.py says, for the same purpose."""

    @property
    def seconds(self) -> float:
        """The length that is computed: the bucket, silence included."""
        return self.bucket / 16000


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word in a window; positions in samples from the window's start."""

    text: str = field(repr=False)
    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What an engine made of one window, guards not applied yet except the cap on tokens."""

    words: tuple[HeardWord, ...]
    language: str
    """What it was decoded in: the one asked for, the one detected if that was sure, or the one assumed."""
    detected: str = "en"
    language_probability: float = 1.0
    """Of the detected one; both are meaningless when a language was asked for."""
    no_speech: float = 0.0
    """Probability that nobody speaks in the window, by the model's own judgement."""
    mean_log_probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do, declared before it is asked."""

    model: str
    multilingual: bool
    translates: bool
    max_batch: int
    """Windows of equal bucket, task and beam that one decode() takes."""
    slots: int = 1
    """decode() calls that run at once with profit."""
    patient_slots: int = 0
    """Calls with patient windows that run beside those, on whatever they leave of the machine; 0: in a usual slot."""
    device: str = "cpu"
    """What it computes on: cpu or cuda."""
    compute_type: str = ""
    """In which numbers, as CTranslate2 names them; empty where that means nothing."""


class Engine(Protocol):
    """A recogniser. `decode` raises EngineLostError when it died; `start` brings it (back) up, however often."""

    @property
    def capabilities(self) -> Capabilities:
        """The same before and after start()."""

    @property
    def alive(self) -> bool:
        """Whether all of it runs; what dies while nothing is asked of it shows here."""

    async def start(self) -> None:
        """Load and warm up; a running engine is stopped first. Raises EngineLostError or ModelError."""

    async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
        """One hypothesis a window, in order; an exception of the engine's side is always EngineLostError."""

    async def close(self) -> None:
        """Stop for good; idempotent."""
