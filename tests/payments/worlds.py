"""A resident with a phone and a login, bookings of theirs, a crew; and everything that runs behind the scenes."""

import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dispatch.jobs import JobKinds
from dispatch.notifications import FanOut
from dispatch.observability.clock import SystemClock
from dispatch.payments import PaymentFlow
from dispatch.pharmacy import PharmacyFlow
from dispatch.providers.chosen import Providers, in_memory, providers_of
from dispatch.providers.files import FolderFiles
from dispatch.providers.outbox import StoredOutbox
from dispatch.providers.payments import StripeWebhooks
from dispatch.providers.pharmacy import PharmacyWebhooks
from dispatch.providers.signatures import Delivery, timed_signature
from dispatch.providers.webhooks import WebhookDesk
from dispatch.providers.wire import new_client
from dispatch.reports import ReportFlow
from dispatch.settings import Settings
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY, WORKER
from dispatch.storage.tables import BookingRow, CommunityRow, HospitalRow, PersonRow
from tests.providers.servers import SECRET as KEY
from tests.providers.servers import ProviderServer

SECRET = "webhook-secret"
FEE = 1000


@dataclass
class Works:
    """Everything, on one database. `providers.real` may be exchanged before `register`."""

    database: Database
    providers: Providers
    kinds: JobKinds = field(default_factory=JobKinds)
    fee_of: Callable[[BookingRow], int] = lambda booking: FEE

    @property
    def desk(self) -> WebhookDesk:
        return WebhookDesk(self.database, self.providers.webhooks)

    def register(self) -> None:
        clock = SystemClock()
        PaymentFlow(self.providers, clock, "eur", self.fee_of).register(self.kinds)
        FanOut(self.providers, clock).register(self.kinds)
        PharmacyFlow(self.providers, clock).register(self.kinds)
        ReportFlow(self.providers.files, clock).register(self.kinds)


@asynccontextmanager
async def works_over_the_wire(database: Database, server: ProviderServer, folder: Path) -> AsyncIterator[Works]:
    """Everything, with every provider set to a server that speaks the wire."""
    key_file = folder / "fcm.json"
    key_file.write_text(json.dumps(asdict(server.account())))
    settings = Settings(
        data_dir=folder, stripe_key=KEY, stripe_url=server.url, twilio_account="AC1", twilio_token=KEY,
        twilio_sender="+15005550006", twilio_url=server.url, fcm_account=key_file, fcm_url=server.url,
        pharmacy_url=server.url, pharmacy_secret=KEY,
    )  # fmt: skip
    await settle(database)
    made = Works(database, providers_of(settings, database, SystemClock()))
    made.register()
    yield made
    await made.providers.client.aclose()


def works_on(database: Database, folder) -> Works:
    """Everything with the in-memory adapters."""
    outbox = StoredOutbox(database)
    return Works(
        database,
        Providers(
            in_memory(outbox, exercise=False),
            in_memory(outbox, exercise=True),
            FolderFiles(folder, SECRET, SystemClock()),
            {"stripe": StripeWebhooks(SECRET), "pharmacy": PharmacyWebhooks(SECRET)},
            new_client(),
        ),
    )


async def settle(database: Database) -> None:
    """One resident, one community, one hospital."""
    async with database.transaction(REGISTRY) as session:
        session.add(HospitalRow(hospital_id="h1", name="H"))
        session.add(CommunityRow(community_id="c1", name="C"))
        session.add(PersonRow(person_id="rita", display_name="Rita", phone="+447700900101"))


async def book(database: Database, status: str = "requested", **more: object) -> str:
    """A booking of the resident's."""
    booking_id = secrets.token_hex(6)
    values = {
        "booking_id": booking_id, "service_type": "consultation", "policy_version": 1, "status": status, "version": 1,
        "responders": 0, "person_id": "rita", "community_id": "c1", "hospital_id": "h1",
        "requested_at": datetime.now(UTC), "exercise": False,
    }  # fmt: skip
    async with database.transaction(WORKER) as session:
        session.add(BookingRow(**values | more))
    return booking_id


def signed(header: str, body: dict[str, object], secret: str = SECRET, at: datetime | None = None) -> Delivery:
    """A webhook as its provider signs it."""
    raw, moment = json.dumps(body).encode(), at or datetime.now(UTC)
    at_s = int(moment.timestamp())
    return Delivery({header: f"t={at_s},v1={timed_signature(secret, at_s, raw)}"}, raw, "https://x", datetime.now(UTC))


def stripe_event(event_id: str, kind: str, reference: str, amount: int) -> Delivery:
    """An event of Stripe's about a PaymentIntent."""
    if kind == "charge.refunded":
        subject = {"object": "charge", "id": "ch_1", "payment_intent": reference, "amount_refunded": amount}
    else:
        subject = {"object": "payment_intent", "id": reference, "amount_received": amount}
    body = {"id": event_id, "object": "event", "type": kind, "data": {"object": subject}}
    return signed("Stripe-Signature", body)
