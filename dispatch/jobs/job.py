"""What a job is: asked for (`NewJob`), and claimed by a worker (`Job`).

Invariants: a payload holds ids and small values of ours, never personal data; a kind and its idempotency key name one
job for ever, however often it is asked for.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Final, NewType

_EXERCISE: Final = ContextVar("exercise", default=False)

JobId = NewType("JobId", int)
JobKind = str
"""Dotted and lower case: `payment.capture`."""


class Priority(IntEnum):
    """The queues, the most urgent first. Each has slots of its own in every worker, so that none waits for another."""

    URGENT = 0
    """Somebody is waiting at the scene: pages to a crew, service timers."""
    NORMAL = 1
    BULK = 2
    """Reports, reconciliation, cleaning up."""


@dataclass(frozen=True)
class Tenant:
    """To whom a job belongs: `kind` is centre, hospital or community."""

    kind: str
    id: str


@dataclass(frozen=True)
class NewJob:
    """Work to be done after the present transaction."""

    kind: JobKind
    idempotency_key: str
    """Unique within the kind: asking again changes nothing."""
    payload: Mapping[str, Any] = field(default_factory=dict)
    tenant: Tenant | None = None
    """None takes the one of whoever asks, if there is only one."""
    priority: Priority = Priority.NORMAL
    run_at: datetime | None = None
    """Not before this moment; None is at once."""
    correlation_id: str | None = None
    """None takes that of the running request."""
    exercise: bool = False
    """Belongs to a training call: never reaches a real provider."""


@dataclass(frozen=True)
class Job:
    """A job as its worker holds it. `fence` names this claim: a later one makes it worthless."""

    job_id: JobId
    kind: JobKind
    idempotency_key: str
    payload: Mapping[str, Any]
    tenant: Tenant | None
    priority: Priority
    role: str
    person_id: str | None
    correlation_id: str
    exercise: bool
    attempts: int
    """How often it has been claimed, this time included."""
    fence: int
    failing_s: float | None = None
    """How long before this claim its first failure was; None for a job that has not failed."""
    age_s: float = 0.0
    """How long before this claim it was asked for."""


@contextmanager
def exercising(exercise: bool) -> Iterator[None]:
    """While an exercise's job runs, everything that it starts knows."""
    token = _EXERCISE.set(exercise)
    try:
        yield
    finally:
        _EXERCISE.reset(token)


def in_exercise() -> bool:
    """Whether what runs now belongs to an exercise."""
    return _EXERCISE.get()
