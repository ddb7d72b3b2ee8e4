"""Routes of records: who did what to them."""

from typing import Final

from dispatch.contract.audit_log import AuditPage, AuditQuery
from dispatch.contract.roles import Role

from .spec import Method, guarded

RECORDS: Final = (
    guarded(
        "list_audit",
        Method.GET,
        "/v1/audit",
        "Who did what to which record, newest first.",
        (Role.SUPER_ADMIN, Role.SUPERVISOR, Role.HOSPITAL_ADMIN, Role.COMMUNITY_MANAGER),
        query=AuditQuery,
        answer=AuditPage,
        audited=True,
    ),
)
