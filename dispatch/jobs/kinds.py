"""Who carries out which kind of job, and what repeats: filled while the process is built, read by its workers.

In: handlers by kind. Out: the handler and policy of a job, the repeated jobs. Invariants: a kind has one handler; a
worker claims only kinds that it knows, so that an older worker leaves newer kinds alone.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from .backoff import Backoff
from .cron import Cron
from .errors import UnknownKind
from .job import Job, JobKind, Priority
from .patience import read_patience


class Run(Protocol):
    """A claimed job, and the two kinds of transaction that its handler may need. Both run as the worker role."""

    @property
    def job(self) -> Job: ...

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """For reading what to do; it ends nothing. Never hold it over a call to a provider."""
        ...

    def finish(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Ends the job together with what is written in it, or raises LeaseLost and writes nothing."""
        ...


Handler = Callable[[Run], Awaitable[None]]
"""Carries a job out. What it writes inside `run.finish()` happens once, whatever dies when; what it does outside may be
repeated and needs an idempotency key of its own. A handler that returns without finishing is finished by the worker."""


@dataclass(frozen=True)
class Kind:
    """How one kind of job is carried out."""

    handler: Handler
    longest_s: float
    """Seconds after which a try is stopped and counts as failed."""
    backoff: Backoff | None = None
    """None: what the table of patience says of the kind."""

    def backoff_of(self, job: Job) -> Backoff:
        """For how long a job is tried, and how often."""
        return self.backoff or read_patience().of(job.kind, job.priority)


@dataclass(frozen=True)
class Repeated:
    """A job that is asked for again and again. `name` is unique."""

    name: str
    cron: Cron
    kind: JobKind
    payload: Mapping[str, Any] = field(default_factory=dict)
    priority: Priority = Priority.BULK


class JobKinds:
    """All kinds of a process."""

    def __init__(self) -> None:
        self._kinds: dict[JobKind, Kind] = {}
        self._repeated: dict[str, Repeated] = {}

    def register(
        self, kind: JobKind, handler: Handler, *, backoff: Backoff | None = None, longest_s: float = 300.0
    ) -> None:
        """Says who carries `kind` out; a second handler for a kind is a mistake in the program."""
        assert kind not in self._kinds, f"two handlers for {kind}"
        self._kinds[kind] = Kind(handler, longest_s, backoff)

    def repeat(self, name: str, expression: str, kind: JobKind, payload: Mapping[str, Any] | None = None) -> None:
        """Asks for a job at every due moment of a cron expression (UTC). Raises CronBroken."""
        self._repeated[name] = Repeated(name, Cron.parse(expression), kind, payload or {})

    def of(self, kind: JobKind) -> Kind:
        """Raises UnknownKind."""
        if kind not in self._kinds:
            raise UnknownKind(kind)
        return self._kinds[kind]

    @property
    def names(self) -> tuple[JobKind, ...]:
        return tuple(sorted(self._kinds))

    @property
    def repeated(self) -> tuple[Repeated, ...]:
        return tuple(self._repeated.values())


def in_one_transaction(work: Callable[[Job, AsyncSession], Awaitable[None]]) -> Handler:
    """A handler for work that needs nothing but the database: all of it in the transaction that ends the job."""

    async def handler(run: Run) -> None:
        async with run.finish() as session:
            await work(run.job, session)

    return handler
