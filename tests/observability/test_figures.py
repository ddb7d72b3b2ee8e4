"""Figures of what a process leans on: connections to the database, providers, webhooks, its own queues."""

import asyncio
import gc

import httpx
import pytest

from dispatch.observability import metrics
from dispatch.providers.errors import ProviderError, WebhookForged
from dispatch.providers.signatures import Delivery, ProviderEvent
from dispatch.providers.webhooks import WebhookDesk
from dispatch.providers.wire import ask
from dispatch.storage import Database
from dispatch.storage.engine import POOL_SIZE
from tests.payments.worlds import signed

pytestmark = pytest.mark.integration


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_pool_says_how_full_it_is_and_who_waits(database_url: str) -> None:
    database, label = Database(database_url, "full"), {"pool": "full"}
    held = [await database.engine.connect() for _ in range(POOL_SIZE)]
    assert (value("kiwimesh_pool_size", **label), value("kiwimesh_pool_in_use", **label)) == (POOL_SIZE, POOL_SIZE)
    async with asyncio.TaskGroup() as group:
        late = group.create_task(database.answers())
        while not value("kiwimesh_pool_waiting", **label):  # noqa: ASYNC110 - a gauge tells nobody
            await asyncio.sleep(0)
        for connection in held:
            await connection.close()
    assert late.result()
    assert (value("kiwimesh_pool_waiting", **label), value("kiwimesh_pool_in_use", **label)) == (0, 0)
    assert value("kiwimesh_pool_wait_seconds_count", **label) == POOL_SIZE + 1
    await database.close()


@pytest.mark.parametrize(("status", "outcome"), [(200, "done"), (500, "away"), (429, "busy"), (402, "refused")])
async def test_a_providers_answers_are_counted_by_how_they_ended(status: int, outcome: str) -> None:
    label = {"provider": "counted", "outcome": outcome}
    before = value("kiwimesh_provider_seconds_count", **label)
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    async with httpx.AsyncClient(transport=transport) as client:
        if status == 200:
            await ask(client, "counted", "GET", "https://provider.example.org/")
        else:
            with pytest.raises(ProviderError):
                await ask(client, "counted", "GET", "https://provider.example.org/")
    assert value("kiwimesh_provider_seconds_count", **label) == before + 1


class Reader:
    """Reads what a test says."""

    def read(self, delivery: Delivery) -> ProviderEvent | None:
        if b"forged" in delivery.body:
            raise WebhookForged("no")
        return None if b"other" in delivery.body else ProviderEvent("counted", "event-1", "none", "r")


async def test_webhooks_are_counted_by_what_became_of_them(fresh_database: Database) -> None:
    desk = WebhookDesk(fresh_database, {"counted": Reader()})
    for said in ("first", "again", "other"):
        await desk.take("counted", signed("X", {"said": said}))
    with pytest.raises(WebhookForged):
        await desk.take("counted", signed("X", {"said": "forged"}))
    outcomes = ("kept", "repeated", "ignored", "forged")
    assert [value("kiwimesh_webhooks_total", provider="counted", outcome=one) for one in outcomes] == [1, 1, 1, 1]


def test_the_fullest_queue_of_a_kind_is_shown_and_one_that_is_gone_is_not() -> None:
    queues = [asyncio.Queue[int](maxsize=3) for _ in range(2)]
    for queue, waiting in zip(queues, (1, 3), strict=True):
        metrics.QUEUES.watch("planted", queue, lambda owner: owner.qsize())
        for number in range(waiting):
            queue.put_nowait(number)
    del queue
    assert value("kiwimesh_queue_depth", queue="planted") == 3
    del queues[1]
    gc.collect()
    assert value("kiwimesh_queue_depth", queue="planted") == 1
