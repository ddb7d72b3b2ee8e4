"""Requests that were carried out."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class IdempotencyKeyRow(Row):
    """The key of a request that was carried out, with its answer."""

    __tablename__ = "idempotency_key"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    """Hash of method, path and body."""
    answer: Mapped[dict[str, Any] | None]
    version: Mapped[int | None]
    created_at: Mapped[datetime] = created()
