"""Webhooks' envelopes: what an event of a provider is, and the signature that most of them use. Pure.

In: headers, the raw body, the time. Out: a `ProviderEvent`, or WebhookForged. Invariants: the signature is compared in
constant time and covers the very bytes that are parsed; an old one is refused, so that nobody replays it later.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from .errors import WebhookForged

TOLERANCE_S: Final = 300.0
"""How old a signature may be; Stripe's libraries use the same."""


@dataclass(frozen=True)
class ProviderEvent:
    """Something that a provider tells us."""

    provider: str
    event_id: str
    kind: str
    reference: str
    """The provider's id of what it is about, or ours."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Numbers and states; nothing personal."""


@dataclass(frozen=True)
class Delivery:
    """A webhook as it arrived. `url` is the public address that the provider called."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    at: datetime


class WebhookReader(Protocol):
    """Reads the events of one provider."""

    def read(self, delivery: Delivery) -> ProviderEvent | None:
        """The event; None for one that does not concern us. Raises WebhookForged."""
        ...


def timed_signature(secret: str, at_s: int, body: bytes) -> str:
    """HMAC-SHA256 over `<seconds>.<body>`, in hex."""
    return hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()


def check_timed(secret: str, header: str, delivery: Delivery) -> None:
    """Checks `t=<seconds>,v1=<hex>`; several v1 are allowed while a secret is changed. Raises WebhookForged."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t" and value.isascii() and value.isdigit()]
    given = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or abs(delivery.at.timestamp() - int(times[0])) > TOLERANCE_S:
        raise WebhookForged("the signature has no time, or an old one")
    right = timed_signature(secret, int(times[0]), delivery.body)
    if not any(hmac.compare_digest(right.encode(), value.encode()) for value in given):
        raise WebhookForged("the signature is wrong")
