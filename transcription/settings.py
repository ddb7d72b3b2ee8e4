"""What may be set of the transcription service, with the measured defaults."""

from dataclasses import dataclass, field

from .agreement import AgreementRules
from .endpointing import EndpointRules
from .load import LoadRules


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """How a stream's language is settled; lengths in samples at 16 kHz."""

    likely: str = "en"
    """Assumed until something else is sure: detection on a second of telephone speech is often wrong."""
    sure: float = 0.8
    """Probability from which a detected language is believed."""
    pin_after: int = 3 * 16000
    """Speech after which the language is settled."""
    check_every: int = 30 * 16000
    """Speech after which a settled language is checked again; two sure checks in a row change it."""


@dataclass(frozen=True, slots=True)
class TranscriptionSettings:
    """Everything; lengths in samples at 16 kHz, times in seconds."""

    endpoints: EndpointRules = field(default_factory=EndpointRules)
    agreement: AgreementRules = field(default_factory=AgreementRules)
    load: LoadRules = field(default_factory=LoadRules)
    language: LanguageRules = field(default_factory=LanguageRules)
    translate: bool = True
    """English beside the original where the language is another one and the model can."""
    final_beam: int = 5
    """Of finals while nobody waits for a turn; 1 otherwise."""
    revision_beam: int = 5
    revise_span: int = 15 * 16000
    """Sound of the finals that are looked at again together: with its tail it fills a window of 16 s (0307)."""
    revise_after_s: float = 6.0
    """Pause after which the finals so far are looked at again together; also when they fill a window."""
    revise_at_most_s: float = 48.0
    """Sound of finals that a stream keeps for a second look; beyond that the oldest stand as they are."""
    confident: float = 0.85
    """Finals whose words are that probable on average are not looked at again,"""
    confident_late: float = 0.8
    """nor those of that probability when the last of them ended `revise_soon_s` ago: there is no room for all."""
    revise_soon_s: float = 12.0
    overlap: int = 32000
    """Sound before the open words that a partial hears again; with half of it words are worse and no earlier (0303)."""
    listen_every_s: float = 0.06
    """The voice detector hears all streams that often, about two hops each."""
    finish_limit_s: float = 30.0
    """finish() returns after that long at the latest."""
    backlog_limit_s: float = 7200.0
    """Seconds of ended speech of all streams that may wait for their final (230 MB). Beyond that the oldest of the
    least important stream is given up, with a GapHeard and counted as a drop."""
