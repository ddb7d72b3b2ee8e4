"""The clock port: elapsed time and waiting. Audio time is never taken from it, that is a sample count."""

import asyncio
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits; seconds."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""


class LoopClock:
    """The clock of the running event loop, which a test may let run as fast as it likes."""

    def monotonic(self) -> float:
        """Seconds of the loop's own clock."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of it."""
        await asyncio.sleep(seconds)
