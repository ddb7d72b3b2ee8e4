"""Money for bookings: taken once, given back but for the fee, compared with the provider, and books that sum to 0."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.booking import Actor, Command, NewBooking, Scope, Transitions, read_catalogue
from dispatch.contract.booking import BookingAction
from dispatch.jobs import NewJob, enqueue
from dispatch.payments import balances, fee_by
from dispatch.payments.flow import refund_job
from dispatch.providers.errors import ProviderAway, ProviderDenied, WebhookForged
from dispatch.providers.outbox import StoredOutbox
from dispatch.providers.payments import Charge, Charged, MemoryPayments
from dispatch.storage import Database
from dispatch.storage.context import WORKER
from dispatch.storage.tables import BookingRow, JobRow, LedgerPostingRow, OutboxItemRow, PaymentRow, WebhookEventRow
from tests.jobs.conftest import Shop

from .worlds import FEE, Works, book, settle, signed, stripe_event, works_on

pytestmark = pytest.mark.integration

CATALOGUE = read_catalogue()
FOR_EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


class SlowToPay(MemoryPayments):
    """As with Stripe, the payer has still to confirm; a webhook tells the end of it."""

    async def charge(self, charge: Charge) -> Charged:
        return replace(await super().charge(charge), paid=False)


@pytest.fixture
async def works(fresh_database: Database, tmp_path: Path) -> AsyncIterator[Works]:
    await settle(fresh_database)
    made = works_on(fresh_database, tmp_path)
    made.register()
    yield made
    await made.providers.client.aclose()


@pytest.fixture
def shop(works: Works) -> Shop:
    return Shop(works.database, works.kinds)


async def payment_of(database: Database, booking_id: str) -> PaymentRow:
    async with database.transaction(WORKER) as session:
        return (await session.scalars(select(PaymentRow).where(PaymentRow.booking_id == booking_id))).one()


async def books_sum_to_nothing(database: Database) -> bool:
    async with database.transaction(WORKER) as session:
        return sum(total for _, _, total in await balances(session, *FOR_EVER)) == 0


async def all_done(shop: Shop) -> None:
    async def met() -> bool:
        rows = (row for row in await shop.rows() if "@" not in row.idempotency_key)  # without the nightly ones
        return all(row.state in ("done", "dead") for row in rows)

    await shop.until(met)


async def due_now(shop: Shop) -> None:
    """Jobs that wait for their next try have waited long enough."""
    async with shop.database.transaction(WORKER) as session:
        await session.execute(update(JobRow).where(JobRow.attempts > 0).values(run_at=FOR_EVER[0]))


async def money_alone(session: AsyncSession, job: NewJob) -> None:
    """Clocks of a booking would be waited for."""
    if job.kind.startswith("payment."):
        await enqueue(session, job)


def capture(booking_id: str, amount_minor: int = 4000, key: str = "") -> NewJob:
    return NewJob("payment.capture", key or booking_id, {"booking_id": booking_id, "amount_minor": amount_minor})


def paying_with(works: Works, shop: Shop, payments: type[MemoryPayments]) -> Works:
    """The shop's jobs go on with another provider of payments in the place of the real one."""
    other = replace(works.providers.real, payments=payments(StoredOutbox(works.database)))
    made = Works(works.database, replace(works.providers, real=other))
    made.register()
    shop.kinds = made.kinds
    return made


async def test_a_booking_is_paid_once_and_the_books_sum_to_nothing(shop: Shop) -> None:
    booking_id = await book(shop.database)
    async with shop.working():
        await shop.ask(capture(booking_id), capture(booking_id, key="asked again"))
        await all_done(shop)
    payment = await payment_of(shop.database, booking_id)
    assert (payment.state, payment.paid_minor, payment.currency) == ("paid", 4000, "eur")
    async with shop.database.transaction(WORKER) as session:
        assert await session.scalar(select(func.count()).select_from(OutboxItemRow)) == 1
        assert sorted(await balances(session, *FOR_EVER)) == [
            ("provider:memory", "eur", 4000), ("revenue:h1", "eur", -4000),
        ]  # fmt: skip


async def test_a_cancelled_booking_costs_the_fee_alone(shop: Shop) -> None:
    booking_id = await book(shop.database)
    async with shop.working():
        await shop.ask(capture(booking_id))
        await all_done(shop)
        async with shop.database.transaction(WORKER) as session:
            await session.execute(
                update(BookingRow).where(BookingRow.booking_id == booking_id).values(status="cancelled")
            )
        await shop.ask(*(NewJob("payment.refund", f"{n}", {"booking_id": booking_id}) for n in range(3)))
        await all_done(shop)
    payment = await payment_of(shop.database, booking_id)
    assert (payment.paid_minor, payment.refunded_minor) == (4000, 4000 - FEE)
    assert await books_sum_to_nothing(shop.database)


