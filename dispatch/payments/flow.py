"""Taking money and giving it back, as jobs.

In: `payment.capture` and `payment.refund` (from a booking's steps), the provider's webhooks, the nightly comparison.
Out: payments and ledger postings. Invariants: a booking is charged once, for our key is the provider's idempotency key,
and where the provider may have forgotten it, its books are read before it is asked again;
our books change only by totals, so that webhooks may come twice, late, and in any order; money that arrives for a
booking that was cancelled meanwhile goes back.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.booking import PAYMENT_JOB, REFUND_JOB
from dispatch.jobs import JobFailed, JobKinds, NewJob, Run, enqueue
from dispatch.observability.clock import Clock
from dispatch.providers.chosen import Providers
from dispatch.providers.errors import ProviderRefused
from dispatch.providers.payments import Charge, Settled
from dispatch.storage.tables import BookingRow, PaymentRow

from .ledger import take_paid, take_refunded

RECONCILED: Final = timedelta(days=3)
"""How far back the nightly comparison looks."""
KEY_GOOD_S: Final = 20 * 3600.0
"""For how long a provider surely knows our keys; Stripe: a day at least (docs.stripe.com/api/idempotent_requests)."""
SKEW: Final = timedelta(hours=1)
"""By which the provider's clock may differ from ours."""
CANCELLED: Final = "cancelled"

FeeOf = Callable[[BookingRow], int]
"""What a cancelled booking costs all the same, in the smallest unit."""

_log = structlog.get_logger(__name__)


