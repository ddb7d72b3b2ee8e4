"""Webhooks: verified, kept once, answered; what follows from them is a job.

In: a provider's name and a request as it arrived. Out: nothing, or WebhookForged. Invariants: an event is kept and its
job asked for in one transaction, so that what was answered is never lost; the same event, however often and however
many at once, is one row and one job; an answer never waits for the effect.
"""

from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert

from dispatch.jobs import NewJob, Priority, enqueue
from dispatch.observability import metrics
from dispatch.storage import Database
from dispatch.storage.context import WORKER
from dispatch.storage.tables import WebhookEventRow

from .errors import WebhookForged
from .signatures import Delivery, ProviderEvent, WebhookReader


class WebhookDesk:
    """Takes the webhooks of the configured providers."""

    def __init__(self, database: Database, readers: Mapping[str, WebhookReader]) -> None:
        self._database = database
        self._readers = readers

    def knows(self, provider: str) -> bool:
        return provider in self._readers

    async def take(self, provider: str, delivery: Delivery) -> None:
        """Keeps an event. Raises WebhookForged, StoreUnavailable (the provider then tries again)."""
        outcome = "not_kept"
        try:
            event = self._readers[provider].read(delivery)
            outcome = await self._keep(event) if event is not None else "ignored"
        except WebhookForged:
            outcome = "forged"
            raise
        finally:
            metrics.WEBHOOKS.labels(provider, outcome).inc()

    async def _keep(self, event: ProviderEvent) -> str:
        values = {
            "provider": event.provider,
            "event_id": event.event_id,
            "kind": event.kind,
            "reference": event.reference,
            "detail": dict(event.detail),
        }
        async with self._database.transaction(WORKER) as session:
            kept = insert(WebhookEventRow).values(**values).on_conflict_do_nothing()
            if await session.scalar(kept.returning(WebhookEventRow.event_id)) is None:
                return "repeated"
            await enqueue(session, job_of(event))
        return "kept"


def job_of(event: ProviderEvent) -> NewJob:
    """What follows from an event: `webhook.payment.paid` and the like."""
    return NewJob(
        kind=f"webhook.{event.kind}",
        idempotency_key=f"{event.provider}:{event.event_id}",
        payload={"reference": event.reference, **event.detail},
        priority=Priority.NORMAL,
    )
