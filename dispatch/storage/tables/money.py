"""Money: payments, the ledger, and reports about both and about the service."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class PaymentRow(Row):
    """The payment of one booking. Amounts are in the smallest unit of the currency."""

    __tablename__ = "payment"

    payment_id: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.booking_id"), unique=True)
    person_id: Mapped[str | None] = mapped_column(index=True)
    community_id: Mapped[str | None] = mapped_column(index=True)
    hospital_id: Mapped[str | None] = mapped_column(index=True)
    due_minor: Mapped[int] = mapped_column(BigInteger)
    paid_minor: Mapped[int] = mapped_column(BigInteger)
    refunded_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    state: Mapped[str]
    """`due`, `pending`, `paid`, `failed`, `refunded`."""
    provider: Mapped[str]
    reference: Mapped[str | None] = mapped_column(unique=True)
    """The provider's own id."""
    exercise: Mapped[bool]
    created_at: Mapped[datetime] = created()
    updated_at: Mapped[datetime] = created()


class LedgerPostingRow(Row):
    """An amount that moves from one account to another. Each row is both entries, so that all of them sum to 0."""

    __tablename__ = "ledger_posting"
    __table_args__ = (Index("ix_ledger_posting_hospital_id", "hospital_id", "at"),)

    posting_id: Mapped[str] = mapped_column(primary_key=True)
    """Names the deed: it is posted once."""
    payment_id: Mapped[str] = mapped_column(ForeignKey("payment.payment_id"), index=True)
    hospital_id: Mapped[str | None]
    debit: Mapped[str]
    credit: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    exercise: Mapped[bool]
    at: Mapped[datetime] = created()


class ReportRow(Row):
    """A report that somebody asked for; its result is a file."""

    __tablename__ = "report"
    __table_args__ = (Index("ix_report_person_id", "person_id", "created_at"),)

    report_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    tenant_kind: Mapped[str]
    tenant_id: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    parameters: Mapped[dict[str, Any]]
    state: Mapped[str]
    """`queued`, `ready`."""
    file_key: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    ended_at: Mapped[datetime | None]
