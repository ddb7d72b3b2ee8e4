"""Stripe: PaymentIntents, Refunds and their webhooks, over its REST protocol (form-encoded, version pinned).

Facts: https://docs.stripe.com/api/payment_intents, /api/refunds, /api/idempotent_requests, /webhooks/signature. A key
of ours becomes Stripe's Idempotency-Key, so that a charge that is asked for twice is made once.
"""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final

import httpx

from dispatch.providers.errors import WebhookForged
from dispatch.providers.signatures import Delivery, ProviderEvent, check_timed
from dispatch.providers.wire import ask, body_of

from .port import Charge, Charged, Settled

API: Final = "https://api.stripe.com"
VERSION: Final = "2024-06-20"
PAID: Final = "succeeded"
PAGE: Final = 100
KINDS: Final = {
    "payment_intent.succeeded": "payment.paid",
    "payment_intent.payment_failed": "payment.failed",
    "charge.refunded": "payment.refunded",
}


class StripePayments:
    """One account. With a payment method of its own the charge is confirmed at once; else the payer confirms it."""

    name = "stripe"

    def __init__(
        self, client: httpx.AsyncClient, secret_key: str, *, url: str = API, payment_method: str | None = None
    ) -> None:
        self._client = client
        self._secret = secret_key
        self._url = url
        self._method = payment_method

    async def charge(self, charge: Charge) -> Charged:
        form = {
            "amount": str(charge.amount_minor),
            "currency": charge.currency,
            "metadata[payment_id]": charge.payment_id,
        }
        if self._method:
            form |= {"payment_method": self._method, "confirm": "true", "off_session": "true"}
        intent = await self._ask("POST", "/v1/payment_intents", charge.key, form)
        return Charged(intent["id"], intent["status"] == PAID)

    async def refund(self, reference: str, amount_minor: int, key: str) -> None:
        form = {"payment_intent": reference, "amount": str(amount_minor)}
        await self._ask("POST", "/v1/refunds", key, form)

    async def settled(self, since: datetime) -> AsyncIterator[Settled]:
        after: dict[str, str] = {}
        while True:
            query = {"created[gte]": str(int(since.timestamp())), "limit": str(PAGE), "expand[]": "data.latest_charge"}
            page = await self._ask("GET", "/v1/payment_intents", None, query | after)
            for intent in page["data"]:
                if intent["status"] == PAID:
                    yield settled_of(intent)
            if not page.get("has_more"):
                return
            after = {"starting_after": page["data"][-1]["id"]}

    async def _ask(self, method: str, path: str, key: str | None, fields: Mapping[str, str]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._secret}", "Stripe-Version": VERSION}
        if key is not None:
            headers["Idempotency-Key"] = key
        body: dict[str, Any] = {"params": dict(fields)} if method == "GET" else {"data": dict(fields)}
        return body_of(await ask(self._client, self.name, method, self._url + path, headers=headers, **body))


def settled_of(intent: Mapping[str, Any]) -> Settled:
    """A PaymentIntent as our books compare it."""
    charge = intent.get("latest_charge") or {}
    return Settled(
        intent["id"],
        intent.get("metadata", {}).get("payment_id", ""),
        intent["amount_received"],
        charge.get("amount_refunded", 0) if isinstance(charge, dict) else 0,
        intent["currency"],
    )


class StripeWebhooks:
    """Reads Stripe's events."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(self, delivery: Delivery) -> ProviderEvent | None:
        check_timed(self._secret, delivery.headers.get("Stripe-Signature", ""), delivery)
        try:
            event = json.loads(delivery.body)
            kind = KINDS.get(event["type"])
            subject = event["data"]["object"]
            if kind is None:
                return None
            return ProviderEvent("stripe", event["id"], kind, _intent_of(subject), _amounts(subject))
        except (ValueError, KeyError, TypeError):
            raise WebhookForged("signed, but not an event") from None


def _intent_of(subject: Mapping[str, Any]) -> str:
    return str(subject["payment_intent"] if subject.get("object") == "charge" else subject["id"])


def _amounts(subject: Mapping[str, Any]) -> dict[str, int]:
    """What the event says of money, whatever came before it: totals, never differences."""
    if subject.get("object") == "charge":
        return {"refunded_minor": int(subject["amount_refunded"])}
    return {"paid_minor": int(subject.get("amount_received", 0))}
