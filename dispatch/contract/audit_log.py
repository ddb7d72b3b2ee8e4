"""The audit log as its readers see it."""

from dispatch.contract.base import Identifier, Message, Moment, PersonId, ShortText
from dispatch.contract.http import PageQuery


class AuditQuery(PageQuery):
    """Which entries; without a condition all that the reader may see, newest first."""

    person_id: Identifier | None = None
    action: Identifier | None = None
    subject_id: ShortText | None = None


class AuditLine(Message):
    """One deed: who did what to which record, under which role."""

    audit_id: int
    at: Moment
    person_id: PersonId | None
    """None for the server itself."""
    role: ShortText
    action: ShortText
    subject_kind: ShortText
    subject_id: ShortText
    tenant_kind: ShortText
    tenant_id: ShortText
    correlation_id: ShortText


class AuditPage(Message):
    """A page of the audit log, newest first."""

    entries: tuple[AuditLine, ...]
    next_cursor: str | None = None
