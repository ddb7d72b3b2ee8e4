"""Twilio: SMS and WhatsApp over its REST protocol (form-encoded, basic authentication), and its status callbacks.

Facts: https://www.twilio.com/docs/messaging/api/message-resource and /docs/usage/security#validating-requests. Twilio
takes no idempotency key for messages (the resource of 22 November 2026 has no such parameter, while UserDefinedMessages
of voice calls has one): a text whose answer was lost is sent again, because one page too many is better than none.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

import httpx

from dispatch.providers.errors import AddressGone, WebhookForged
from dispatch.providers.signatures import Delivery, ProviderEvent
from dispatch.providers.wire import Refusal, ask, body_of

from .port import Channel, TextMessage

API: Final = "https://api.twilio.com"
NO_SUCH_NUMBER: Final = frozenset({21211, 21610, 21614, 63003})
"""Error codes: not a number, opted out, not a mobile number, no WhatsApp there."""
STATES: Final = {"delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed"}


class TwilioMessaging:
    """One account, sending from one number."""

    name = "twilio"

    def __init__(
        self, client: httpx.AsyncClient, account: str, token: str, sender: str, *, url: str = API,
        callback: str | None = None,
    ) -> None:  # fmt: skip
        self._client = client
        self._account = account
        self._token = token
        self._sender = sender
        self._url = url
        self._callback = callback

    async def send(self, message: TextMessage) -> str:
        prefix = "whatsapp:" if message.channel is Channel.WHATSAPP else ""
        form = {"To": prefix + message.to, "From": prefix + self._sender, "Body": message.text}
        if self._callback:
            form["StatusCallback"] = self._callback
        address = f"{self._url}/2010-04-01/Accounts/{self._account}/Messages.json"
        try:
            answer = await ask(self._client, self.name, "POST", address, auth=(self._account, self._token), data=form)
        except Refusal as refusal:
            if refusal.answer.json().get("code") in NO_SUCH_NUMBER:
                raise AddressGone("this number takes no messages") from None
            raise
        return str(body_of(answer)["sid"])


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """What Twilio sends as X-Twilio-Signature."""
    said = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), said.encode(), hashlib.sha1).digest()).decode()


class TwilioWebhooks:
    """Reads status callbacks. They have no id of their own: a message is in each state once."""

    def __init__(self, token: str) -> None:
        self._token = token

    def read(self, delivery: Delivery) -> ProviderEvent | None:
        form = dict(parse_qsl(delivery.body.decode("utf-8", "replace"), keep_blank_values=True))
        given = delivery.headers.get("X-Twilio-Signature", "")
        if not hmac.compare_digest(signature(self._token, delivery.url, form).encode(), given.encode()):
            raise WebhookForged("the signature is wrong")
        message, state = form.get("MessageSid", ""), form.get("MessageStatus", "")
        if state not in STATES or not message:
            return None
        return ProviderEvent("twilio", f"{message}:{state}", "message.state", message, {"state": STATES[state]})
