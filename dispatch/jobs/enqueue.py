"""Asking for work: a row in the caller's own transaction.

In: a session of any role, a `NewJob`. Out: nothing. Invariants: the job exists if and only if the change that asked for
it was committed; asking twice under the same key makes one job; any role may ask, in its own name only.
"""

import secrets
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.observability.logs import current_correlation_id
from dispatch.storage import Context
from dispatch.storage.prepared import PreparedInsert
from dispatch.storage.scope import CONTEXT_KEY
from dispatch.storage.tables import JobRow

from .job import NewJob, Tenant, in_exercise

ENQUEUED: Final = "jobs_enqueued"
"""Set on a session that asked for work: its commit rings the workers' doorbell."""

COLUMNS: Final = (
    "kind", "idempotency_key", "priority", "payload", "tenant_kind", "tenant_id", "role", "person_id",
    "correlation_id", "exercise",
)  # fmt: skip
AT_ONCE: Final = PreparedInsert(JobRow, COLUMNS, once=True)
LATER: Final = PreparedInsert(JobRow, (*COLUMNS, "run_at"), once=True)


async def enqueue(session: AsyncSession, job: NewJob) -> None:
    """Asks for `job` within the transaction of `session`. Raises StorageError as any statement does."""
    context: Context = session.info[CONTEXT_KEY]
    tenant = job.tenant or tenant_of(context)
    values = {
        "kind": job.kind,
        "idempotency_key": job.idempotency_key,
        "priority": int(job.priority),
        "payload": dict(job.payload),
        "tenant_kind": tenant.kind if tenant else None,
        "tenant_id": tenant.id if tenant else None,
        "role": context.role.value,
        "person_id": context.person_id,
        "correlation_id": job.correlation_id or current_correlation_id() or secrets.token_hex(8),
        "exercise": job.exercise or in_exercise(),
    }
    statement = AT_ONCE
    if job.run_at is not None:
        values["run_at"], statement = job.run_at, LATER
    await statement.write(session, values)
    session.info[ENQUEUED] = True


def tenant_of(context: Context) -> Tenant | None:
    """The tenant for whom somebody acts: the only one that their role covers, or their centre."""
    covered = [Tenant(kind, scope_id) for kind, scope_id in context.covers if scope_id]
    if len(covered) == 1:
        return covered[0]
    return Tenant("centre", context.centre_id) if context.centre_id else None
