"""Broken messages of one connection, counted: pure. Enough of them in a short time and the connection is closed.

Only what a working client never sends counts. Sound that comes twice, late or out of order is a bad network, not a bad
client, and never counts.
"""

from typing import Final

LIMIT: Final = 20
FORGET_ONE_EVERY_S: Final = 5.0


class Strikes:
    """A bucket that fills by one a broken message and leaks one every five seconds."""

    def __init__(self) -> None:
        self._level = 0.0
        self._at = 0.0

    def strike(self, now: float) -> bool:
        """Counts one at monotonic time `now`; True when the connection has used up its patience."""
        self._level = max(0.0, self._level - (now - self._at) / FORGET_ONE_EVERY_S) + 1
        self._at = now
        return self._level > LIMIT
