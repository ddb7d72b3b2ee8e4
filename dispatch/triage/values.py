"""What a case is made of: quotes of the call's words, the states of findings, and the values of card fields."""

from dataclasses import dataclass, field

from dispatch.contract.audio import Channel
from dispatch.contract.base import UtteranceId
from dispatch.contract.card import SetBy

from .apart import Person
from .context import Time


@dataclass(frozen=True, slots=True)
class Quote:
    """The words behind something, on whose channel and when (seconds of that channel's audio)."""

    text: str = field(repr=False)
    channel: Channel
    utterance_id: UtteranceId | None
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class State:
    """A finding's newest state."""

    present: bool
    time: Time
    unsure: bool
    quotes: tuple[Quote, ...]
    order: int
    set_by: SetBy = SetBy.RULE
    reference: str = "words"
    about: tuple[Person, ...] = ()
    """Whom it was said of, where the words tell people apart; several where it was said of several."""

    @property
    def counts(self) -> bool:
        """Present now, or lately."""
        return self.present and self.time in (Time.NOW, Time.RECENT)


@dataclass(frozen=True, slots=True)
class Value:
    """A number or text for a card field, with its quote; a higher score wins."""

    value: str = field(repr=False)
    score: int
    quote: Quote | None
    set_by: SetBy = SetBy.RULE
