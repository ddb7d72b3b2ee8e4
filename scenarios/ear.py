"""How a player learns what happens on its call: through a console, or by asking for the exercise's log.

A console hears at once and takes a seat of the centre. The log is asked for by a trainer, who has no seat; its lines
come when they are in the database. Invariants: entries come in order, each once.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from dispatch.client import ClientError, ConsoleClient
from dispatch.contract.base import CallId
from dispatch.contract.console import CallEntries, DeliveryBody
from dispatch.contract.timeline import CallEnded, SpeechFinal, SpeechStable, TimelineEntry
from dispatch.contract.training_exercises import ExerciseLog
from dispatch.http_client import HttpClient
from dispatch.observability.supervision import TaskSupervisor

from .replay import settled

ASK_EVERY_S: Final = 0.4
SETTLE_S: Final = 8.0
"""Longest wait for the last words of a call that has ended."""
CALM_S: Final = 1.5
"""The log is whole when the call has ended and nothing has come for so long."""

OnEntries = Callable[[Sequence[TimelineEntry]], None]


class Ear(Protocol):
    """What a player needs."""

    async def connect(self) -> None: ...

    async def follow(self, call_id: CallId) -> None:
        """From the call's first line on."""
        ...

    def entries(self, call_id: CallId) -> Sequence[TimelineEntry]:
        """All lines so far."""
        ...

    async def settled(self, call_id: CallId) -> None:
        """Returns when no more lines are to come, or after a while."""
        ...

    async def close(self) -> None: ...


class ConsoleEar:
    """A console of its own."""

    def __init__(self, url: str, token: str, on_entries: OnEntries) -> None:
        def take(body: DeliveryBody) -> None:
            if isinstance(body, CallEntries):
                on_entries(body.entries)

        self._console = ConsoleClient(url, token, on_delivery=take)

    async def connect(self) -> None:
        await self._console.connect()

    async def follow(self, call_id: CallId) -> None:
        await self._console.open_call(call_id)

    def entries(self, call_id: CallId) -> Sequence[TimelineEntry]:
        return self._console.view.entries.get(call_id, [])

    async def settled(self, call_id: CallId) -> None:
        await settled(self._console, call_id)

    async def close(self) -> None:
        await self._console.close()


class LogEar:
    """Asks for the log of one exercise again and again. A server that is away is asked again."""

    def __init__(self, client: HttpClient, exercise_id: str, on_entries: OnEntries) -> None:
        self._client = client
        self._path = f"/v1/training/exercises/{exercise_id}/log"
        self._on_entries = on_entries
        self._entries: list[TimelineEntry] = []
        self._changed_at = time.monotonic()
        self._tasks = TaskSupervisor()

    async def connect(self) -> None:
        """Nothing to do before there is a call."""

    async def follow(self, call_id: CallId) -> None:
        del call_id
        self._tasks.start("exercise log", self._ask_on())

    def entries(self, call_id: CallId) -> Sequence[TimelineEntry]:
        del call_id
        return self._entries

    async def settled(self, call_id: CallId) -> None:
        deadline = time.monotonic() + SETTLE_S
        del call_id
        while time.monotonic() < deadline and not (_whole(self._entries) and self._calm_s > CALM_S):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        await self._tasks.close()

    @property
    def _calm_s(self) -> float:
        return time.monotonic() - self._changed_at

    async def _ask_on(self) -> None:
        while True:
            with contextlib.suppress(OSError, TimeoutError, ClientError):
                await self._ask()
            await asyncio.sleep(ASK_EVERY_S)

    async def _ask(self) -> None:
        after = self._entries[-1].seq if self._entries else 0
        log = await self._client.ask("GET", f"{self._path}?after_seq={after}", ExerciseLog)
        if log.entries:
            self._entries += log.entries
            self._changed_at = time.monotonic()
            self._on_entries(log.entries)


def _whole(entries: Sequence[TimelineEntry]) -> bool:
    stable = {entry.body.utterance_id for entry in entries if isinstance(entry.body, SpeechStable)}
    final = {entry.body.utterance.utterance_id for entry in entries if isinstance(entry.body, SpeechFinal)}
    return any(isinstance(entry.body, CallEnded) for entry in entries) and stable <= final
