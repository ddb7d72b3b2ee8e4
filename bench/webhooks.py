"""Webhooks: every event many times at once and shuffled, over HTTP, with the effects carried out by a worker.

In: payments that are pending at the provider. Each gets three signed events: failed, paid, partly refunded. All are
sent `--times` each, in random order, 50 at once, and again where the answer is 503, as providers do. `lost`: payments
whose money or refund is not in the books at the end; `double_effects`: postings beyond one for the money and one for
the refund; the answer's time is until the event is kept, never until its effect. Sender, server, worker and database
share the machine.
"""

import asyncio
import hashlib
import hmac
import json
import random
import secrets
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg
import click
from aiohttp import web

from dispatch.jobs import Doorbell, JobKinds, Worker
from dispatch.observability.clock import SystemClock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.payments import PaymentFlow
from dispatch.providers.chosen import Providers, in_memory
from dispatch.providers.files import FolderFiles
from dispatch.providers.outbox import StoredOutbox
from dispatch.providers.payments import StripeWebhooks
from dispatch.providers.webhooks import WebhookDesk
from dispatch.providers.wire import new_client
from dispatch.storage import Database, EmbeddedServers, ServerUrls, migrate
from dispatch.transport.http import edge
from dispatch.transport.webhooks import bind_webhooks

AT_ONCE: Final = 50
AWAY: Final = 503
PAID, BACK = 4000, 500
PATIENCE_S: Final = 300.0
WORLD: Final = """
    INSERT INTO booking (booking_id, service_type, policy_version, status, version, responders, place, note,
        requested_at, exercise)
    SELECT 'b' || g, 'consultation', 1, 'completed', 1, 0, '', '', now(), false FROM generate_series(1, $1) g
"""
PENDING: Final = """
    INSERT INTO payment (payment_id, booking_id, due_minor, paid_minor, refunded_minor, currency, state, provider,
        reference, exercise)
    SELECT 'pay-b' || g, 'b' || g, 4000, 0, 0, 'eur', 'pending', 'stripe', 'pi_' || g, false
    FROM generate_series(1, $1) g
"""
LOST: Final = "SELECT count(*) FROM payment WHERE paid_minor <> 4000 OR refunded_minor <> 500"


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    return [
        click.Option(["--payments"], type=click.IntRange(1), default=20, show_default=True, help="Made."),
        click.Option(["--times"], type=click.IntRange(1), default=50, show_default=True, help="Of each event."),
    ]


def run(payments: int, times: int) -> dict[str, object]:
    """Measure; see the module's docstring for what the figures mean."""
    return asyncio.run(_measure(payments, times))


@dataclass(frozen=True)
class _Event:
    """A signed event of the provider."""

    body: bytes
    header: str


async def _measure(payments: int, times: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="kiwimesh-bench-") as folder:
        async with EmbeddedServers(Path(folder) / "data") as urls:
            await migrate(urls.owner_url)
            admin = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""))
            await admin.execute(WORLD, payments)
            await admin.execute(PENDING, payments)
            secret = secrets.token_hex(16)
            async with _server(urls, Path(folder), secret) as url:
                sent = [event for number in range(1, payments + 1) for event in _events(number, secret)] * times
                random.shuffle(sent)
                began = time.monotonic()
                answered = await _send_all(url, sent)
                sent_s = time.monotonic() - began
                await _settled(admin)
            lost = await admin.fetchval(LOST)
            postings = await admin.fetchval("SELECT count(*) FROM ledger_posting")
            kept = await admin.fetchval("SELECT count(*) FROM webhook_event")
            await admin.close()
    latencies = sorted(seconds for _, seconds in answered)
    return {
        "events": 3 * payments,
        "sent": len(sent),
        "answered_204": sum(status == 204 for status, _ in answered),
        "events_kept": kept,
        "double_effects": max(0, postings - 2 * payments),
        "lost": lost,
        "answer_p50_ms": round(1000 * latencies[len(latencies) // 2], 1),
        "answer_p95_ms": round(1000 * latencies[int(0.95 * len(latencies))], 1),
        "sent_per_s": round(len(sent) / sent_s),
    }


@asynccontextmanager
async def _server(urls: ServerUrls, folder: Path, secret: str) -> AsyncIterator[str]:
    """The route of webhooks, and a worker beside it with connections of its own."""
    database, behind, clock = Database(urls.database_url), Database(urls.database_url), SystemClock()
    outbox, client = StoredOutbox(database), new_client()
    readers = {"stripe": StripeWebhooks(secret)}
    files = FolderFiles(folder / "files", secret, clock)
    adapters = in_memory(outbox, exercise=False)
    providers = Providers(adapters, in_memory(outbox, exercise=True), files, readers, client)
    kinds = JobKinds()
    PaymentFlow(providers, clock, "eur", lambda _: 0).register(kinds)
    app = web.Application(middlewares=[edge])
    bind_webhooks(app, WebhookDesk(database, readers), clock, "")
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with TaskSupervisor() as tasks:
        tasks.keep_running("doorbell", Doorbell(database, clock).run)
        tasks.keep_running("worker", Worker(behind, kinds, clock).run)
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1/webhooks/stripe"
    await runner.cleanup()
    await client.aclose()
    await database.close()
    await behind.close()


def _events(number: int, secret: str) -> list[_Event]:
    """What the provider has to say of one payment."""
    charge = {"object": "charge", "id": f"ch_{number}", "payment_intent": f"pi_{number}", "amount_refunded": BACK}
    intent = {"object": "payment_intent", "id": f"pi_{number}"}
    said = [
        ("payment_intent.payment_failed", intent | {"amount_received": 0}),
        ("payment_intent.succeeded", intent | {"amount_received": PAID}),
        ("charge.refunded", charge),
    ]
    return [_signed(f"evt_{number}_{place}", kind, body, secret) for place, (kind, body) in enumerate(said)]


def _signed(event_id: str, kind: str, subject: dict[str, object], secret: str) -> _Event:
    body = json.dumps({"id": event_id, "type": kind, "data": {"object": subject}}).encode()
    at_s = int(datetime.now(UTC).timestamp())
    mark = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return _Event(body, f"t={at_s},v1={mark}")


async def _send_all(url: str, events: list[_Event]) -> list[tuple[int, float]]:
    """Status and seconds of every answer."""
    slots = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession() as http:

        async def send(event: _Event) -> tuple[int, float]:
            async with slots:
                began = time.monotonic()
                async with http.post(url, data=event.body, headers={"Stripe-Signature": event.header}) as answer:
                    told = answer.status, time.monotonic() - began
            return await send(event) if told[0] == AWAY else told

        return await asyncio.gather(*map(send, events))


async def _settled(admin: asyncpg.Connection) -> None:
    """Waits until no effect is still to come; nightly jobs do not count."""
    left = "SELECT count(*) FROM job WHERE state IN ('waiting', 'running') AND kind LIKE 'webhook.%'"
    async with asyncio.timeout(PATIENCE_S):
        while await admin.fetchval(left):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.1)
