"""Work behind the scenes: asked for in the transaction of a change, carried out by workers, never lost, never doubled.

Public names come from here. `enqueue` asks; `JobKinds.register` says who carries a kind out; `Worker` does it.
"""

from .enqueue import enqueue
from .job import Job, JobId, JobKind, NewJob, Priority, Tenant

__all__ = ["Job", "JobId", "JobKind", "NewJob", "Priority", "Tenant", "enqueue"]
