"""Any pharmacy that speaks this small protocol: JSON over HTTP, both ways signed with a shared secret.

To the pharmacy: `POST /orders` and `POST /orders/{reference}/cancel`, with `Idempotency-Key` and `Kiwimesh-Signature:
t=<seconds>,v1=<HMAC-SHA256 over "<seconds>.<body>">`. Back comes `{"reference"}`, later webhooks under the same kind of
signature: `{"id", "type", "reference", "sequence"}`, where `sequence` counts an order's events from 1.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx

from dispatch.observability.clock import Clock
from dispatch.providers.errors import WebhookForged
from dispatch.providers.signatures import Delivery, ProviderEvent, check_timed, timed_signature
from dispatch.providers.wire import ask, body_of

from .port import Order

HEADER: Final = "Kiwimesh-Signature"
STATES: Final = {
    "order.accepted": "accepted",
    "order.rejected": "rejected",
    "order.shipped": "shipped",
    "order.delivered": "delivered",
    "order.cancelled": "cancelled",
}


class SignedPharmacy:
    """One pharmacy."""

    name = "pharmacy"

    def __init__(self, client: httpx.AsyncClient, url: str, secret: str, clock: Clock) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._clock = clock

    async def place(self, order: Order) -> str:
        lines = [{"product": line.product, "quantity": line.quantity} for line in order.lines]
        answer = await self._ask("/orders", {"order_id": order.order_id, "lines": lines}, order.key)
        return str(body_of(answer)["reference"])

    async def cancel(self, reference: str, key: str) -> None:
        await self._ask(f"/orders/{reference}/cancel", {}, key)

    async def _ask(self, path: str, body: Mapping[str, Any], key: str) -> httpx.Response:
        content = json.dumps(body, separators=(",", ":")).encode()
        at_s = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            HEADER: f"t={at_s},v1={timed_signature(self._secret, at_s, content)}",
        }
        return await ask(self._client, self.name, "POST", self._url + path, headers=headers, content=content)


class PharmacyWebhooks:
    """Reads the pharmacy's events."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(self, delivery: Delivery) -> ProviderEvent | None:
        check_timed(self._secret, delivery.headers.get(HEADER, ""), delivery)
        try:
            event = json.loads(delivery.body)
            state = STATES.get(event["type"])
            if state is None:
                return None
            detail = {"state": state, "sequence": int(event["sequence"])}
            return ProviderEvent("pharmacy", str(event["id"]), "order.state", str(event["reference"]), detail)
        except (ValueError, KeyError, TypeError):
            raise WebhookForged("signed, but not an event") from None
