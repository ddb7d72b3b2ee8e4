"""Who did what to which record, and the seals over it."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class AuditEventRow(Row):
    """Who did what to which record, under which role. Append-only, for the owner of the database too (a trigger)."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_tenant", "tenant_kind", "tenant_id", "audit_id"),)

    audit_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = created()
    actor_person_id: Mapped[str | None]
    """None for the server itself."""
    role: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    tenant_kind: Mapped[str] = mapped_column(server_default="")
    """`centre`, `hospital` or `community`; empty where it concerns no tenant."""
    tenant_id: Mapped[str] = mapped_column(server_default="")
    correlation_id: Mapped[str] = mapped_column(server_default="")


class AuditSealRow(Row):
    """A batch of the audit log, chained to the batch before it by its hash. Append-only."""

    __tablename__ = "audit_seal"

    seal_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """1, 2, 3, without holes."""
    sealed_at: Mapped[datetime] = mapped_column(index=True)
    audit_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """Ascending. A late transaction's event has a smaller id than one that is sealed already, and follows later."""
    up_to: Mapped[int] = mapped_column(BigInteger)
    """The largest id in this seal and those before it."""
    hash: Mapped[str]
    """SHA-256, in hex, over the hash of the seal before and the events of this one."""
