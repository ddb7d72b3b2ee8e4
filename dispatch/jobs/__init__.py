"""Work behind the scenes: asked for in the transaction of a change, carried out by workers, never lost, never doubled.

Public names come from here. `enqueue` asks; `JobKinds.register` says who carries a kind out; `Worker` does it.
"""

from .backoff import Backoff
from .cron import Cron, CronBroken
from .doorbell import Doorbell
from .enqueue import enqueue
from .errors import JobError, JobFailed, LeaseLost, UnknownKind
from .job import Job, JobId, JobKind, NewJob, Priority, Tenant, exercising, in_exercise
from .kinds import Handler, JobKinds, Run, in_one_transaction
from .worker import DeadLetter, Worker

__all__ = [
    "Backoff",
    "Cron",
    "CronBroken",
    "DeadLetter",
    "Doorbell",
    "Handler",
    "Job",
    "JobError",
    "JobFailed",
    "JobId",
    "JobKind",
    "JobKinds",
    "LeaseLost",
    "NewJob",
    "Priority",
    "Run",
    "Tenant",
    "UnknownKind",
    "Worker",
    "enqueue",
    "exercising",
    "in_exercise",
    "in_one_transaction",
]
