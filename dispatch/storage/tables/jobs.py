"""Work that is done behind the scenes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created

WAITING = text("state = 'waiting'")
RUNNING = text("state = 'running'")
OVER = text("state IN ('done', 'dead')")


class JobRow(Row):
    """One piece of work: waiting, running, done or dead. Its payload holds ids, never personal data."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "idempotency_key"),
        Index("ix_job_waiting", "priority", "run_at", "job_id", postgresql_where=WAITING),
        Index("ix_job_running", "lease_until", postgresql_where=RUNNING),
        Index("ix_job_over", "state", "ended_at", "job_id", postgresql_where=OVER),
    )

    job_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    idempotency_key: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    """0 is the most urgent; each has slots of its own."""
    payload: Mapped[dict[str, Any]]
    tenant_kind: Mapped[str | None]
    tenant_id: Mapped[str | None]
    role: Mapped[str]
    """The database role under which it was asked for."""
    person_id: Mapped[str | None]
    """Who asked for it; None for the server itself."""
    correlation_id: Mapped[str]
    exercise: Mapped[bool]
    """Belongs to a training call: never reaches a real provider."""
    run_at: Mapped[datetime] = created()
    """Not before this moment."""
    state: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    lost: Mapped[int] = mapped_column(server_default=text("0"))
    """How often it was claimed by a worker that died with it."""
    failing_since: Mapped[datetime | None]
    """When it failed for the first time; None as long as it has not."""
    fence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """Grows with every claim: only the latest claim may end the job."""
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    error_code: Mapped[str | None]
    error_place: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    ended_at: Mapped[datetime | None]
