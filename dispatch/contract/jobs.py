"""HTTP bodies of what runs behind the scenes: jobs, and those that were given up."""

from enum import StrEnum

from .base import Identifier, Message, Moment, ShortText
from .http import PageQuery


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    """Given up: a dead letter, until somebody requeues it."""


class JobView(Message):
    """A job as administrators see it; its payload is ids of ours and is not shown."""

    job_id: Identifier
    kind: Identifier
    state: JobState
    queue: Identifier
    """`urgent`, `normal` or `bulk`."""
    tenant_kind: Identifier | None = None
    tenant_id: Identifier | None = None
    role: Identifier
    """The database role under which it was asked for."""
    correlation_id: ShortText
    attempts: int
    error_code: ShortText | None = None
    error_place: ShortText | None = None
    """File, line and function of the error, never its message."""
    run_at: Moment
    created_at: Moment
    ended_at: Moment | None = None


class JobQuery(PageQuery):
    """Which jobs are asked for."""

    state: JobState = JobState.DEAD
    kind: Identifier | None = None


class JobPage(Message):
    """Jobs, the latest first."""

    jobs: tuple[JobView, ...]
    next_cursor: str | None = None
