"""Writing the audit log.

In: what somebody did. Out: a row in the same transaction as the deed. Invariants: append-only; a deed and its entry are
committed together or not at all; writers never wait for each other; no personal data, ids alone.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.storage.prepared import PreparedInsert
from dispatch.storage.tables import AuditEventRow


@dataclass(frozen=True)
class AuditEntry:
    """One deed."""

    at: datetime
    person_id: str | None
    """None for the server itself."""
    role: str
    action: str
    """The name of the route, event or job."""
    subject_kind: str
    subject_id: str
    tenant: tuple[str, str] = ("", "")
    """Whose record it was: `centre`, `hospital` or `community`, and its id."""
    correlation_id: str = ""


ENTRY: Final = PreparedInsert(
    AuditEventRow,
    (
        "at", "actor_person_id", "role", "action", "subject_kind", "subject_id", "tenant_kind", "tenant_id",
        "correlation_id",
    ),
)  # fmt: skip


async def record(session: AsyncSession, entry: AuditEntry) -> None:
    """Adds an entry to the transaction of `session`."""
    kind, tenant_id = entry.tenant
    values = {
        "at": entry.at,
        "actor_person_id": entry.person_id,
        "role": entry.role,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "tenant_kind": kind,
        "tenant_id": tenant_id,
        "correlation_id": entry.correlation_id,
    }
    await ENTRY.write(session, values)
