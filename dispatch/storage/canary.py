"""A canary on the broker: this process publishes to itself and listens, so that a dead listener is noticed.

A broker client that has silently stopped hearing looks healthy from every other side. Invariant: `heard_at` moves only
when a message has gone out and come back through the broker. Without an address there is no broker, and that is well.
"""

import asyncio
import secrets
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from dispatch.observability.clock import Clock

BEAT_S: Final = 1.0
DEAF_AFTER_S: Final = 5.0
PATIENCE_S: Final = 2.0
"""For a connection, and for the answer to one beat."""


class BrokerCanary:
    """Beats once a second. Run `run()` under supervision; it raises when the broker goes away."""

    def __init__(self, redis_url: str | None, clock: Clock) -> None:
        # No time-out of the client's own: on Python 3.11 a task that it is cancelled in goes on as if nothing had been.
        self._redis = (
            Redis.from_url(redis_url, socket_timeout=None, socket_connect_timeout=PATIENCE_S) if redis_url else None
        )
        self._clock = clock
        self._channel = f"kiwimesh:canary:{secrets.token_hex(6)}"
        self.heard_at: float | None = None

    @property
    def needed(self) -> bool:
        """Whether there is a broker at all."""
        return self._redis is not None

    @property
    def alive(self) -> bool:
        """Whether a beat was heard within the last five seconds."""
        return self.heard_at is not None and self._clock.monotonic() - self.heard_at < DEAF_AFTER_S

    async def run(self) -> None:
        """Beats and listens for ever, where there is a broker. Raises BrokerLost when it cannot be reached."""
        if self._redis is None:
            return
        try:
            async with self._redis.pubsub() as ear:
                async with asyncio.timeout(PATIENCE_S):
                    await ear.subscribe(self._channel)
                while True:
                    async with asyncio.timeout(PATIENCE_S):
                        await self._redis.publish(self._channel, b"beat")
                    await self._listen(ear)
        except (RedisError, OSError) as error:
            raise BrokerLost("the broker does not answer") from error

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()

    async def _listen(self, ear: PubSub) -> None:
        while await ear.get_message(ignore_subscribe_messages=True, timeout=BEAT_S) is not None:
            self.heard_at = self._clock.monotonic()


class BrokerLost(Exception):  # noqa: N818 - a state of the world
    """The broker cannot be reached. The supervisor tries again; calls go on without it."""

    code = "broker_lost"
    retryable = True
