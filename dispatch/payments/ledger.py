"""The ledger: every movement of money is one row with both of its entries, so that all of them always sum to 0.

In: a payment that was paid or given back. Out: rows, and the balance of each account. Invariants: append-only; a deed
is posted once, whoever reports it and however often; totals only grow.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.storage.tables import LedgerPostingRow, PaymentRow


async def take_paid(session: AsyncSession, payment: PaymentRow, paid_minor: int, at: datetime) -> None:
    """Books that `paid_minor` has been paid in all; a smaller total than is booked changes nothing."""
    more = paid_minor - payment.paid_minor
    if more <= 0:
        return
    payment.paid_minor, payment.state, payment.updated_at = paid_minor, "paid", at
    await post(session, payment, f"{payment.payment_id}:paid:{paid_minor}", provider(payment), revenue(payment), more)


async def take_refunded(session: AsyncSession, payment: PaymentRow, refunded_minor: int, at: datetime) -> None:
    """Books that `refunded_minor` has been given back in all; a smaller total than is booked changes nothing."""
    more = refunded_minor - payment.refunded_minor
    if more <= 0:
        return
    payment.refunded_minor, payment.updated_at = refunded_minor, at
    payment.state = "refunded" if refunded_minor == payment.paid_minor else payment.state
    deed = f"{payment.payment_id}:refunded:{refunded_minor}"
    await post(session, payment, deed, revenue(payment), provider(payment), more)


async def post(
    session: AsyncSession, payment: PaymentRow, deed: str, debit: str, credit: str, amount_minor: int
) -> None:
    """One movement."""
    await session.execute(
        insert(LedgerPostingRow)
        .values(
            posting_id=deed,
            payment_id=payment.payment_id,
            hospital_id=payment.hospital_id,
            debit=debit,
            credit=credit,
            amount_minor=amount_minor,
            currency=payment.currency,
            exercise=payment.exercise,
            at=payment.updated_at,
        )
        .on_conflict_do_nothing()
    )


def provider(payment: PaymentRow) -> str:
    return f"provider:{payment.provider}"


def revenue(payment: PaymentRow) -> str:
    return f"revenue:{payment.hospital_id or 'none'}"


async def balances(
    session: AsyncSession, since: datetime, until: datetime, hospital_id: str | None = None
) -> Sequence[tuple[str, str, int]]:
    """Account, currency, balance of a period without exercises; debits are positive, so that all balances sum to 0."""
    row = LedgerPostingRow
    within = [row.at >= since, row.at < until, row.exercise.is_(False)]
    within += [row.hospital_id == hospital_id] if hospital_id is not None else []
    debits = select(row.debit.label("account"), row.currency, row.amount_minor.label("amount")).where(*within)
    credits = select(row.credit.label("account"), row.currency, (-row.amount_minor).label("amount")).where(*within)
    both = union_all(debits, credits).subquery()
    query = select(both.c.account, both.c.currency, func.sum(both.c.amount)).group_by(both.c.account, both.c.currency)
    return [
        (account, currency, int(total)) for account, currency, total in await session.execute(query.order_by("account"))
    ]
