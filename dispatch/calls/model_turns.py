"""When a model is asked in a live call: as the talk pauses, never twice at once, and once more when the call is over.

In: "an utterance has ended". Out: entries in the call's log with what a model proposed. Invariants: nothing waits for a
model; a question that newer words have overtaken is cancelled, but not for ever: after `PATIENCE_S` of talk without a
pause the one under way is let finish, and asked again after it; at most one question of a kind is in flight.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from dispatch.contract.base import CallId
from dispatch.contract.timeline import ModelClaim, ModelProposed, ModelSummarised, TimelineBody
from dispatch.observability.clock import Clock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.triage import Case, ModelSummary, grounded

from .ports import Reader

FINDINGS_PAUSE_S: Final = 1.0
"""A model is asked when nothing new has ended for this long, so that one question covers a burst of short answers."""
SUMMARY_PAUSE_S: Final = 3.0
PATIENCE_S: Final = 15.0
"""Words older than this are not made to wait for a pause; published products refresh their summaries as often."""


class Asking:
    """One kind of question about one call."""

    def __init__(
        self, name: str, subject: str, pause_s: float, ask: Callable[[], Awaitable[None]], clock: Clock,
        tasks: TaskSupervisor,
    ) -> None:  # fmt: skip
        self._name = name
        self._subject = subject
        self._pause_s = pause_s
        self._ask = ask
        self._clock = clock
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None
        self._unread_since = 0.0
        self._again = False

    def soon(self) -> None:
        """There is something new to ask about."""
        now = self._clock.monotonic()
        if self._task is None or self._task.done():
            self._unread_since = now
        elif now - self._unread_since >= PATIENCE_S:
            self._again = True
            return
        self.stop()
        self._task = self._tasks.start(self._name, self._run(), subject=self._subject)

    def stop(self) -> None:
        """Cancels the question that is waiting or under way."""
        self._again = False
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        await self._clock.sleep(self._pause_s)
        await self._ask()
        if self._again:
            self._again, self._task = False, None
            self.soon()


class ModelTurns:
    """A call's questions to the models. `case` gives the case of the moment, `enter` puts an answer into the log."""

    def __init__(
        self, call_id: CallId, reader: Reader, case: Callable[[], Case], enter: Callable[[TimelineBody], None],
        clock: Clock, tasks: TaskSupervisor,
    ) -> None:  # fmt: skip
        self._call_id = call_id
        self._reader = reader
        self._case = case
        self._enter = enter
        self._last: ModelProposed | None = None
        self._findings = Asking("model findings", call_id, FINDINGS_PAUSE_S, self._read, clock, tasks)
        self._summary = Asking("model summary", call_id, SUMMARY_PAUSE_S, self._summarise, clock, tasks)

    def utterance_ended(self) -> None:
        """New words have settled, on either side."""
        self._findings.soon()
        self._summary.soon()

    async def call_over(self) -> None:
        """Both sides have been heard out: what is still open is asked at once, the summary for the last time."""
        self._findings.stop()
        self._summary.stop()
        if self._case().turns:
            await self._read()
            await self._summarise(final=True)

    async def _read(self) -> None:
        proposal = await self._reader.extract(self._call_id, self._case())
        if proposal is None:
            return
        kept = grounded(self._case(), proposal)
        entry = ModelProposed(
            model=kept.model[:200],
            category=kept.category,
            claims=tuple(ModelClaim(code=claim.code, quote=claim.quote) for claim in kept.claims),
            dropped=len(proposal.claims) - len(kept.claims),
        )
        if entry != self._last:
            self._last = entry
            self._enter(entry)

    async def _summarise(self, *, final: bool = False) -> None:
        """Enters the newest summary; where no model gives one any more, that the old one is no longer shown."""
        shown = self._case().narrative
        summary = await self._reader.summarise(self._call_id, self._case())
        if summary is None and shown is not None:
            summary = ModelSummary(shown.source.reference, ())
        if summary is None:
            return
        self._enter(
            ModelSummarised(
                model=summary.model[:200], sentences=summary.sentences, dropped=summary.dropped, final=final
            )
        )
