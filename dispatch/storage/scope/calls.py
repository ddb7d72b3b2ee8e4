"""Which calls a role reaches, and who may add to the audit log."""

from sqlalchemy import Select, select

from dispatch.storage.context import Context, DatabaseRole
from dispatch.storage.tables import AuditEventRow, CallRow, IncidentRow, PatientRow, Row, TimelineEntryRow, UnitRow

from .rules import (
    CENTRE_ROLES,
    PERSON_ROLES,
    BoundCentre,
    Everything,
    Logged,
    OfTenant,
    ScopeOfTable,
    Through,
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

REGROUPED: ScopeOfTable = {**OF_A_CALL, R.DISPATCH: BoundCentre(writes=True)}


def sent_to(context: Context) -> Select[str | None]:
    """The incidents that the units of the context's hospitals go to."""
    return select(UnitRow.incident_id).where(UnitRow.hospital_id.in_(sorted(context.covered("hospital"))))


CALLS: dict[type[Row], ScopeOfTable] = {
    IncidentRow: {**REGROUPED, R.PARAMEDIC: Through("incident_id", sent_to)},
    CallRow: REGROUPED,
    PatientRow: REGROUPED,
    TimelineEntryRow: OF_A_CALL,
}

AUDIT: dict[type[Row], ScopeOfTable] = {
    AuditEventRow: {
        **each((*PERSON_ROLES, R.DISPATCH), WriteOnly()),
        R.SUPER_ADMIN: Logged(Everything()),
        R.SUPERVISOR: Logged(OfTenant("centre")),
        R.HOSPITAL_ADMIN: Logged(OfTenant("hospital")),
        R.COMMUNITY_MANAGER: Logged(OfTenant("community")),
    },
}
