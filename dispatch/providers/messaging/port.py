"""What messages need of a provider."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """How a text reaches a phone."""

    SMS = "sms"
    WHATSAPP = "whatsapp"


@dataclass(frozen=True)
class TextMessage:
    """A text for one phone. Texts come from templates of ours: nothing clinical, nor who a patient is."""

    to: str = field(repr=False)
    text: str = field(repr=False)
    key: str
    channel: Channel = Channel.SMS


class Messaging(Protocol):
    """Sends texts. Raises ProviderError, AddressGone for a number that takes none."""

    @property
    def name(self) -> str: ...

    async def send(self, message: TextMessage) -> str:
        """The provider's own id of the message."""
        ...
