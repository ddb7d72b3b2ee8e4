"""Protocol approvals: who may sign for a centre, and every signature and withdrawal."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class MedicalDirectorRow(Row):
    """Somebody who may sign protocols for a centre, from the appointment to its end."""

    __tablename__ = "medical_director"
    __table_args__ = (
        Index(
            "uq_medical_director_person_id_centre_id", "person_id", "centre_id", unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    director_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    appointed_by: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    appointed_at: Mapped[datetime] = created()
    ended_at: Mapped[datetime | None]


class ProtocolApprovalRow(Row):
    """A signature under a protocol, or its withdrawal. Append-only; the last one of a protocol counts."""

    __tablename__ = "protocol_approval"
    __table_args__ = (
        UniqueConstraint("centre_id", "protocol_id", "number"),
        CheckConstraint("deed IN ('signed', 'withdrawn')", name="deed"),
    )

    approval_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    protocol_id: Mapped[str]
    number: Mapped[int]
    """Counts what was done about the protocol in the centre: of two who act at once, one is told."""
    deed: Mapped[str]
    version: Mapped[str]
    digest: Mapped[str]
    """Of the words that were signed (`dispatch.triage.readable`)."""
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    name: Mapped[str]
    """As it was then: a signature does not change with its writer."""
    done_at: Mapped[datetime] = created()
    second_factor: Mapped[bool]
    reason: Mapped[str] = mapped_column(server_default="")
