"""Bookings: where each stands, everything that happened to it, who is on it, and the calendars behind appointments.

What belongs to a booking carries the booking's scope (person, community, hospital, centre), so that row-level security
needs no join. Which responder is free is decided by indexes: see the migration.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row


class BookingScope:
    """To whom a row belongs: the patient's login, where they live, who provides, who dispatches."""

    person_id: Mapped[str | None]
    community_id: Mapped[str | None]
    hospital_id: Mapped[str | None]
    centre_id: Mapped[str | None]


class BookingRow(BookingScope, Row):
    """One booking, as its events add up."""

    __tablename__ = "booking"
    __table_args__ = (
        Index("ix_booking_person", "person_id", text("requested_at DESC"), text("booking_id DESC")),
        Index("ix_booking_community", "community_id", text("requested_at DESC"), text("booking_id DESC")),
        Index("ix_booking_hospital", "hospital_id", text("requested_at DESC"), text("booking_id DESC")),
        Index("ix_booking_centre", "centre_id", text("requested_at DESC"), text("booking_id DESC")),
        Index("ix_booking_incident", "incident_id", postgresql_where="incident_id IS NOT NULL"),
    )

    booking_id: Mapped[str] = mapped_column(primary_key=True)
    service_type: Mapped[str]
    policy_version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str]
    version: Mapped[int] = mapped_column(Integer)
    """Of the newest event; every event raises it by one."""
    responders: Mapped[int] = mapped_column(SmallInteger)
    """How many are on it now."""
    resident_id: Mapped[str | None] = mapped_column(ForeignKey("resident.resident_id"))
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incident.incident_id"))
    category: Mapped[int | None] = mapped_column(SmallInteger)
    exercise: Mapped[bool] = mapped_column(server_default=text("false"))
    place: Mapped[str] = mapped_column(server_default="")
    """Where it is needed, in words."""
    note: Mapped[str] = mapped_column(server_default="")
    requested_at: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    """Of the appointment."""
    ends_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class BookingEventRow(BookingScope, Row):
    """One thing that happened to a booking. Append-only; the log is also the outbox (see `dispatch.booking.outbox`)."""

    __tablename__ = "booking_event"
    __table_args__ = (Index("ix_booking_event_outbox", "tx", "booking_id", "version"),)

    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.booking_id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str]
    status: Mapped[str]
    """After it."""
    entered: Mapped[bool]
    """Whether the status was entered anew, so that clocks start."""
    actor_person_id: Mapped[str | None]
    actor_role: Mapped[str]
    reason: Mapped[str | None]
    responder_ids: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    """Who was put on it, or taken off."""
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    tx: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    """The transaction that wrote it: readers of the outbox stop before the oldest that still runs."""
    correlation_id: Mapped[str | None]
    """Of the request, console event or job that did it; what follows from it is done under the same."""


class AssignmentRow(BookingScope, Row):
    """A responder on a booking, from when to when. `during` is the appointment; None: now, until released."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index(
            "uq_assignment_exclusive", "responder_id", unique=True,
            postgresql_where="released_at IS NULL AND exclusive AND during IS NULL",
        ),
        Index(
            "uq_assignment_once", "booking_id", "responder_id", unique=True, postgresql_where="released_at IS NULL"
        ),
        ExcludeConstraint(
            ("responder_id", "="), ("during", "&&"), name="ex_assignment_during", using="gist",
            where=text("released_at IS NULL AND exclusive AND during IS NOT NULL"),
        ),
    )  # fmt: skip

    assignment_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.booking_id"), index=True)
    responder_id: Mapped[str]
    responder_kind: Mapped[str]
    exclusive: Mapped[bool]
    during: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE)
    assigned_at: Mapped[datetime]
    assigned_by: Mapped[str | None]
    released_at: Mapped[datetime | None]


class CalendarRow(Row):
    """Somebody, or some room, that can be booked by the slot."""

    __tablename__ = "calendar"

    calendar_id: Mapped[str] = mapped_column(primary_key=True)
    hospital_id: Mapped[str] = mapped_column(ForeignKey("hospital.hospital_id"), index=True)
    label: Mapped[str]
    service_types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.staff_id"))
    """Who serves its bookings; None: a person decides."""
    zone: Mapped[str]
    """IANA time zone in which its hours are meant."""
    hours: Mapped[dict[str, Any]]
    """Opening hours by weekday and date (`dispatch.booking.hours.OpeningHours`)."""
    closed_at: Mapped[datetime | None]


class SlotRow(Row):
    """A stretch of a calendar that is taken: by a booking, or, once freed, until the waiting list was asked."""

    __tablename__ = "slot"
    __table_args__ = (
        ExcludeConstraint(
            ("calendar_id", "="), ("during", "&&"), name="ex_slot_during", using="gist",
            where=text("released_at IS NULL"),
        ),
        Index(
            "uq_slot_booking_id", "booking_id", unique=True,
            postgresql_where="released_at IS NULL AND freed_at IS NULL",
        ),
    )  # fmt: skip

    slot_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    calendar_id: Mapped[str] = mapped_column(ForeignKey("calendar.calendar_id"))
    hospital_id: Mapped[str]
    person_id: Mapped[str | None]
    community_id: Mapped[str | None]
    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.booking_id", deferrable=True, initially="DEFERRED"))
    """Checked at the end: the slot is taken before its booking is written, so that who comes late has done little."""
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    """With the pause after the appointment."""
    freed_at: Mapped[datetime | None]
    """Its booking no longer needs it; nobody else can take it before those who wait."""
    released_at: Mapped[datetime | None]


class WaitingRow(BookingScope, Row):
    """A booking without a slot that waits for one of a calendar. First come, first served."""

    __tablename__ = "waiting"
    __table_args__ = (Index("ix_waiting_calendar", "calendar_id", "waiting_id", postgresql_where="ended_at IS NULL"),)

    waiting_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    booking_id: Mapped[str] = mapped_column(ForeignKey("booking.booking_id"), index=True)
    calendar_id: Mapped[str] = mapped_column(ForeignKey("calendar.calendar_id"))
    earliest: Mapped[datetime]
    latest: Mapped[datetime]
    """A slot that begins after it is of no use."""
    ended_at: Mapped[datetime | None]
