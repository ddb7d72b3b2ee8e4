"""People: once each, with their roles, and where they work or live."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, counted, created


class PersonRow(Row):
    """A human being, once, whatever roles they have."""

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_suspended_at", "suspended_at", postgresql_where="suspended_at IS NOT NULL"),
        Index("ix_person_merged_into", "merged_into", postgresql_where="merged_into IS NOT NULL"),
        Index("ix_person_name_key", func.lower(text("display_name"))),
    )

    person_id: Mapped[str] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    """Lower case."""
    phone: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = created()
    suspended_at: Mapped[datetime | None]
    version: Mapped[int] = counted()
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("person.person_id"))
    """The same human being under the id that counts; never a chain."""
    merged_at: Mapped[datetime | None]


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
    __table_args__ = (
        UniqueConstraint("person_id", "role", "scope_kind", "scope_id"),
        Index("ix_role_grant_scope_kind_scope_id", "scope_kind", "scope_id"),
        Index("ix_role_grant_lost_at", "lost_at", postgresql_where="lost_at IS NOT NULL"),
    )

    grant_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    role: Mapped[str]
    scope_kind: Mapped[str]
    """`everything`, `centre`, `hospital` or `community`."""
    scope_id: Mapped[str] = mapped_column(server_default="")
    granted_at: Mapped[datetime] = created()
    revoked_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    """The person may not act in this role for a while."""
    scope_suspended_at: Mapped[datetime | None]
    """Nobody may act for this organisation for a while."""
    lost_at: Mapped[datetime | None] = mapped_column(
        Computed("GREATEST(revoked_at, suspended_at, scope_suspended_at)", persisted=True)
    )
    """When the grant stopped to count, for whatever reason; empty while it counts."""


class StaffRow(Row):
    """Somebody who works for a hospital."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("person_id", "hospital_id"),)

    staff_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    hospital_id: Mapped[str] = mapped_column(ForeignKey("hospital.hospital_id"), index=True)
    suspended_at: Mapped[datetime | None]
    version: Mapped[int] = counted()


class ResidentRow(Row):
    """Somebody who lives in a community."""

    __tablename__ = "resident"
    __table_args__ = (
        Index("ix_resident_phone", "phone", postgresql_where="phone IS NOT NULL"),
        Index(
            "uq_resident_community_id_phone", "community_id", "phone", unique=True,
            postgresql_where="phone IS NOT NULL",
        ),
    )  # fmt: skip

    resident_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.person_id"), index=True)
    community_id: Mapped[str] = mapped_column(ForeignKey("community.community_id"), index=True)
    name: Mapped[str]
    flat: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str | None]
    """Digits and a leading plus; whoever proves to hold it is this resident."""
    suspended_at: Mapped[datetime | None]
    version: Mapped[int] = counted()


class InvitationRow(Row):
    """An offer of a role. Its token is derived from its id and is stored nowhere."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_scope_kind_scope_id", "scope_kind", "scope_id"),)

    invitation_id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    """Lower case."""
    display_name: Mapped[str]
    role: Mapped[str]
    scope_kind: Mapped[str]
    scope_id: Mapped[str] = mapped_column(server_default="")
    invited_by: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    created_at: Mapped[datetime] = created()
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class PersonMergeRow(Row):
    """Two records that turned out to be one human being; kept so that it can be undone."""

    __tablename__ = "person_merge"
    __table_args__ = (
        Index("uq_person_merge_merged_id", "merged_id", unique=True, postgresql_where="undone_at IS NULL"),
    )

    merge_id: Mapped[str] = mapped_column(primary_key=True)
    kept_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    merged_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    reason: Mapped[str]
    moved: Mapped[dict[str, Any]]
    """Ids of the grants, staff and resident records that changed hands, by table."""
    merged_by: Mapped[str]
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