async def call_off(database: Database, booking_id: str) -> None:
    async with database.transaction(WORKER) as session:
        of_it = BookingRow.booking_id == booking_id
        await session.execute(update(BookingRow).where(of_it).values(status="cancelled"))


async def test_a_booking_called_off_before_its_payment_was_taken_costs_the_fee_and_no_more(shop: Shop) -> None:
    booking_id = await book(shop.database)
    await call_off(shop.database, booking_id)
    async with shop.working():
        await shop.ask(capture(booking_id))
        await all_done(shop)
    payment = await payment_of(shop.database, booking_id)
    assert (payment.paid_minor, payment.refunded_minor) == (FEE, 0)


async def test_a_booking_called_off_while_it_is_being_charged_is_paid_back(works: Works, shop: Shop) -> None:
    booking_id = await book(shop.database)

    class CalledOffMeanwhile(MemoryPayments):
        async def charge(self, charge: Charge) -> Charged:
            await call_off(works.database, booking_id)
            return await super().charge(charge)

    paying_with(works, shop, CalledOffMeanwhile)
    async with shop.working():
        await shop.ask(capture(booking_id), refund_job(booking_id, "cancelled"))
        await all_done(shop)
    payment = await payment_of(shop.database, booking_id)
    assert (payment.paid_minor, payment.refunded_minor) == (4000, 4000 - FEE)
    assert await books_sum_to_nothing(shop.database)


async def test_a_paid_booking_that_is_called_off_early_is_paid_back_whole_and_once(works: Works, shop: Shop) -> None:
    rita, now = Actor("resident", "rita"), datetime.now(UTC)
    starts_at = now + timedelta(days=3)
    transitions, free = (
        Transitions(CATALOGUE, money_alone),
        Works(works.database, works.providers, fee_of=fee_by(CATALOGUE.of)),
    )
    free.register()
    shop.kinds = free.kinds
    new = NewBooking("routine_checkup", Scope("rita", "c1", "h1"), rita, now, starts_at=starts_at, ends_at=starts_at)
    async with shop.working():
        async with works.database.transaction(WORKER) as session:
            booking_id = (await transitions.create(session, new)).booking_id
        await all_done(shop)
        assert (await payment_of(works.database, booking_id)).paid_minor == 3000
        async with works.database.transaction(WORKER) as session:
            await transitions.apply(session, Command(booking_id, BookingAction.CANCEL, rita, datetime.now(UTC)))
        await shop.ask(refund_job(booking_id, "asked again"))
        await all_done(shop)
    payment = await payment_of(works.database, booking_id)
    assert (payment.state, payment.refunded_minor) == ("refunded", 3000)
    assert await books_sum_to_nothing(works.database)


async def test_a_booking_that_was_not_cancelled_is_not_paid_back(shop: Shop) -> None:
    booking_id = await book(shop.database)
    async with shop.working():
        await shop.ask(capture(booking_id), NewJob("payment.refund", "r", {"booking_id": booking_id}))
        await all_done(shop)
    assert (await payment_of(shop.database, booking_id)).refunded_minor == 0


async def test_a_training_call_never_reaches_the_real_provider(works: Works, shop: Shop) -> None:
    class NeverAsked(MemoryPayments):
        async def charge(self, charge: Charge) -> Charged:
            raise AssertionError("an exercise reached the real provider")

    paying_with(works, shop, NeverAsked)
    booking_id = await book(shop.database, exercise=True)
    async with shop.working():
        await shop.ask(capture(booking_id))
        await all_done(shop)
    assert (await payment_of(shop.database, booking_id)).state == "paid"
    async with shop.database.transaction(WORKER) as session:
        assert (await session.scalars(select(OutboxItemRow.exercise))).all() == [True]
        assert await balances(session, *FOR_EVER) == []


async def test_webhooks_fifty_times_at_once_and_in_any_order_end_the_same(works: Works, shop: Shop) -> None:
    late = paying_with(works, shop, SlowToPay)
    booking_id = await book(shop.database)
    async with shop.working() as worker:
        await shop.ask(capture(booking_id))
        await all_done(shop)
        reference = (await payment_of(shop.database, booking_id)).reference or ""
        kinds = (("charge.refunded", 500), ("payment_intent.payment_failed", 0), ("payment_intent.succeeded", 4000))
        sent = [(f"evt_{n}", kind, reference, amount) for n, (kind, amount) in enumerate(kinds)] * 50
        random.Random(7).shuffle(sent)
        await asyncio.gather(*(late.desk.take("stripe", stripe_event(*event)) for event in sent))
        for _ in range(3):
            await due_now(shop)
            worker.wake()
            await asyncio.sleep(0.1)
        await due_now(shop)
        await all_done(shop)
    payment = await payment_of(shop.database, booking_id)
    assert (payment.state, payment.paid_minor, payment.refunded_minor) == ("paid", 4000, 500)
    assert await books_sum_to_nothing(shop.database)
    async with shop.database.transaction(WORKER) as session:
        assert await session.scalar(select(func.count()).select_from(WebhookEventRow)) == 3
        assert await session.scalar(select(func.count()).select_from(LedgerPostingRow)) == 2


