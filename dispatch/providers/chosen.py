"""Which adapters an installation uses: the in-memory ones, unless its settings name a real provider.

In: the settings, the database, the clock. Out: `Providers`. Invariant: what belongs to a training call reaches the
in-memory adapters, whatever the settings say (and should a handler forget to ask: `wire.ask` sends nothing within an
exercise's job).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from dispatch.jobs import in_exercise
from dispatch.observability.clock import Clock
from dispatch.settings import Settings
from dispatch.storage import Database
from dispatch.storage.data_root import secret_text

from .files import Files, FolderFiles, S3Files, S3Place
from .messaging import MemoryMessaging, Messaging, TwilioMessaging, TwilioWebhooks
from .outbox import Outbox, StoredOutbox
from .payments import MemoryPayments, Payments, StripePayments, StripeWebhooks
from .pharmacy import MemoryPharmacy, Pharmacy, PharmacyWebhooks, SignedPharmacy
from .push import FcmPush, MemoryPush, Push, ServiceAccount
from .signatures import WebhookReader
from .wire import new_client


@dataclass(frozen=True)
class Adapters:
    """One adapter for each port."""

    payments: Payments
    messaging: Messaging
    push: Push
    pharmacy: Pharmacy


@dataclass(frozen=True)
class Providers:
    """What the installation works with."""

    real: Adapters
    training: Adapters
    files: Files
    webhooks: Mapping[str, WebhookReader]
    client: httpx.AsyncClient = field(repr=False)

    def of(self, exercise: bool) -> Adapters:
        """The adapters for a real call or for a training call; within an exercise's job never the real ones."""
        return self.training if exercise or in_exercise() else self.real


def providers_of(settings: Settings, database: Database, clock: Clock) -> Providers:
    """Builds them. Raises OSError or ValueError for a key file that is none."""
    client, outbox = new_client(), StoredOutbox(database)
    real = Adapters(
        payments=_payments(settings, client, outbox),
        messaging=_messaging(settings, client, outbox),
        push=_push(settings, client, outbox, clock),
        pharmacy=_pharmacy(settings, client, outbox, clock),
    )
    return Providers(
        real, in_memory(outbox, exercise=True), _files(settings, client, clock), _readers(settings), client
    )


def in_memory(outbox: Outbox, *, exercise: bool) -> Adapters:
    """Adapters that only write down what they would do."""
    return Adapters(
        MemoryPayments(outbox, exercise=exercise),
        MemoryMessaging(outbox, exercise=exercise),
        MemoryPush(outbox, exercise=exercise),
        MemoryPharmacy(outbox, exercise=exercise),
    )


def _payments(settings: Settings, client: httpx.AsyncClient, outbox: Outbox) -> Payments:
    if settings.stripe_key is None:
        return MemoryPayments(outbox)
    return StripePayments(client, settings.stripe_key.get_secret_value(), url=settings.stripe_url)


def _messaging(settings: Settings, client: httpx.AsyncClient, outbox: Outbox) -> Messaging:
    if settings.twilio_token is None:
        return MemoryMessaging(outbox)
    token, callback = settings.twilio_token.get_secret_value(), f"{settings.public_url}/v1/webhooks/twilio"
    account, sender = settings.twilio_account, settings.twilio_sender
    return TwilioMessaging(
        client, account, token, sender, url=settings.twilio_url, callback=callback if settings.public_url else None
    )


def _push(settings: Settings, client: httpx.AsyncClient, outbox: Outbox, clock: Clock) -> Push:
    if settings.fcm_account is None:
        return MemoryPush(outbox)
    return FcmPush(client, ServiceAccount.read(settings.fcm_account), clock, url=settings.fcm_url)


def _pharmacy(settings: Settings, client: httpx.AsyncClient, outbox: Outbox, clock: Clock) -> Pharmacy:
    if settings.pharmacy_secret is None:
        return MemoryPharmacy(outbox)
    return SignedPharmacy(client, settings.pharmacy_url, settings.pharmacy_secret.get_secret_value(), clock)


def _files(settings: Settings, client: httpx.AsyncClient, clock: Clock) -> Files:
    if found := s3_files(settings, client, clock):
        return found
    keys = settings.data_dir / "secrets"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FolderFiles(
        settings.data_dir / "files", secret_text(keys / "uploads", new_secret), clock, base_url=settings.public_url
    )


def s3_files(settings: Settings, client: httpx.AsyncClient, clock: Clock) -> S3Files | None:
    """The bucket that the settings name."""
    if settings.s3_secret_key is None:
        return None
    secret = settings.s3_secret_key.get_secret_value()
    place = S3Place(settings.s3_url, settings.s3_bucket, settings.s3_region, settings.s3_access_key, secret)
    return S3Files(client, place, clock)


def new_secret() -> str:
    return secrets.token_urlsafe(48)


def _readers(settings: Settings) -> dict[str, WebhookReader]:
    """Only providers whose secret is known are listened to."""
    found: dict[str, WebhookReader] = {}
    if settings.stripe_webhook_secret is not None:
        found["stripe"] = StripeWebhooks(settings.stripe_webhook_secret.get_secret_value())
    if settings.twilio_token is not None:
        found["twilio"] = TwilioWebhooks(settings.twilio_token.get_secret_value())
    if settings.pharmacy_secret is not None:
        found["pharmacy"] = PharmacyWebhooks(settings.pharmacy_secret.get_secret_value())
    return found
