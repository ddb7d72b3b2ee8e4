"""Which calls a role reaches, and who may add to the audit log."""

from dispatch.storage.context import DatabaseRole
from dispatch.storage.tables import AuditEventRow, CallRow, IncidentRow, PatientRow, Row, TimelineEntryRow

from .rules import (
    CENTRE_ROLES,
    PERSON_ROLES,
    Everything,
    Logged,
    OfTenant,
    ScopeOfTable,
    Within,
    WriteOnly,
    bound_centre,
    each,
)

R = DatabaseRole

OF_A_CALL: ScopeOfTable = {
    **bound_centre(),
    **each(CENTRE_ROLES, Within("centre", "centre_id")),
    R.TRAINER: Within("centre", "centre_id", exercises_only=True),
}

CALLS: dict[type[Row], ScopeOfTable] = dict.fromkeys((IncidentRow, CallRow, PatientRow, TimelineEntryRow), OF_A_CALL)

AUDIT: dict[type[Row], ScopeOfTable] = {
    AuditEventRow: {
        **each(PERSON_ROLES, WriteOnly()),
        R.SUPER_ADMIN: Logged(Everything()),
        R.SUPERVISOR: Logged(OfTenant("centre")),
        R.HOSPITAL_ADMIN: Logged(OfTenant("hospital")),
        R.COMMUNITY_MANAGER: Logged(OfTenant("community")),
    },
}
