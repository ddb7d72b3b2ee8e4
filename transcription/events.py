"""What was heard, as past-tense frozen events; every position is a sample count at 16 kHz on the stream's own clock.

A word is partial (may change at any moment), then stable (append-only until its utterance ends), then final, and may be
superseded once by a revision. `utterance_id` is unique in its stream. Text is personal data: masked in every repr.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final

SAMPLE_RATE: Final = 16000
"""Samples a second of every position in an event."""


class Importance(IntEnum):
    """How much a stream matters when there is not enough machine for all; the least important is slowed first."""

    CRITICAL = 0
    """Also every call that is not triaged yet."""
    URGENT = 1
    ROUTINE = 2


class Tier(StrEnum):
    """How much service the load allows now, best first."""

    FULL = "full"
    REDUCED = "reduced"
    """Routine streams get partials less often, revisions wait."""
    ESSENTIAL = "essential"
    """Routine streams get finals only, urgent ones get partials less often."""
    FINALS = "finals"
    """Only critical streams get partials."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `probability` is the recogniser's, 0 to 1."""

    text: str = field(repr=False)
    start: int
    end: int
    probability: float
    normalised: str | None = field(default=None, repr=False)
    """Digits for number words and joined letters for spelled ones. Empty: part of the word before. None: as said."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A settled stretch of speech. No words is legal: something was voiced, and nothing was understood."""

    utterance_id: str
    words: tuple[Word, ...]
    text: str = field(repr=False)
    language: str
    start: int
    end: int

    @property
    def normalised(self) -> str:
        """The text with numbers as digits and spelled letters joined."""
        forms = (word.text if word.normalised is None else word.normalised for word in self.words)
        return " ".join(form for form in forms if form)


@dataclass(frozen=True, slots=True)
class TranscriptEvent:
    """Root of everything that a stream reports."""

    stream_id: str


@dataclass(frozen=True, slots=True)
class SpeechStarted(TranscriptEvent):
    """A voice began; the utterance is open until its FinalHeard."""

    utterance_id: str
    start: int


@dataclass(frozen=True, slots=True)
class PartialHeard(TranscriptEvent):
    """The unsettled words that follow the stable ones; the newest replaces the one before."""

    utterance_id: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class StableHeard(TranscriptEvent):
    """Words newly committed; they follow the ones committed before."""

    utterance_id: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class FinalHeard(TranscriptEvent):
    """The utterance is over; these words replace its stable ones."""

    utterance_id: str
    words: tuple[Word, ...]
    text: str = field(repr=False)
    language: str
    start: int
    end: int

    @property
    def utterance(self) -> Utterance:
        """The same as a value of its own."""
        return Utterance(self.utterance_id, self.words, self.text, self.language, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Revised(TranscriptEvent):
    """A second, wider look supersedes the finals named; an utterance may come back with other words or none."""

    replaces: tuple[str, ...]
    utterances: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class Translated(TranscriptEvent):
    """English for an utterance in another language; it stands beside the original."""

    utterance_id: str
    text: str = field(repr=False)
    language: str
    """The language that was translated from."""


@dataclass(frozen=True, slots=True)
class LanguageDetected(TranscriptEvent):
    """The stream's language is taken to be this from now on."""

    language: str
    probability: float


@dataclass(frozen=True, slots=True)
class GapHeard(TranscriptEvent):
    """Sound is missing in [start, end): never received, or given up after it broke the engine twice."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TierChanged(TranscriptEvent):
    """The service the load allows has changed for everybody; `reason` is static text."""

    tier: Tier
    reason: str


@dataclass(frozen=True, slots=True)
class EngineLost(TranscriptEvent):
    """The recogniser is gone; sound is kept, words come late."""

    code: str


@dataclass(frozen=True, slots=True)
class EngineRestarted(TranscriptEvent):
    """The recogniser is back and works off what waited."""

    restarts: int
