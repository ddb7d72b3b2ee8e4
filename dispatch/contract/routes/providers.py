"""Routes of what goes through providers."""

from typing import Final

from dispatch.contract.http import PageQuery
from dispatch.contract.providers import (
    AskReport,
    Device,
    NotificationChoice,
    OutboxPage,
    OutboxQuery,
    PharmacyOrder,
    PharmacyOrderPage,
    PlaceOrder,
    RegisterDevice,
    Report,
    ReportPage,
)
from dispatch.contract.roles import Role

from .spec import Credential, Method, RouteSpec, guarded

EVERYBODY: Final = tuple(Role)
REPORTERS: Final = (Role.SUPER_ADMIN, Role.HOSPITAL_ADMIN, Role.COMMUNITY_MANAGER, Role.SUPERVISOR)

PROVIDERS: Final = (
    RouteSpec(
        "take_webhook", Method.POST, "/v1/webhooks/{provider}", "A provider's event; kept once, answered at once.",
        status=204, credential=Credential.SIGNATURE, refusals=(400, 404, 413, 503),
    ),
    RouteSpec(
        "store_upload", Method.PUT, "/v1/uploads/{tenant_kind}/{tenant_id}/{name}",
        "Stores a file at an address that this server has signed, where files lie in its own folder.",
        status=204, credential=Credential.SIGNATURE, refusals=(403, 413),
    ),
    guarded(
        "list_outbox", Method.GET, "/v1/outbox", "What the in-memory adapters would have sent, the latest first.",
        (Role.SUPER_ADMIN,), query=OutboxQuery, answer=OutboxPage, audited=True,
    ),
    guarded(
        "register_device", Method.POST, "/v1/me/devices", "This phone wants pushes.",
        EVERYBODY, request=RegisterDevice, answer=Device,
    ),
    guarded(
        "remove_device", Method.DELETE, "/v1/me/devices/{device_id}", "This phone wants no more pushes.", EVERYBODY
    ),
    guarded(
        "read_notification_choice", Method.GET, "/v1/me/notifications", "By which ways you want to be told.",
        EVERYBODY, answer=NotificationChoice,
    ),
    guarded(
        "choose_notifications", Method.PUT, "/v1/me/notifications", "Choose by which ways you want to be told.",
        EVERYBODY, request=NotificationChoice, answer=NotificationChoice,
    ),
    guarded(
        "ask_report", Method.POST, "/v1/reports", "Ask for a report; it is made in the background.",
        REPORTERS, request=AskReport, answer=Report, keyed=True,
    ),
    guarded(
        "list_reports", Method.GET, "/v1/reports", "Your reports, the latest first.",
        REPORTERS, query=PageQuery, answer=ReportPage,
    ),
    guarded(
        "download_report", Method.GET, "/v1/reports/{report_id}/file", "The file of a report that is ready.",
        REPORTERS, status=200, audited=True, refusals=(409,),
    ),
    guarded(
        "place_pharmacy_order", Method.POST, "/v1/pharmacy-orders", "Order from the pharmacy of your community.",
        (Role.RESIDENT,), request=PlaceOrder, answer=PharmacyOrder, keyed=True,
    ),
    guarded(
        "list_pharmacy_orders", Method.GET, "/v1/pharmacy-orders", "Your orders, the latest first.",
        (Role.RESIDENT,), query=PageQuery, answer=PharmacyOrderPage,
    ),
    guarded(
        "cancel_pharmacy_order", Method.POST, "/v1/pharmacy-orders/{order_id}/cancel",
        "Ask the pharmacy to cancel an order that is not on its way yet.", (Role.RESIDENT,), refusals=(409,),
    ),
)  # fmt: skip
