"""Orders that are only written down."""

from typing import Final

from dispatch.providers.outbox import Outbox, OutboxItem

from .port import Order

PORT: Final = "pharmacy"


class MemoryPharmacy:
    """Takes every order."""

    name = "memory"

    def __init__(self, outbox: Outbox, *, exercise: bool = False) -> None:
        self._outbox = outbox
        self._exercise = exercise

    async def place(self, order: Order) -> str:
        lines = [{"product": line.product, "quantity": line.quantity} for line in order.lines]
        body = {"order_id": order.order_id, "lines": lines}
        return (await self._outbox.put(OutboxItem(PORT, "place", order.key, body, "", self._exercise))).reference

    async def cancel(self, reference: str, key: str) -> None:
        await self._outbox.put(OutboxItem(PORT, "cancel", key, {}, "", self._exercise, reference))
