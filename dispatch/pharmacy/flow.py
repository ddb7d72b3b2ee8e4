"""Carrying orders to the pharmacy, and taking what it says of them.

In: `pharmacy.place`, `pharmacy.cancel`, `webhook.order.state`. Out: orders. Invariant: the pharmacy numbers an order's
events, and the newest stands, so that events may come twice and in any order.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.jobs import Job, JobFailed, JobKinds, Run, in_one_transaction
from dispatch.observability.clock import Clock
from dispatch.providers.chosen import Providers
from dispatch.providers.errors import ProviderRefused
from dispatch.providers.pharmacy import Order, OrderLine
from dispatch.storage.tables import PharmacyOrderRow


class PharmacyFlow:
    """The handlers of the pharmacy's jobs."""

    def __init__(self, providers: Providers, clock: Clock) -> None:
        self._providers = providers
        self._clock = clock

    def register(self, kinds: JobKinds) -> None:
        """Says who carries these jobs out."""
        kinds.register("pharmacy.place", self.place)
        kinds.register("pharmacy.cancel", self.cancel)
        kinds.register("webhook.order.state", in_one_transaction(self.take_state))

    async def place(self, run: Run) -> None:
        """Gives an order to the pharmacy."""
        order_id = run.job.payload["order_id"]
        async with run.transaction() as session:
            stored = await session.get_one(PharmacyOrderRow, order_id)
        if stored.reference is not None:
            return
        lines = tuple(OrderLine(line["product"], line["quantity"]) for line in stored.basket["lines"])
        try:
            reference = await self._providers.real.pharmacy.place(Order(order_id, order_id, lines))
        except ProviderRefused:
            async with run.finish() as session:
                (await session.get_one(PharmacyOrderRow, order_id)).state = "rejected"
            return
        async with run.finish() as session:
            (await session.get_one(PharmacyOrderRow, order_id)).reference = reference

    async def cancel(self, run: Run) -> None:
        """Asks the pharmacy to stop; whether it did, its event says."""
        async with run.transaction() as session:
            stored = await session.get_one(PharmacyOrderRow, run.job.payload["order_id"])
        if stored.reference is None:
            raise JobFailed("order_not_placed_yet", retryable=True)
        await self._providers.real.pharmacy.cancel(stored.reference, run.job.idempotency_key)

    async def take_state(self, job: Job, session: AsyncSession) -> None:
        """An event of the pharmacy."""
        query = select(PharmacyOrderRow).where(PharmacyOrderRow.reference == job.payload["reference"])
        order = (await session.scalars(query.with_for_update())).one_or_none()
        if order is None:
            raise JobFailed("order_not_known_yet", retryable=True)
        if int(job.payload["sequence"]) > order.sequence:
            order.state, order.sequence = job.payload["state"], int(job.payload["sequence"])
            order.updated_at = self._clock.now()
