"""What orders of medicines need of a pharmacy."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class OrderLine:
    """So many of a product."""

    product: str = field(repr=False)
    quantity: int


@dataclass(frozen=True)
class Order:
    """An order; `key` names the deed."""

    key: str
    order_id: str
    lines: tuple[OrderLine, ...] = field(repr=False)


class Pharmacy(Protocol):
    """Takes orders; what becomes of them comes back as events. Raises ProviderError."""

    @property
    def name(self) -> str: ...

    async def place(self, order: Order) -> str:
        """The pharmacy's own id of the order."""
        ...

    async def cancel(self, reference: str, key: str) -> None: ...
