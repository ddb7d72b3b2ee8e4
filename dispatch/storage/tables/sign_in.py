"""Signing in: families of refresh tokens, one-time codes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


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
    """Also one that is nobody's: its code is told to nobody."""
    asker: Mapped[str] = mapped_column(server_default="")
    """Stands for the address that the code was asked for from."""
    code_hash: Mapped[str]
    sent_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
