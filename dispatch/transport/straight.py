"""The straight way out of a connection: events whose turn it is go to the network within the call that sends them.

In: messages, texts or sound. Out: their WebSocket frames in one write, or a refusal, after which they go by engineio's
queue. That queue costs a task, a timer and two turns of the loop for each packet: with 200 consoles more than half of
what a delivery takes of the processor. Invariants: nothing overtakes what waits in the queue, or what engineio's writer
is just sending; nothing is written to a connection that has not taken all of what it got before, so that a reader who
stalls holds no more memory than on the long way.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final

from engineio.packet import PING

MOST_AT_ONCE: Final = 64 * 1024
"""Bytes that a connection with nothing left to write is given in one piece: its high-water mark."""
TEXT: Final = 0x81
BINARY: Final = 0x82
"""A whole message of one kind or the other, as a WebSocket frame begins (RFC 6455, 5.2)."""


class OutgoingQueue(asyncio.Queue[Any]):
    """engineio's queue of a connection, which knows when its writer has sent all that it took."""

    def __init__(self) -> None:
        super().__init__()  # without a bound: engineio puts its own few packets; `depth` and the mailbox bound ours
        self._writer_rests = False
        self.write: Callable[[bytes], bool] | None = None
        """Writes frames where the connection has nothing left to write; says whether it did. None before it is open."""

    async def get(self) -> Any:
        """engineio's writer comes back for more only once it has sent everything."""
        self._writer_rests = self.empty()
        return await super().get()

    def put_nowait(self, item: Any) -> None:
        if item is None or item.packet_type != PING:  # a ping has no place among the messages: nothing waits for it
            self._writer_rests = False
        super().put_nowait(item)

    def write_now(self, messages: Iterable[str | bytes]) -> bool:
        """Writes messages at once, all or none; says whether it did."""
        if not self._writer_rests or self.write is None:
            return False
        return self.write(b"".join(map(frame_of, messages)))


def frame_of(message: str | bytes) -> bytes:
    """A message as a server's WebSocket frame: not masked, not compressed, in one piece."""
    kind, payload = (TEXT, message.encode()) if isinstance(message, str) else (BINARY, message)
    size = len(payload)
    if size < 126:
        return bytes((kind, size)) + payload
    if size < 1 << 16:
        return bytes((kind, 126)) + size.to_bytes(2, "big") + payload
    return bytes((kind, 127)) + size.to_bytes(8, "big") + payload
