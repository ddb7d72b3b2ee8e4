"""HTTP bodies of what goes through providers: the outbox, devices, choices, payments, reports, pharmacy orders."""

from enum import StrEnum

from pydantic import Field

from .base import Identifier, Message, Moment, ShortText
from .http import PageQuery


class OutboxQuery(PageQuery):
    """Which items are asked for."""

    port: Identifier | None = None


class OutboxEntry(Message):
    """What an in-memory adapter wrote down instead of doing it."""

    item_id: Identifier
    port: Identifier
    operation: Identifier
    reference: ShortText
    recipient: str = Field(repr=False)
    said: str = Field(repr=False)
    """As JSON."""
    exercise: bool
    at: Moment


class OutboxPage(Message):
    """Items, the latest first."""

    items: tuple[OutboxEntry, ...]
    next_cursor: str | None = None


class RegisterDevice(Message):
    """A phone that wants pushes."""

    token: str = Field(min_length=8, max_length=4096, repr=False)


class Device(Message):
    """A registered phone."""

    device_id: Identifier


class NotificationChoice(Message):
    """By which ways somebody wants to be told. Pages to a crew on duty come all the same."""

    push: bool = True
    sms: bool = True


class ReportKind(StrEnum):
    """What a report is about."""

    KPIS = "kpis"
    SLA = "sla"
    FINANCE = "finance"


class AskReport(Message):
    """A report about one hospital, community or centre, from `since` up to but without `until`."""

    kind: ReportKind
    tenant_kind: Identifier
    tenant_id: Identifier
    since: Moment
    until: Moment


class Report(Message):
    """A report; once it is ready, its file can be fetched."""

    report_id: Identifier
    kind: ReportKind
    state: Identifier
    created_at: Moment


class ReportPage(Message):
    """One's own reports, the latest first."""

    reports: tuple[Report, ...]
    next_cursor: str | None = None


class PharmacyLine(Message):
    """So many of a product."""

    product: Identifier = Field(repr=False)
    quantity: int = Field(ge=1, le=99)


class PlaceOrder(Message):
    """An order from the pharmacy that serves one's community."""

    community_id: Identifier
    lines: tuple[PharmacyLine, ...] = Field(min_length=1, max_length=20, repr=False)


class OrderState(StrEnum):
    """Where an order is."""

    PLACED = "placed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class PharmacyOrder(Message):
    """An order as its owner sees it."""

    order_id: Identifier
    state: OrderState
    lines: tuple[PharmacyLine, ...] = Field(repr=False)
    created_at: Moment
    updated_at: Moment


class PharmacyOrderPage(Message):
    """One's own orders, the latest first."""

    orders: tuple[PharmacyOrder, ...]
    next_cursor: str | None = None