async def test_money_that_comes_after_the_cancellation_goes_back(works: Works, shop: Shop) -> None:
    booking_id = await book(shop.database)
    charged = await works.providers.real.payments.charge(Charge("k", f"pay-{booking_id}", 4000, "eur"))
    async with shop.database.transaction(WORKER) as session:
        session.add(
            PaymentRow(
                payment_id=f"pay-{booking_id}", booking_id=booking_id, hospital_id="h1", due_minor=4000, paid_minor=0,
                refunded_minor=0, currency="eur", state="pending", provider="memory", reference=charged.reference,
                exercise=False,
            )
        )  # fmt: skip
        await session.execute(update(BookingRow).values(status="cancelled"))
    async with shop.working():
        await works.desk.take("stripe", stripe_event("evt_1", "payment_intent.succeeded", charged.reference, 4000))

        async def paid_back() -> bool:
            return (await payment_of(shop.database, booking_id)).refunded_minor == 4000 - FEE

        await shop.until(paid_back)


async def test_a_key_of_ours_that_is_not_taken_makes_no_payment_fail(works: Works, shop: Shop) -> None:
    class Denying(MemoryPayments):
        async def charge(self, charge: Charge) -> Charged:
            raise ProviderDenied("answered with status 401")

    paying_with(works, shop, Denying)
    booking_id = await book(shop.database)
    await shop.ask(capture(booking_id))
    async with shop.working():

        async def tried() -> bool:
            return (await shop.rows())[0].error_code == "provider_denied"

        await shop.until(tried)
    assert (await payment_of(shop.database, booking_id)).state == "due"
    shop.kinds = works.kinds
    await due_now(shop)
    async with shop.working():
        await all_done(shop)
    assert (await payment_of(shop.database, booking_id)).state == "paid"


async def test_nobody_is_charged_twice_by_a_provider_that_has_forgotten_the_first_time(
    works: Works, shop: Shop
) -> None:
    charges: list[str] = []

    class Forgetful(MemoryPayments):
        async def charge(self, charge: Charge) -> Charged:
            charges.append(charge.key)
            await super().charge(replace(charge, key=f"{charge.key}-{len(charges)}"))
            raise ProviderAway("the answer was lost")

    paying_with(works, shop, Forgetful)
    booking_id = await book(shop.database)
    await shop.ask(capture(booking_id))
    async with shop.working(draw=lambda: 1e6):

        async def tried() -> bool:
            return (await shop.rows())[0].error_code == "provider_away"

        await shop.until(tried)
    async with shop.database.transaction(WORKER) as session:
        await session.execute(update(JobRow).values(created_at=datetime.now(UTC) - timedelta(hours=21)))
        await session.execute(update(PaymentRow).values(created_at=datetime.now(UTC) - timedelta(hours=21)))
    await due_now(shop)
    async with shop.working():
        await all_done(shop)
    assert len(charges) == 1
    payment = await payment_of(shop.database, booking_id)
    assert (payment.state, payment.paid_minor) == ("paid", 4000)
    assert await books_sum_to_nothing(shop.database)


async def test_what_a_lost_webhook_did_not_tell_is_taken_over_at_night(works: Works, shop: Shop) -> None:
    paying_with(works, shop, SlowToPay)
    booking_id = await book(shop.database)
    async with shop.working():
        await shop.ask(capture(booking_id))
        await all_done(shop)
        assert (await payment_of(shop.database, booking_id)).state == "pending"
        await shop.ask(NewJob("payment.reconcile", "tonight"))
        await all_done(shop)
    assert (await payment_of(shop.database, booking_id)).state == "paid"
    assert await books_sum_to_nothing(shop.database)


@pytest.mark.parametrize(
    "forged",
    [
        signed("Stripe-Signature", {"id": "e"}, secret="another"),
        signed("Stripe-Signature", {"id": "e"}, at=datetime.now(UTC) - timedelta(hours=1)),
        signed("Another-Header", {"id": "e"}),
        signed("Stripe-Signature", {"id": "e"}),
    ],
)
async def test_an_event_that_is_not_the_providers_is_refused(works: Works, forged) -> None:
    with pytest.raises(WebhookForged):
        await works.desk.take("stripe", forged)


@given(st.integers(-3, 72))
def test_a_cancellation_is_free_until_a_day_before(hours: int) -> None:
    starts = datetime(2026, 5, 1, 12, tzinfo=UTC)
    booking = BookingRow(
        service_type="consultation", policy_version=1, starts_at=starts, closed_at=starts - timedelta(hours=hours)
    )
    assert fee_by(CATALOGUE.of)(booking) == (0 if hours >= 24 else 2000)
