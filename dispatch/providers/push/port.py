"""What pushes need of a provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class PushMessage:
    """A push for one device. Title and text come from templates of ours, `data` holds ids: nothing clinical."""

    token: str = field(repr=False)
    title: str
    text: str
    key: str
    """Devices show one push for a key, however often it arrives."""
    data: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False


class Push(Protocol):
    """Sends pushes. Raises ProviderError, AddressGone for a token that is nobody's any more."""

    @property
    def name(self) -> str: ...

    async def send(self, message: PushMessage) -> str:
        """The provider's own id of the push."""
        ...
