"""Loops that run as long as the service does. The only place of the package that makes tasks and catches everything.

A loop that fails is reported and started again after a pause; nothing one stream does can stop the others.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

_PAUSE_S: Final = 0.5
_log = logging.getLogger(__name__)


class Crew:
    """Named loops of one service. `failures` counts how often one had to be started again."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self.failures = 0

    def run(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Keep that loop running until close()."""
        self._tasks.append(asyncio.get_running_loop().create_task(self._keep(name, loop), name=name))

    async def close(self) -> None:
        """Cancel them all and wait until they are gone."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await loop()
            except Exception:  # noqa: BLE001 - the supervision boundary; reported
                self.failures += 1
                _log.exception("a transcription loop failed and is started again", extra={"loop": name})
            await asyncio.sleep(_PAUSE_S)


def safely(report: Callable[[], None], callback: Callable[[], None]) -> None:
    """Call somebody else's code: its exceptions are reported and end here."""
    try:
        callback()
    except Exception:  # noqa: BLE001 - the supervision boundary; reported
        _log.exception("a transcript listener failed")
        report()
