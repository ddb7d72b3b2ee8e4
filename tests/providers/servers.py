"""One server that speaks the wire formats of all providers, remembers what it did, and fails when it is told to."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from dispatch.providers.push import ServiceAccount

SECRET = "shared-secret-of-the-tests"
ACCESS = "AKIATEST"
HANG = -1
"""Told as a failure: no answer before the client's time is over."""


@dataclass
class ProviderServer:
    """What reached it. `failures`: statuses that the next requests get instead of being carried out; 200 is a page that
    means nothing, 0 carries one out."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    failures: deque[int] = field(default_factory=deque)
    retry_after: str = "7"
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    done: dict[str, dict] = field(default_factory=dict)
    """Deeds by idempotency key."""
    intents: dict[str, dict] = field(default_factory=dict)
    texts: list[dict[str, str]] = field(default_factory=list)
    pushes: list[dict] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    """Push tokens and phone numbers that are nobody's."""
    tokens: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    orders: dict[str, dict] = field(default_factory=dict)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))
    over: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def account(self) -> ServiceAccount:
        pem = self.key.as_pem(private=True).decode()
        return ServiceAccount("demo-project", "push@demo.example", pem, f"{self.url}/oauth/token")

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ProviderServer"]:
        app = web.Application(middlewares=[self._trouble])
        app.add_routes(
            [
                web.post("/v1/payment_intents", self._charge),
                web.get("/v1/payment_intents", self._list),
                web.post("/v1/refunds", self._refund),
                web.post("/2010-04-01/Accounts/{account}/Messages.json", self._text),
                web.post("/oauth/token", self._token),
                web.post("/v1/projects/{project}/messages:send", self._push),
                web.route("*", "/bucket/{key:.+}", self._file),
                web.post("/orders", self._order),
                web.post("/orders/{reference}/cancel", self._cancel),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self.over.set()
            await runner.cleanup()

    @web.middleware
    async def _trouble(self, request: web.Request, handler):
        self.asked.append((request.path, dict(request.headers)))
        if self.failures and not request.path.startswith("/oauth"):
            status = self.failures.popleft()
            if status == 0:
                return await handler(request)
            if status == HANG:
                await self.over.wait()
                return web.Response(status=500)
            if status == 200:
                return web.Response(text="<html>Back soon.</html>", content_type="text/html")
            headers = {"Retry-After": self.retry_after} if status == 429 else {}
            return web.json_response({"error": {"message": "told to fail"}}, status=status, headers=headers)
        return await handler(request)

    # Stripe: form-encoded in, JSON out, Idempotency-Key.

    async def _charge(self, request: web.Request) -> web.Response:
        form, key = await request.post(), request.headers["Idempotency-Key"]
        if request.headers["Authorization"] != f"Bearer {SECRET}":
            return web.json_response({"error": {"type": "invalid_request_error"}}, status=401)
        if int(form["amount"]) < 1:
            return web.json_response({"error": {"code": "parameter_invalid_integer"}}, status=400)
        if key not in self.done:
            confirmed = form.get("confirm") == "true"
            intent = {
                "id": f"pi_{next(self.numbers)}",
                "object": "payment_intent",
                "currency": form["currency"],
                "status": "succeeded" if confirmed else "requires_payment_method",
                "amount_received": int(form["amount"]) if confirmed else 0,
                "metadata": {"payment_id": form["metadata[payment_id]"]},
                "latest_charge": {"amount_refunded": 0},
            }
            self.done[key] = self.intents[intent["id"]] = intent
        return web.json_response(self.done[key])

    async def _list(self, request: web.Request) -> web.Response:
        assert int(request.query["created[gte]"]) >= 0
        found = list(self.intents.values())
        after = request.query.get("starting_after")
        start = 1 + [one["id"] for one in found].index(after) if after else 0
        return web.json_response({"data": found[start : start + 2], "has_more": start + 2 < len(found)})

    async def _refund(self, request: web.Request) -> web.Response:
        form, key = await request.post(), request.headers["Idempotency-Key"]
        charge = self.intents[form["payment_intent"]]["latest_charge"]
        if key not in self.done:
            total = charge["amount_refunded"] + int(form["amount"])
            if total > self.intents[form["payment_intent"]]["amount_received"]:
                return web.json_response({"error": {"code": "amount_too_large"}}, status=400)
            charge["amount_refunded"] = total
            self.done[key] = {"id": f"re_{next(self.numbers)}"}
        return web.json_response(self.done[key])

    # Twilio: basic authentication, form-encoded.

    async def _text(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        login = base64.b64encode(f"AC1:{SECRET}".encode()).decode()
        if request.headers["Authorization"] != f"Basic {login}":
            return web.json_response({"code": 20003}, status=401)
        if form["To"].removeprefix("whatsapp:") in self.gone:
            return web.json_response({"code": 21211, "message": f"{form['To']} is not a number"}, status=400)
        self.texts.append(form)
        return web.json_response({"sid": f"SM{next(self.numbers)}", "status": "queued"}, status=201)

    # Google: JWT bearer grant, then FCM HTTP v1.

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        claims = jwt.decode(form["assertion"], self.key, algorithms=["RS256"]).claims
        assert claims["aud"] == f"{self.url}/oauth/token"
        token = f"ya29.{next(self.numbers)}"
        self.tokens = {token}
        return web.json_response({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    async def _push(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"].removeprefix("Bearer ") not in self.tokens:
            return web.json_response({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, status=401)
        message = (await request.json())["message"]
        if message["token"] in self.gone:
            kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
            details = [{"@type": kind, "errorCode": "UNREGISTERED"}]
            return web.json_response({"error": {"code": 404, "status": "NOT_FOUND", "details": details}}, status=404)
        self.pushes.append(message)
        return web.json_response({"name": f"projects/demo-project/messages/{next(self.numbers)}"})

    # S3: Signature Version 4, checked by a second writing of it.

    async def _file(self, request: web.Request) -> web.Response:
        content = await request.read()
        if not self._signed(request, content):
            return web.Response(status=403, text="<Error><Code>SignatureDoesNotMatch</Code></Error>")
        key = request.match_info["key"]
        if request.method == "PUT":
            self.files[key] = content
            return web.Response(status=200)
        if request.method == "DELETE":
            self.files.pop(key, None)
            return web.Response(status=204)
        return web.Response(body=self.files[key]) if key in self.files else web.Response(status=404)

    def _signed(self, request: web.Request, content: bytes) -> bool:
        query = {name: values[0] for name, values in parse_qs(request.rel_url.raw_query_string).items()}
        if "X-Amz-Signature" in query:
            given, names, at = query.pop("X-Amz-Signature"), query["X-Amz-SignedHeaders"], query["X-Amz-Date"]
            body_hash = "UNSIGNED-PAYLOAD"
        else:
            parts = dict(part.split("=", 1) for part in request.headers["Authorization"].split(" ", 1)[1].split(", "))
            given, names, at = parts["Signature"], parts["SignedHeaders"], request.headers["X-Amz-Date"]
            body_hash = hashlib.sha256(content).hexdigest()
            if request.headers["X-Amz-Content-Sha256"] != body_hash:
                return False
        asked = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
        lines = [request.method, request.rel_url.raw_path, asked]
        lines += [f"{name}:{request.headers[name]}" for name in names.split(";")] + ["", names, body_hash]
        scope = f"{at[:8]}/eu-west-1/s3/aws4_request"
        said = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()}"
        key = ("AWS4" + SECRET).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(key, said.encode(), "sha256").hex(), given)

    # The pharmacy: signed JSON.

    async def _order(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self._timed(request, body):
            return web.Response(status=401)
        order, key = json.loads(body), request.headers["Idempotency-Key"]
        if key not in self.done:
            self.done[key] = {"reference": f"rx-{next(self.numbers)}"}
            self.orders[self.done[key]["reference"]] = order | {"state": "placed"}
        return web.json_response(self.done[key])

    async def _cancel(self, request: web.Request) -> web.Response:
        if not self._timed(request, await request.read()):
            return web.Response(status=401)
        self.orders[request.match_info["reference"]]["state"] = "cancelled"
        return web.json_response({})

    def _timed(self, request: web.Request, body: bytes) -> bool:
        at, mark = request.headers["Kiwimesh-Signature"].split(",")
        said = at.removeprefix("t=").encode() + b"." + body
        return mark == "v1=" + hmac.digest(SECRET.encode(), said, "sha256").hex()
