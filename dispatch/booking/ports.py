"""What bookings need of others: work that is done later, stored in the transaction that asks for it.

Invariants: a job is stored or lost together with what asked for it; a key is stored once, however often it is enqueued.
"""

from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.jobs import NewJob

from .state import BookingState, Command


class Apply(Protocol):
    """Carries a command on a booking out in the transaction of `session`; `Transitions.apply` does.

    Whoever keeps what the responders do besides (`dispatch.dispatching.BookedUnits`) stands before it.
    """

    async def __call__(self, session: AsyncSession, command: Command) -> BookingState: ...


class EnqueueJob(Protocol):
    """Stores a job in the transaction of `session`; `dispatch.jobs.enqueue` does."""

    async def __call__(self, session: AsyncSession, job: NewJob) -> None: ...


@dataclass
class RememberedJobs:
    """Keeps jobs in memory, in the order in which they came."""

    jobs: dict[tuple[str, str], NewJob] = field(default_factory=dict)

    async def __call__(self, session: AsyncSession, job: NewJob) -> None:
        del session
        self.jobs.setdefault((job.kind, job.idempotency_key), job)

    def of_kind(self, kind: str) -> list[NewJob]:
        """All jobs of a kind."""
        return [job for job in self.jobs.values() if job.kind == kind]
