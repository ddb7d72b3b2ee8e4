"""The schema as SQLAlchemy models: organisations, people, and what happens on calls.

Ids are text (the contract's `Identifier`). Everything that belongs to a dispatch centre carries `centre_id`, so that
row-level security needs no join (see `access`). The database itself is made by the migrations; a test proves that both
agree. Personal data lives in columns whose values never reach a log: models have no value in their repr.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - read once by SQLAlchemy
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def created() -> Mapped[datetime]:
    """When the row was made."""
    return mapped_column(server_default=func.now())


class CommunityRow(Row):
    """A place where people live: a town, a campus, an estate."""

    __tablename__ = "community"

    community_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = created()
    suspended_at: Mapped[datetime | None]


class HospitalRow(Row):
    __tablename__ = "hospital"

    hospital_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = created()
    suspended_at: Mapped[datetime | None]


class HospitalCommunityRow(Row):
    """Which hospitals serve which communities."""

    __tablename__ = "hospital_community"

    hospital_id: Mapped[str] = mapped_column(ForeignKey("hospital.hospital_id"), primary_key=True)
    community_id: Mapped[str] = mapped_column(ForeignKey("community.community_id"), primary_key=True, index=True)


class DispatchCentreRow(Row):
    __tablename__ = "dispatch_centre"
    __table_args__ = (Index("uq_dispatch_centre_default", "is_default", unique=True, postgresql_where="is_default"),)

    centre_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    public_number: Mapped[str]
    """The public emergency number to ring when the service cannot help."""
    overflow_centre_id: Mapped[str | None] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    """Takes calls from an unknown entry; at most one centre does."""
    created_at: Mapped[datetime] = created()


class CentreCommunityRow(Row):
    """Which centres serve which communities."""

    __tablename__ = "centre_community"

    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), primary_key=True)
    community_id: Mapped[str] = mapped_column(ForeignKey("community.community_id"), primary_key=True, index=True)


class EntryRow(Row):
    """A way in (a web page, an app, a number) and the centre that its calls belong to."""

    __tablename__ = "entry"

    entry_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)


class PersonRow(Row):
    """A human being, once, whatever roles they have."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_suspended_at", "suspended_at", postgresql_where="suspended_at IS NOT NULL"),)

    person_id: Mapped[str] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    """Lower case."""
    phone: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = created()
    suspended_at: Mapped[datetime | None]


class CredentialRow(Row):
    """How a person proves who they are; only the identity service reads it."""

    __tablename__ = "credential"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), primary_key=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime] = created()
    totp_secret: Mapped[str | None]
    """Base32, as authenticator apps take it."""
    totp_confirmed_at: Mapped[datetime | None]
    """From then on a sign-in needs a code."""
    totp_last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The 30-second step of the last code that was taken; older ones are not taken again."""


class RoleGrantRow(Row):
    """A role that a person has within a scope: everything, or one centre, hospital or community."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "role", "scope_kind", "scope_id"),)

    grant_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    role: Mapped[str]
    scope_kind: Mapped[str]
    """`everything`, `centre`, `hospital` or `community`."""
    scope_id: Mapped[str] = mapped_column(server_default="")
    granted_at: Mapped[datetime] = created()
    revoked_at: Mapped[datetime | None]


class StaffRow(Row):
    """Somebody who works for a hospital."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("person_id", "hospital_id"),)

    staff_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    hospital_id: Mapped[str] = mapped_column(ForeignKey("hospital.hospital_id"), index=True)
    suspended_at: Mapped[datetime | None]


class ResidentRow(Row):
    """Somebody who lives in a community."""

    __tablename__ = "resident"

    resident_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.person_id"), index=True)
    community_id: Mapped[str] = mapped_column(ForeignKey("community.community_id"), index=True)
    name: Mapped[str]
    flat: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str | None]
    suspended_at: Mapped[datetime | None]


class SeatRow(Row):
    """An operator's position in a centre."""

    __tablename__ = "seat"

    seat_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    label: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.person_id"))


class SignInFamilyRow(Row):
    """One sign-in and all refresh tokens that follow from it."""

    __tablename__ = "sign_in_family"
    __table_args__ = (Index("ix_sign_in_family_revoked_at", "revoked_at", postgresql_where="revoked_at IS NOT NULL"),)

    family_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    created_at: Mapped[datetime] = created()
    last_used_at: Mapped[datetime] = created()
    client: Mapped[str] = mapped_column(server_default="")
    """What signed in, in words that its owner recognises: a browser, a tablet."""
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None]


class RefreshTokenRow(Row):
    """One refresh token, known by its hash alone."""

    __tablename__ = "refresh_token"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    family_id: Mapped[str] = mapped_column(ForeignKey("sign_in_family.family_id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor_hash: Mapped[str | None]


class OneTimeCodeRow(Row):
    """A code that was sent to a phone, known by the hash of the ticket that its asker holds."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_phone_sent_at", "phone", "sent_at"),)

    ticket_hash: Mapped[str] = mapped_column(primary_key=True)
    phone: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    code_hash: Mapped[str]
    sent_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))


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


class IncidentRow(Row):
    """One happening: many calls, many patients."""

    __tablename__ = "incident"

    incident_id: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[str] = mapped_column(ForeignKey("dispatch_centre.centre_id"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    category: Mapped[int | None] = mapped_column(SmallInteger)
    """The most urgent category of its calls."""
    exercise: Mapped[bool]


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
    body: Mapped[dict[str, Any]]