class PaymentFlow:
    """The handlers of payments' jobs."""

    def __init__(self, providers: Providers, clock: Clock, currency: str, fee_of: FeeOf) -> None:
        self._providers = providers
        self._clock = clock
        self._currency = currency
        self._fee_of = fee_of

    def register(self, kinds: JobKinds) -> None:
        """Says who carries these jobs out."""
        kinds.register(PAYMENT_JOB, self.capture)
        kinds.register(REFUND_JOB, self.refund)
        kinds.register("payment.reconcile", self.reconcile, longest_s=3600)
        kinds.register("webhook.payment.paid", self.paid)
        kinds.register("webhook.payment.failed", self.failed)
        kinds.register("webhook.payment.refunded", self.refunded)
        kinds.repeat("payment.reconcile", "40 1 * * *", "payment.reconcile")

    async def capture(self, run: Run) -> None:
        """Takes what a booking costs; of one that was called off meanwhile, what it costs all the same."""
        await self._look_first(run)
        async with run.transaction() as session:
            payment = await self._due(session, run.job.payload["booking_id"], int(run.job.payload["amount_minor"]))
        if payment is None or payment.state != "due":
            return
        charge = Charge(payment.payment_id, payment.payment_id, payment.due_minor, payment.currency)
        try:
            charged = await self._providers.of(payment.exercise).payments.charge(charge)
        except ProviderRefused:
            async with run.finish() as session:
                (await by_booking(session, payment.booking_id)).state = "failed"
            return
        async with run.finish() as session:
            stored = await by_booking(session, payment.booking_id)
            stored.reference = charged.reference
            if charged.paid:
                await take_paid(session, stored, stored.due_minor, self._clock.now())
                await self._give_back(session, stored, "captured-late")
            elif stored.state == "due":
                stored.state = "pending"

    async def refund(self, run: Run) -> None:
        """Gives back what a cancelled booking does not cost."""
        await self._look_first(run)
        async with run.transaction() as session:
            query = select(BookingRow, PaymentRow).join(PaymentRow, PaymentRow.booking_id == BookingRow.booking_id)
            query = query.where(BookingRow.booking_id == run.job.payload["booking_id"])
            found = (await session.execute(query.with_for_update(of=PaymentRow))).first()
        if found is None or found[0].status != CANCELLED:
            return
        booking, payment = found
        total = payment.paid_minor - min(self._fee_of(booking), payment.paid_minor)
        if payment.reference is None or total <= payment.refunded_minor:
            return
        adapter = self._providers.of(payment.exercise).payments
        await adapter.refund(payment.reference, total - payment.refunded_minor, f"{payment.payment_id}:refund:{total}")
        async with run.finish() as session:
            await take_refunded(session, await by_booking(session, booking.booking_id), total, self._clock.now())

    async def paid(self, run: Run) -> None:
        """The provider says that it was paid."""
        async with run.finish() as session:
            payment = await by_reference(session, run.job.payload["reference"])
            await take_paid(session, payment, int(run.job.payload["paid_minor"]), self._clock.now())
            await self._give_back(session, payment, "paid-late")

    async def failed(self, run: Run) -> None:
        """The provider says that it came to nothing; if it was paid after all, that stands."""
        async with run.finish() as session:
            payment = await by_reference(session, run.job.payload["reference"])
            if payment.state in ("due", "pending"):
                payment.state = "failed"

    async def refunded(self, run: Run) -> None:
        """The provider says how much it has given back in all. Before the payment itself is known, it has to wait."""
        async with run.finish() as session:
            payment = await by_reference(session, run.job.payload["reference"])
            total = int(run.job.payload["refunded_minor"])
            if total > payment.paid_minor:
                raise JobFailed("refunded_before_paid", retryable=True)
            await take_refunded(session, payment, total, self._clock.now())

    async def reconcile(self, run: Run) -> None:
        """Compares with the provider's books, and takes over what a lost webhook did not tell."""
        await self._compare_since(run, self._clock.now() - RECONCILED)

    async def _look_first(self, run: Run) -> None:
        """Where a job is so old that the provider may have forgotten its key: takes over what an earlier try did whose
        answer did not reach us."""
        if run.job.age_s < KEY_GOOD_S:
            return
        query = select(PaymentRow).where(PaymentRow.booking_id == run.job.payload["booking_id"])
        async with run.transaction() as session:
            payment = (await session.scalars(query)).one_or_none()
        if payment is not None and not payment.exercise:
            await self._compare_since(run, payment.created_at - SKEW)

    async def _compare_since(self, run: Run, since: datetime) -> None:
        async for settled in self._providers.real.payments.settled(since):
            async with run.transaction() as session:
                await self._compare(session, settled)

    async def _compare(self, session: AsyncSession, settled: Settled) -> None:
        query = select(PaymentRow).where(PaymentRow.payment_id == settled.payment_id).with_for_update()
        payment = (await session.scalars(query)).one_or_none()
        if payment is None or settled.paid_minor > payment.due_minor:
            _log.error("the provider has a payment that we do not know", subject=settled.reference)
            return
        if (settled.paid_minor, settled.refunded_minor) != (payment.paid_minor, payment.refunded_minor):
            _log.warning("payment differed from the provider's books", subject=payment.payment_id)
        payment.reference = payment.reference or settled.reference
        await take_paid(session, payment, settled.paid_minor, self._clock.now())
        await take_refunded(session, payment, settled.refunded_minor, self._clock.now())
        await self._give_back(session, payment, "found-late")

    async def _give_back(self, session: AsyncSession, payment: PaymentRow, why: str) -> None:
        """Asks for the refund of money that has come for a booking that was called off meanwhile.

        The payment is locked, and `refund` locks it too: one of the two sees what the other has done.
        """
        booking = await session.get_one(BookingRow, payment.booking_id)
        if booking.status == CANCELLED and payment.paid_minor - payment.refunded_minor > self._fee_of(booking):
            await enqueue(session, refund_job(payment.booking_id, why))

    async def _due(self, session: AsyncSession, booking_id: str, amount_minor: int) -> PaymentRow | None:
        """The payment of a booking, made if there is none; None where nothing is due. Raises JobFailed for no booking.

        One that is there already keeps its amount: it may have been charged under its key before a crash.
        """
        booking = await session.get(BookingRow, booking_id)
        if booking is None:
            raise JobFailed("no_such_booking", retryable=False)
        if booking.status == CANCELLED:
            amount_minor = min(amount_minor, self._fee_of(booking))
        values = {
            "payment_id": f"pay-{booking_id}",
            "booking_id": booking_id,
            "person_id": booking.person_id,
            "community_id": booking.community_id,
            "hospital_id": booking.hospital_id,
            "due_minor": amount_minor,
            "paid_minor": 0,
            "refunded_minor": 0,
            "currency": self._currency,
            "state": "due",
            "provider": self._providers.of(booking.exercise).payments.name,
            "exercise": booking.exercise,
        }
        if amount_minor:
            await session.execute(insert(PaymentRow).values(**values).on_conflict_do_nothing())
        query = select(PaymentRow).where(PaymentRow.booking_id == booking_id).with_for_update()
        return (await session.scalars(query)).one_or_none()


async def by_booking(session: AsyncSession, booking_id: str) -> PaymentRow:
    """The payment of a booking, locked."""
    query = select(PaymentRow).where(PaymentRow.booking_id == booking_id).with_for_update()
    return (await session.scalars(query)).one()


async def by_reference(session: AsyncSession, reference: str) -> PaymentRow:
    """The payment behind a provider's id, locked. Raises JobFailed for one whose charge is not stored yet."""
    query = select(PaymentRow).where(PaymentRow.reference == reference).with_for_update()
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise JobFailed("payment_not_known_yet", retryable=True)
    return found


def refund_job(booking_id: str, why: str) -> NewJob:
    """Asks for what a cancelled booking does not cost."""
    return NewJob(REFUND_JOB, f"{booking_id}:{why}", {"booking_id": booking_id})
