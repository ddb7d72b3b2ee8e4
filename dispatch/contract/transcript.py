"""Words on the wire: what was heard, on which channel, when, and how sure the recogniser is.

A word goes through three states. Partial words may change at any moment and are never logged. Stable words are
append-only: once shown they stay until their utterance ends. A final replaces the stable words of its utterance, and a
revision replaces the finals that it names.
"""

from pydantic import Field

from .audio import Channel
from .base import LanguageCode, Message, Seconds, UtteranceId


class Word(Message):
    """One word with its place on the channel's clock."""

    text: str = Field(repr=False)
    start_s: Seconds
    end_s: Seconds
    confidence: float = Field(ge=0, le=1)


class Partial(Message):
    """The unsettled end of an utterance; the newest one replaces the one before."""

    channel: Channel
    utterance_id: UtteranceId
    words: tuple[Word, ...]


class Utterance(Message):
    """A stretch of speech by one side of the call."""

    utterance_id: UtteranceId
    channel: Channel
    words: tuple[Word, ...]
    start_s: Seconds
    end_s: Seconds
    language: LanguageCode = "en"
    normalised: str | None = Field(default=None, repr=False)
    """The same words with numbers and spelled letters written as digits and words; never replaces what was said."""
    translation: str | None = Field(default=None, repr=False)
    """English, where the caller spoke another language."""

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)
