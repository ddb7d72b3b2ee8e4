"""What goes out to providers and comes in from them: the in-memory adapters' outbox, webhooks, deliveries."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from .row import Row, created


class OutboxItemRow(Row):
    """What an in-memory adapter was asked to do, instead of doing it."""

    __tablename__ = "outbox_item"
    __table_args__ = (UniqueConstraint("port", "key"),)

    item_id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    port: Mapped[str]
    operation: Mapped[str]
    key: Mapped[str]
    """Asked again under the same key, it is done once."""
    reference: Mapped[str]
    """What the adapter answered as the provider's own id."""
    recipient: Mapped[str] = mapped_column(server_default="")
    body: Mapped[dict[str, Any]]
    exercise: Mapped[bool]
    at: Mapped[datetime] = created()


class WebhookEventRow(Row):
    """An event that a provider told us of, once."""

    __tablename__ = "webhook_event"

    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    reference: Mapped[str]
    """What it is about: the provider's id, or ours."""
    detail: Mapped[dict[str, Any]]
    """Numbers and states of the event; no personal data is kept."""
    received_at: Mapped[datetime] = created()


class PushDeviceRow(Row):
    """A phone that may be sent pushes."""

    __tablename__ = "push_device"

    device_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), index=True)
    token: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = created()
    pruned_at: Mapped[datetime | None]
    """The provider no longer knows the token."""


class NotificationChoiceRow(Row):
    """By which ways somebody wants to be told; without a row by all of them."""

    __tablename__ = "notification_choice"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), primary_key=True)
    push: Mapped[bool] = mapped_column(server_default=text("true"))
    sms: Mapped[bool] = mapped_column(server_default=text("true"))


class DeliveryRow(Row):
    """One message of one event to one address of one person."""

    __tablename__ = "delivery"

    event_key: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"), primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    """A device's id, or `phone`."""
    template: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    """`queued`, `sent`, `delivered`, `failed`, `pruned`."""
    reference: Mapped[str | None] = mapped_column(index=True)
    exercise: Mapped[bool]
    at: Mapped[datetime] = created()


class OutboxPlaceRow(Row):
    """Up to where somebody has read the bookings' log."""

    __tablename__ = "outbox_place"

    reader: Mapped[str] = mapped_column(primary_key=True)
    tx: Mapped[int] = mapped_column(BigInteger)
    booking_id: Mapped[str]
    version: Mapped[int]


class PharmacyOrderRow(Row):
    """Medicines that a pharmacy delivers."""

    __tablename__ = "pharmacy_order"
    __table_args__ = (Index("ix_pharmacy_order_person_id", "person_id", "created_at"),)

    order_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.person_id"))
    community_id: Mapped[str] = mapped_column(ForeignKey("community.community_id"), index=True)
    basket: Mapped[dict[str, Any]]
    """Products and quantities."""
    state: Mapped[str]
    reference: Mapped[str | None] = mapped_column(unique=True)
    """The pharmacy's own id."""
    sequence: Mapped[int] = mapped_column(server_default=text("0"))
    """Of the pharmacy's newest event that was taken: an older one changes nothing."""
    created_at: Mapped[datetime] = created()
    updated_at: Mapped[datetime] = created()
