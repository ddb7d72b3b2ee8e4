"""The broker's canary: it hears itself, says when nobody answers, and stops when it is told to."""

import asyncio

import pytest

from dispatch.contract.console import Health
from dispatch.node_health import broker_health
from dispatch.observability.clock import SystemClock
from dispatch.storage.canary import BrokerCanary, BrokerLost

pytestmark = pytest.mark.integration

STOPPED_S = 1.5
"""Far more than it takes to stop, less than a server waits before it cancels a task once more."""


async def test_a_beat_goes_out_and_is_heard(redis_url: str) -> None:
    canary = BrokerCanary(redis_url, SystemClock())
    beating = asyncio.create_task(canary.run())
    async with asyncio.timeout(10):
        while not canary.alive:  # noqa: ASYNC110 - a look now and then will do
            await asyncio.sleep(0.01)
    beating.cancel()
    await asyncio.wait({beating})
    await canary.close()


async def test_an_installation_without_a_broker_is_well_and_says_that_it_has_none() -> None:
    canary = BrokerCanary(None, SystemClock())
    await canary.run()
    assert broker_health(canary) == (Health.OFF, "")
    await canary.close()


async def test_a_broker_that_is_not_there_is_reported() -> None:
    canary = BrokerCanary("redis://127.0.0.1:1/0", SystemClock())
    with pytest.raises(BrokerLost):
        await canary.run()
    assert not canary.alive
    await canary.close()


@pytest.mark.parametrize("wait_ms", [0, 1, 2, 3, 5, 8, 13])
async def test_a_server_that_stops_while_a_beat_goes_out_does_not_wait_for_it(redis_url: str, wait_ms: int) -> None:
    canary = BrokerCanary(redis_url, SystemClock())
    beating = asyncio.create_task(canary.run())
    await asyncio.sleep(wait_ms / 1000)
    beating.cancel()
    ended, _ = await asyncio.wait({beating}, timeout=STOPPED_S)
    assert ended
    await canary.close()
