"""Supervised tasks: the only place of the project that starts a bare asyncio task.

In: named coroutines. Out: their results, or one `TaskFailure` per error to a callback, a metric and the log.
Invariants: no task outlives its supervisor; no error is lost; one task's error never stops another task. A task that is
asked to keep running is started again after an error, with growing waits. A log line holds the error's type and place,
never its message: a message may quote a caller.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import structlog

from .clock import Clock, SystemClock
from .metrics import TASK_FAILURES, TASK_RESTARTS

Result = TypeVar("Result")

FIRST_WAIT_S: Final = 0.1
LONGEST_WAIT_S: Final = 30.0
HEALTHY_AFTER_S: Final = 60.0
"""A task that ran this long before its error starts over with the first wait."""
CANCEL_AGAIN_S: Final = 2.0

_log = structlog.get_logger()


@dataclass(frozen=True)
class TaskFailure:
    """A task ended with an error. `restarts_in_s` is None when it will not be started again."""

    name: str
    subject: str
    error: BaseException
    restarts_in_s: float | None


def error_place(error: BaseException) -> str:
    """Where an error was raised, as `file:line function`: safe to log, unlike its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno} {frames[-1].name}" if frames else "unknown"


def next_wait(wait_s: float, ran_s: float) -> float:
    """Seconds before the next start: doubles up to the longest wait, and starts over after a healthy run."""
    return FIRST_WAIT_S if ran_s >= HEALTHY_AFTER_S else min(max(wait_s * 2, FIRST_WAIT_S), LONGEST_WAIT_S)


class TaskSupervisor:
    """Owns background tasks from their start to their end. Use it as `async with TaskSupervisor() as tasks`."""

    def __init__(self, *, clock: Clock | None = None, on_failure: Callable[[TaskFailure], None] | None = None) -> None:
        self._clock = clock or SystemClock()
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closing = False

    def __len__(self) -> int:
        """How many tasks are running."""
        return len(self._tasks)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def start(self, name: str, work: Coroutine[Any, Any, Result], *, subject: str = "") -> asyncio.Task[Result]:
        """Runs `work` once. `name` is the kind of task (a metric label), `subject` the id that it works for.

        The error of a task that nobody awaits is reported all the same. Raises RuntimeError on a closed supervisor.
        """
        if self._closing:
            work.close()
            raise RuntimeError(f"the supervisor is closed; task {name} was not started")
        task = asyncio.create_task(work, name=f"{name}[{subject}]" if subject else name)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, name, subject))
        return task

    def keep_running(self, name: str, work: Callable[[], Awaitable[None]], *, subject: str = "") -> asyncio.Task[None]:
        """Runs `work()` until it returns; after an error starts it again, waiting 0.1 s, then doubling up to 30 s."""
        return self.start(name, self._restarting(name, work, subject), subject=subject)

    async def close(self) -> None:
        """Cancels every task and waits until all have ended. Safe to call twice.

        A task that has not ended after two seconds is cancelled again: a cancellation can be lost, for instance in
        `asyncio.wait_for` of Python 3.11 when what it waits for arrives at the same moment.
        """
        self._closing = True
        while ours := {task for task in self._tasks if task is not asyncio.current_task()}:
            for task in ours:
                task.cancel()
            await asyncio.wait(ours, timeout=CANCEL_AGAIN_S)

    async def _restarting(self, name: str, work: Callable[[], Awaitable[None]], subject: str) -> None:
        wait_s = 0.0
        while True:
            started = self._clock.monotonic()
            try:
                return await work()
            except Exception as error:  # noqa: BLE001 - a supervision boundary: reported, then started again
                wait_s = next_wait(wait_s, self._clock.monotonic() - started)
                self._report(TaskFailure(name, subject, error, wait_s))
            await self._clock.sleep(wait_s)
            TASK_RESTARTS.labels(name).inc()

    def _ended(self, task: asyncio.Task[Any], name: str, subject: str) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(TaskFailure(name, subject, error, None))

    def _report(self, failure: TaskFailure) -> None:
        TASK_FAILURES.labels(failure.name).inc()
        _log.error(
            "task failed",
            task=failure.name,
            subject=failure.subject,
            error_type=type(failure.error).__name__,
            error_place=error_place(failure.error),
            restarts_in_s=failure.restarts_in_s,
        )
        if self._on_failure is not None:
            self._on_failure(failure)
