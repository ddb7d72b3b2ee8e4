"""Payments that only write down what they would do."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from dispatch.providers.errors import ProviderRefused
from dispatch.providers.outbox import Outbox, OutboxItem

from .port import Charge, Charged, Settled

PORT: Final = "payments"


class MemoryPayments:
    """Every charge succeeds at once."""

    name = "memory"

    def __init__(self, outbox: Outbox, *, exercise: bool = False) -> None:
        self._outbox = outbox
        self._exercise = exercise

    async def charge(self, charge: Charge) -> Charged:
        if charge.amount_minor <= 0:
            raise ProviderRefused("an amount must be positive")
        body = {"amount_minor": charge.amount_minor, "currency": charge.currency, "payment_id": charge.payment_id}
        kept = await self._outbox.put(OutboxItem(PORT, "charge", charge.key, body, exercise=self._exercise))
        return Charged(kept.reference, True)

    async def refund(self, reference: str, amount_minor: int, key: str) -> None:
        books = [settled async for settled in self.settled(datetime.min) if settled.reference == reference]
        known = {item.key for item in await self._outbox.find(PORT, reference)}
        if key not in known and (not books or books[0].refunded_minor + amount_minor > books[0].paid_minor):
            raise ProviderRefused("more than was paid")
        body = {"amount_minor": amount_minor}
        await self._outbox.put(OutboxItem(PORT, "refund", key, body, "", self._exercise, reference))

    async def settled(self, since: datetime) -> AsyncIterator[Settled]:
        del since
        items = await self._outbox.all(PORT)
        for item in items:
            if item.operation == "charge":
                back = (i for i in items if i.operation == "refund" and i.reference == item.reference)
                yield Settled(
                    item.reference, item.body["payment_id"], item.body["amount_minor"],
                    sum(i.body["amount_minor"] for i in back), item.body["currency"],
                )  # fmt: skip
