"""A connection's way out that takes what one turn of the event loop brings, and hands it to the network as one piece.

In: frames of a WebSocket. Out: the same bytes in the same order, in as few system calls as there are turns. A console
in a burst gets ten lines at once; ten system calls for them were a third of what they cost. Bound: `MOST_HELD` bytes
are held, and never beyond the turn; then the network's own buffer and its back pressure are asked as ever.
"""

import asyncio
from typing import Final

MOST_HELD: Final = 32 * 1024


class Corked:
    """Stands before a transport; as much of one as a WebSocket's writer uses."""

    def __init__(self, transport: asyncio.WriteTransport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Sends it with this turn's other pieces."""
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > MOST_HELD:
            self.flush()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def flush(self) -> None:
        """Hands on what is held; nothing where nothing is."""
        if not self._held:
            return
        held, self._held, self._size = self._held, [], 0
        self._transport.write(b"".join(held))
