"""Organisations: communities, hospitals, dispatch centres, and how they serve each other."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, counted, created


class Organisation(Row):
    """What every organisation has; no table of its own."""

    __abstract__ = True

    name: Mapped[str]
    created_at: Mapped[datetime] = created()
    suspended_at: Mapped[datetime | None]
    """Since when nobody acts in its name."""
    version: Mapped[int] = counted()


class CommunityRow(Organisation):
    """A place where people live: a town, a campus, an estate."""

    __tablename__ = "community"

    community_id: Mapped[str] = mapped_column(primary_key=True)


class HospitalRow(Organisation):
    __tablename__ = "hospital"

    hospital_id: Mapped[str] = mapped_column(primary_key=True)


class HospitalCommunityRow(Row):
    """Which hospitals serve which communities."""

    __tablename__ = "hospital_community"

    hospital_id: Mapped[str] = mapped_column(ForeignKey("hospital.hospital_id"), primary_key=True)
    community_id: Mapped[str] = mapped_column(ForeignKey("community.community_id"), primary_key=True, index=True)


class DispatchCentreRow(Organisation):
    __tablename__ = "dispatch_centre"
    __table_args__ = (Index("uq_dispatch_centre_default", "is_default", unique=True, postgresql_where="is_default"),)

    centre_id: Mapped[str] = mapped_column(primary_key=True)
    public_number: Mapped[str]
    """The public emergency number to ring when the service cannot help."""
    overflow_centre_id: Mapped[str | None] = mapped_column(ForeignKey("dispatch_centre.centre_id"))
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    """Takes calls from an unknown entry; at most one centre does."""


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
