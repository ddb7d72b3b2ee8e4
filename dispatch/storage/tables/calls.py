"""What happens on calls: incidents, calls, patients, and the log of each call."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class IncidentRow(Row):
    """One happening: many calls, many patients, many units. Opened by a call, or keyed by hand."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_centre_id_changed_at", "centre_id", "changed_at"),
        Index("ix_incident_open", "centre_id", postgresql_where="closed_at IS NULL"),
    )

    incident_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    category: Mapped[int | None] = mapped_column(SmallInteger)
    """The most urgent category of its calls."""
    exercise: Mapped[bool]
    origin: Mapped[str] = mapped_column(server_default="call")
    """`call`, `radio` or `walk_in`."""
    nature: Mapped[str] = mapped_column(server_default="")
    place_id: Mapped[str | None] = mapped_column(ForeignKey("place.place_id"))
    place_label: Mapped[str] = mapped_column(server_default="")
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("incident.incident_id"), index=True)
    owner_person_id: Mapped[str | None]
    """Who calls back while the incident waits."""
    welfare_due_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    changed_at: Mapped[datetime] = created()


class CallRow(Row):
    """Where a call stands: what its timeline adds up to (see `projection`)."""

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_recent", "centre_id", text("started_at DESC")),
        Index("ix_call_open", "centre_id", "started_at", postgresql_where="state <> 'closed'"),
    )

    call_id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.incident_id"), index=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    entry: Mapped[str]
    exercise: Mapped[bool]
    anonymous: Mapped[bool]
    phone: Mapped[str | None]
    language: Mapped[str | None]
    call_back_of: Mapped[str | None]
    started_at: Mapped[datetime]
    last_seq: Mapped[int] = mapped_column(Integer)
    state: Mapped[str]
    held: Mapped[bool]
    escalation: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    seat_id: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    disposition: Mapped[str | None]
    erased_at: Mapped[datetime | None]
    """From then on its log cannot be read, and nothing here says what was said."""
    transcript: Mapped[str]
    category: Mapped[int | None] = mapped_column(SmallInteger)
    card: Mapped[dict[str, Any]]
    """Summary of the newest card: version, headline, and the value of each field."""


class PatientRow(Row):
    """A patient of an incident, as far as the card of a call describes them."""

    __tablename__ = "patient"

    patient_id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.incident_id"), index=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"), index=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    exercise: Mapped[bool]
    age: Mapped[str | None]
    sex: Mapped[str | None]
    conscious: Mapped[str | None]
    breathing: Mapped[str | None]


class TimelineEntryRow(Row):
    """One line of a call's log. Append-only."""

    __tablename__ = "timeline_entry"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    exercise: Mapped[bool]
    at: Mapped[datetime]
    call_s: Mapped[float] = mapped_column(Float)
    kind: Mapped[str]
    actor: Mapped[dict[str, Any]]
    command_id: Mapped[str | None]
    sealed: Mapped[bytes]
    """The body as JSON, sealed with the call's key (see `RecordKeyRow`)."""
