"""What waits to be sent on one connection: bounded, newest-wins where that is right, in order otherwise.

In: messages. Out: emits, one after the other, and only while the connection takes them in. Bounds: `MAX_RELAYED` frames
of relayed sound, of which the oldest are dropped (a late voice is worse than a missing one); `MAX_MESSAGES` others, of
which the connection cannot have more without breaking its own protocol, so that beyond them it is closed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dispatch.contract.base import Message
from dispatch.observability import metrics
from dispatch.observability.clock import Clock

MAX_RELAYED: Final = 50
MAX_MESSAGES: Final = 256
SOCKET_DEPTH: Final = 32
"""Packets in the socket's own queue above which the mailbox waits; that queue has no bound of its own."""
WAIT_S: Final = 0.01

Emit = Callable[[str, Message | str], Awaitable[None]]
"""Sends an event with its body; a text is the body's JSON, which somebody has made already."""
EmitNow = Callable[[str, Sequence[Message | str]], bool]
"""Hands an event with each of these bodies to the network within the call; False where it did not."""


@dataclass(frozen=True, slots=True)
class _Letter:
    event: str
    body: Message | str
    key: str | None


class Mailbox:
    """The outgoing side of one connection."""

    def __init__(
        self, emit: Emit, depth: Callable[[], int], clock: Clock, emit_now: EmitNow = lambda *_: False
    ) -> None:
        self._emit = emit
        self._emit_now = emit_now
        self._depth = depth
        self._clock = clock
        self._letters: deque[_Letter] = deque()
        self._relayed: deque[_Letter] = deque(maxlen=MAX_RELAYED)
        self._sound_last = False
        self._wake = asyncio.Event()
        self._resting = False
        """All that was put has been emitted, and `run` waits for more."""
        self.closing = False
        """What waits is still sent, nothing more is taken."""
        metrics.QUEUES.watch("connection", self, lambda mailbox: len(mailbox._letters) + len(mailbox._relayed))

    def put(self, event: str, body: Message | str, *, key: str | None = None) -> None:
        """Queues a message. With a key it is sent now, or takes the place of the one that waits under the same key."""
        if self.closing or (key is not None and self._sent(event, (body,))):
            return
        letter = _Letter(event, body, key)
        if key is not None:
            for position, waiting in enumerate(self._letters):
                if waiting.key == key:
                    self._letters[position] = letter
                    return
        self._letters.append(letter)
        if len(self._letters) > MAX_MESSAGES:
            self.closing = True
        self._rouse()

    def put_all(self, event: str, bodies: Sequence[str]) -> None:
        """Sends bodies of one event: now and together where nothing else waits, else each in its turn."""
        if self._sent(event, bodies):
            return
        for body in bodies:
            self.put(event, body)

    def put_first(self, event: str, body: Message) -> None:
        """Queues a message before all others."""
        self._letters.appendleft(_Letter(event, body, None))
        self._rouse()

    def put_relayed(self, event: str, body: Message) -> None:
        """Sends sound now, or queues it; the oldest is dropped when too much waits."""
        if self._sent(event, (body,)):
            return
        if len(self._relayed) == MAX_RELAYED:
            metrics.RELAY_DROPS.inc()
        self._relayed.append(_Letter(event, body, None))
        self._rouse()

    def close(self) -> None:
        """Sends what waits, then ends `run`."""
        self.closing = True
        self._rouse()

    async def run(self) -> None:
        """Sends until closed. The caller closes the connection when this returns."""
        while True:
            self._resting = True
            await self._wake.wait()
            self._resting = False
            self._wake.clear()
            while self._relayed or self._letters:
                while self._depth() > SOCKET_DEPTH:
                    await self._clock.sleep(WAIT_S)
                letter = self._next()
                await self._emit(letter.event, letter.body)
            if self.closing:
                return

    def _sent(self, event: str, bodies: Sequence[Message | str]) -> bool:
        """Sends it past the queues, where nothing waits in them and the connection has nothing left to write."""
        return self._resting and not self.closing and self._emit_now(event, bodies)

    def _rouse(self) -> None:
        self._resting = False
        self._wake.set()

    def _next(self) -> _Letter:
        """Sound first, but never twice while a message waits: a link that can just carry a voice still brings cards."""
        self._sound_last = bool(self._relayed) and not (self._letters and self._sound_last)
        return self._relayed.popleft() if self._sound_last else self._letters.popleft()
