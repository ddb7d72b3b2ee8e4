"""Every port with both of its adapters: the in-memory one, and the real one against a server that speaks its wire."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from dispatch.observability.clock import SystemClock
from dispatch.providers.files import Files, FolderFiles, S3Files, S3Place
from dispatch.providers.messaging import MemoryMessaging, Messaging, TwilioMessaging
from dispatch.providers.outbox import MemoryOutbox
from dispatch.providers.payments import MemoryPayments, Payments, StripePayments
from dispatch.providers.pharmacy import MemoryPharmacy, Pharmacy, SignedPharmacy
from dispatch.providers.push import FcmPush, MemoryPush, Push
from dispatch.providers.wire import new_client
from dispatch.transport.http import edge
from dispatch.transport.uploads import bind_uploads

from .servers import ACCESS, SECRET, ProviderServer

WITHIN_S = 1.0


@dataclass
class Ports:
    """The adapters of one kind."""

    payments: Payments
    messaging: Messaging
    push: Push
    pharmacy: Pharmacy
    files: Files
    counted: Callable[[str], int]
    """How many deeds of a port took effect."""


@pytest.fixture(scope="session")
def signing_server() -> ProviderServer:
    """Its key takes a while to make."""
    return ProviderServer()


@pytest.fixture
async def server(signing_server: ProviderServer) -> AsyncIterator[ProviderServer]:
    async with ProviderServer(key=signing_server.key).running() as running:
        yield running


@pytest.fixture
async def real(server: ProviderServer) -> AsyncIterator[Ports]:
    clock = SystemClock()
    async with new_client(WITHIN_S) as client:
        place = S3Place(server.url, "bucket", "eu-west-1", ACCESS, SECRET)
        lists = {
            "payments": server.intents,
            "messaging": server.texts,
            "push": server.pushes,
            "pharmacy": server.orders,
        }
        yield Ports(
            StripePayments(client, SECRET, url=server.url, payment_method="pm_card_visa"),
            TwilioMessaging(client, "AC1", SECRET, "+15005550006", url=server.url),
            FcmPush(client, server.account(), clock, url=server.url),
            SignedPharmacy(client, server.url, SECRET, clock),
            S3Files(client, place, clock),
            lambda port: len(lists[port]),
        )


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Ports]:
    """Uploads go to the product's own route, over HTTP."""
    outbox, app = MemoryOutbox(), web.Application(middlewares=[edge])
    files = FolderFiles(tmp_path, SECRET, SystemClock())
    bind_uploads(app, files)
    async with TestServer(app) as home:
        files.base_url = str(home.make_url("")).rstrip("/")
        yield Ports(
            MemoryPayments(outbox),
            MemoryMessaging(outbox),
            MemoryPush(outbox),
            MemoryPharmacy(outbox),
            files,
            lambda port: sum(
                item.port == port and item.operation in ("charge", "send", "place") for item in outbox._items.values()
            ),
        )


@pytest.fixture(params=["memory", "real"])
def ports(request: pytest.FixtureRequest) -> Ports:
    found: Ports = request.getfixturevalue(request.param)
    return found
