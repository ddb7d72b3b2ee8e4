"""How long what callers said is kept, what must not go, and the keys that it is readable with."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class RecordKeyRow(Row):
    """The key that a call's log is sealed with, wrapped by the key of its centre. Without it the log is gone."""

    __tablename__ = "record_key"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"), primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    wrapped: Mapped[str]


class RecordPolicyRow(Row):
    """What a centre does with its records; a centre without a row has the installation's defaults."""

    __tablename__ = "record_policy"

    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), primary_key=True)
    version: Mapped[int]
    retention_days: Mapped[int]
    notice: Mapped[str]
    """What callers read about being recorded."""


class LegalHoldRow(Row):
    """A call that must not be erased for the time being."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("ix_legal_hold_active", "call_id", postgresql_where="released_at IS NULL"),)

    hold_id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"))
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    reason: Mapped[str]
    placed_by: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    placed_at: Mapped[datetime] = created()
    version: Mapped[int]
    released_by: Mapped[str | None] = mapped_column(ForeignKey("person.person_id"))
    released_at: Mapped[datetime | None]


class ErasureRow(Row):
    """A call whose records go, or went: asked for by somebody, or by the end of its retention."""

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_due", "asked_at", postgresql_where="done_at IS NULL"),)

    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"), primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    reason: Mapped[str]
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("person.person_id"))
    """None where the retention ended."""
    asked_at: Mapped[datetime] = created()
    done_at: Mapped[datetime | None]
