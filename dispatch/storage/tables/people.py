"""People: once each, with their roles, and where they work or live."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


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
