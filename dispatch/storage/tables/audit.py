"""Who did what to which record."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class AuditEventRow(Row):
    """Who did what to which record, under which role. Append-only."""

    __tablename__ = "audit_event"

    audit_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = created()
    actor_person_id: Mapped[str | None]
    role: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    centre_id: Mapped[str | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
