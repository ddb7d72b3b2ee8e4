"""Firebase Cloud Messaging, HTTP v1: OAuth with a service account's own key, one message a request.

Facts: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages, /docs/cloud-messaging/error-codes and
RFC 7523 (JWT bearer grants). A token is kept until a minute before its end; one that is refused is fetched anew once.
"""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from dispatch.observability.clock import Clock
from dispatch.providers.errors import AddressGone
from dispatch.providers.wire import Denial, Refusal, ask, body_of

from .port import PushMessage

API: Final = "https://fcm.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIVES_S: Final = 3600
EARLY_S: Final = 60
GONE: Final = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})


@dataclass(frozen=True)
class ServiceAccount:
    """The key file that Google gives for a service account."""

    project_id: str
    client_email: str
    private_key: str = field(repr=False)
    token_uri: str

    @classmethod
    def read(cls, file: Path) -> Self:
        """Raises OSError, KeyError or ValueError for a file that is none."""
        found = json.loads(file.read_text())
        return cls(found["project_id"], found["client_email"], found["private_key"], found["token_uri"])

    def assertion(self, now_s: int) -> str:
        """The signed claim that is exchanged for an access token."""
        claims = {
            "iss": self.client_email, "scope": SCOPE, "aud": self.token_uri, "iat": now_s, "exp": now_s + LIVES_S,
        }  # fmt: skip
        return jwt.encode({"alg": "RS256", "typ": "JWT"}, claims, RSAKey.import_key(self.private_key))


class FcmPush:
    """One Firebase project."""

    name = "fcm"

    def __init__(self, client: httpx.AsyncClient, account: ServiceAccount, clock: Clock, *, url: str = API) -> None:
        self._client = client
        self._account = account
        self._clock = clock
        self._url = f"{url}/v1/projects/{account.project_id}/messages:send"
        self._token = ""
        self._good_until = 0.0
        self._fetching = asyncio.Lock()

    async def send(self, message: PushMessage) -> str:
        try:
            return await self._send(message)
        except Denial as denial:
            if denial.answer.status_code != httpx.codes.UNAUTHORIZED:
                raise
        self._good_until = 0.0
        return await self._send(message)

    async def _send(self, message: PushMessage) -> str:
        headers = {"Authorization": f"Bearer {await self._access_token()}"}
        try:
            answer = await ask(
                self._client, self.name, "POST", self._url, headers=headers, json={"message": wire(message)}
            )
        except (Refusal, Denial) as refusal:
            if error_codes(refusal.answer) & GONE:
                raise AddressGone("this token is nobody's") from None
            raise
        return str(body_of(answer)["name"])

    async def _access_token(self) -> str:
        async with self._fetching:
            now_s = self._clock.now().timestamp()
            if now_s >= self._good_until:
                assertion = await asyncio.to_thread(self._account.assertion, int(now_s))
                form = {"grant_type": GRANT, "assertion": assertion}
                granted = body_of(await ask(self._client, self.name, "POST", self._account.token_uri, data=form))
                self._token = granted["access_token"]
                self._good_until = now_s + float(granted["expires_in"]) - EARLY_S
            return self._token


def wire(message: PushMessage) -> dict[str, Any]:
    """A push as FCM takes it; the collapse key makes a repeated one replace the first."""
    return {
        "token": message.token,
        "notification": {"title": message.title, "body": message.text},
        "data": dict(message.data),
        "android": {"priority": "high" if message.urgent else "normal", "collapse_key": message.key},
        "apns": {
            "headers": {"apns-priority": "10" if message.urgent else "5", "apns-collapse-id": message.key[:64]}
        },
    }  # fmt: skip


def error_codes(answer: httpx.Response) -> frozenset[str]:
    """The error codes in a refusal."""
    try:
        details = answer.json()["error"].get("details", [])
        return frozenset(str(detail.get("errorCode")) for detail in details)
    except (ValueError, KeyError, AttributeError, TypeError):
        return frozenset()
