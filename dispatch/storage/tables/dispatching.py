"""Places, units, the search for a unit, and the log of what was sent where."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Float, ForeignKey, Identity, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created

NO_TEXTS = text("'{}'::text[]")


class PlaceRow(Row):
    """A place of a community's gazetteer: a block, a flat, a gate, a defibrillator."""

    __tablename__ = "place"
    __table_args__ = (Index("ix_place_in_use", "community_id", postgresql_where="retired_at IS NULL"),)

    place_id: Mapped[str] = mapped_column(primary_key=True)
    """Begins with the id of its community."""
    community_id: Mapped[str] = mapped_column(ForeignKey("community.community_id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("place.place_id"))
    kind: Mapped[str]
    name: Mapped[str]
    label: Mapped[str]
    """The whole address, as it is read back to a caller."""
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=NO_TEXTS)
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    access_notes: Mapped[str] = mapped_column(server_default="")
    hazards: Mapped[str] = mapped_column(server_default="")
    retired_at: Mapped[datetime | None]
    """No longer in the imported file; kept for the incidents that refer to it."""


class StandingNoteRow(Row):
    """What whoever comes to help must know of a resident or a place, whatever the call is about."""

    __tablename__ = "standing_note"

    note_id: Mapped[str] = mapped_column(primary_key=True)
    community_id: Mapped[str] = mapped_column(ForeignKey("community.community_id"), index=True)
    place_id: Mapped[str | None] = mapped_column(ForeignKey("place.place_id"), index=True)
    resident_id: Mapped[str | None] = mapped_column(ForeignKey("resident.resident_id"), index=True)
    kind: Mapped[str]
    """`allergy`, `condition`, `hazard` or `access`."""
    words: Mapped[str]
    created_at: Mapped[datetime] = created()


class UnitRow(Row):
    """An ambulance, a first responder, a trained neighbour: whoever can be sent."""

    __tablename__ = "unit"
    __table_args__ = (
        Index("ix_unit_centre_id_changed_at", "centre_id", "changed_at"),
        CheckConstraint("withdrawn_at IS NULL OR (NOT on_duty AND incident_id IS NULL)", name="withdrawn"),
    )

    unit_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    hospital_id: Mapped[str | None] = mapped_column(ForeignKey("hospital.hospital_id"), index=True)
    call_sign: Mapped[str]
    capabilities: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=NO_TEXTS)
    crew: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=NO_TEXTS)
    """Person ids."""
    exercise: Mapped[bool] = mapped_column(server_default=text("false"))
    """Sent to exercises alone; a real unit never is."""
    on_duty: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[str] = mapped_column(server_default="available")
    state_since: Mapped[datetime] = created()
    urgent: Mapped[bool] = mapped_column(server_default=text("true"))
    """Goes to its incident with lights and sirens."""
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incident.incident_id"), index=True)
    booking_id: Mapped[str | None]
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    position_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    """Out of service; kept for the incidents that refer to it."""
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    changed_at: Mapped[datetime] = created()


class UnitSearchRow(Row):
    """A search for units that offers the incident to one after the other, ever farther away."""

    __tablename__ = "unit_search"
    __table_args__ = (Index("ix_unit_search_due", "centre_id", "due_at", postgresql_where="state = 'open'"),)

    search_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.incident_id"), index=True)
    service_type: Mapped[str]
    capabilities: Mapped[list[str]] = mapped_column(ARRAY(Text))
    wanted: Mapped[int] = mapped_column(Integer)
    """Responders."""
    found: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    step: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Which radius of the policy it has reached."""
    state: Mapped[str] = mapped_column(server_default="open")
    """`open`, `filled`, `exhausted` or `withdrawn`."""
    due_at: Mapped[datetime]
    """When it is looked at again."""
    correlation_id: Mapped[str | None]
    """Of the request that began it: whoever is asked later is asked under the same."""


class UnitOfferRow(Row):
    """An incident offered to one unit."""

    __tablename__ = "unit_offer"
    __table_args__ = (Index("uq_unit_offer_pending", "unit_id", unique=True, postgresql_where="outcome = 'pending'"),)

    offer_id: Mapped[str] = mapped_column(primary_key=True)
    search_id: Mapped[str] = mapped_column(ForeignKey("unit_search.search_id"), index=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    hospital_id: Mapped[str | None] = mapped_column(ForeignKey("hospital.hospital_id"), index=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.incident_id"), index=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.unit_id"))
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(server_default="pending")
    """`pending`, `accepted`, `declined`, `expired` or `withdrawn`."""


class DispatchEventRow(Row):
    """What was done for an incident. Its body goes into the log of each of the incident's calls.

    After two days people's words are taken out of it (`dispatch.dispatching.timers`); nothing else ever changes.
    """

    __tablename__ = "dispatch_event"
    __table_args__ = (
        Index("uq_dispatch_event_command", "centre_id", "command_id", unique=True),
        Index("ix_dispatch_event_centre_id_at", "centre_id", "at"),
    )

    event_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incident.incident_id"), index=True)
    call_id: Mapped[str | None]
    """Where it concerns one call alone."""
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.unit_id"), index=True)
    kind: Mapped[str]
    actor_person_id: Mapped[str | None]
    seat_id: Mapped[str | None]
    command_id: Mapped[str | None]
    """The command behind it: the same command twice is carried out once."""
    body: Mapped[dict[str, Any]]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    """What undoing it needs; in no call's log."""
    correlation_id: Mapped[str | None]
    """Of the request, console event or timer that did it."""
