"""What payments need of a provider."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Charge:
    """Money to take. `key` names the deed: asked twice, it is taken once."""

    key: str
    payment_id: str
    amount_minor: int
    """In the smallest unit of the currency."""
    currency: str
    """ISO 4217, lower case."""


@dataclass(frozen=True)
class Charged:
    """What became of it. Not `paid`: the payer has still to do something, and a webhook tells the end of it."""

    reference: str
    paid: bool


@dataclass(frozen=True)
class Settled:
    """A payment as the provider has it on its books."""

    reference: str
    payment_id: str
    paid_minor: int
    refunded_minor: int
    currency: str


class Payments(Protocol):
    """Takes money and gives it back. Raises ProviderError."""

    @property
    def name(self) -> str: ...

    async def charge(self, charge: Charge) -> Charged: ...

    async def refund(self, reference: str, amount_minor: int, key: str) -> None: ...

    def settled(self, since: datetime) -> AsyncIterator[Settled]:
        """Everything that was paid since then."""
        ...
