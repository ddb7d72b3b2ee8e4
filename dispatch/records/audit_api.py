"""Reading the audit log over the API; a reader's scope is their role's, like everywhere."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.audit_log import AuditLine, AuditPage, AuditQuery
from dispatch.contract.base import PersonId
from dispatch.storage.tables import AuditEventRow


async def list_audit(asked: Asked[None, AuditQuery], session: AsyncSession) -> Answer:
    """A page of the log, newest first."""
    wanted = asked.query
    query = select(AuditEventRow).order_by(AuditEventRow.audit_id.desc()).limit(wanted.limit + 1)
    for column, value in (
        (AuditEventRow.actor_person_id, wanted.person_id),
        (AuditEventRow.action, wanted.action),
        (AuditEventRow.subject_id, wanted.subject_id),
    ):
        query = query if value is None else query.where(column == value)
    if asked.after:
        query = query.where(AuditEventRow.audit_id < int(asked.after[0]))
    rows, cursor = asked.page((await session.scalars(query)).all(), lambda row: (str(row.audit_id),))
    return Answer(AuditPage(entries=tuple(map(line, rows)), next_cursor=cursor))


def line(row: AuditEventRow) -> AuditLine:
    """A row as its readers see it."""
    return AuditLine(
        audit_id=row.audit_id,
        at=row.at,
        person_id=PersonId(row.actor_person_id) if row.actor_person_id else None,
        role=row.role,
        action=row.action,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        tenant_kind=row.tenant_kind,
        tenant_id=row.tenant_id,
        correlation_id=row.correlation_id,
    )


HANDLERS: Final[dict[str, Handler]] = {"list_audit": list_audit}
