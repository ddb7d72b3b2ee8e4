"""Who may ask for work, who sees it, and whose devices, orders, payments and reports are whose."""

from dispatch.storage.context import BOUND_ROLES, DatabaseRole
from dispatch.storage.tables import (
    DeliveryRow,
    JobRow,
    LedgerPostingRow,
    NotificationChoiceRow,
    OutboxItemRow,
    PaymentRow,
    PharmacyOrderRow,
    PushDeviceRow,
    ReportRow,
    Row,
)

from .rules import PERSON_ROLES, Everything, Own, ScopeOfTable, Within, WriteOnly, each

R = DatabaseRole
READABLE: ScopeOfTable = {R.SUPER_ADMIN: Everything()}
OWN: ScopeOfTable = each(PERSON_ROLES, Own(writes=True))
REPORTERS = (R.SUPER_ADMIN, R.HOSPITAL_ADMIN, R.COMMUNITY_MANAGER, R.SUPERVISOR)

JOBS: dict[type[Row], ScopeOfTable] = {
    JobRow: {
        **each((*PERSON_ROLES, *BOUND_ROLES), WriteOnly()),
        R.SUPER_ADMIN: Everything(writes=True),
    },
    OutboxItemRow: READABLE,
    DeliveryRow: READABLE,
    PushDeviceRow: OWN,
    NotificationChoiceRow: OWN,
    PharmacyOrderRow: {R.RESIDENT: Own(writes=True)},
    PaymentRow: {
        **READABLE,
        R.HOSPITAL_ADMIN: Within("hospital", "hospital_id"),
        R.COMMUNITY_MANAGER: Within("community", "community_id"),
        R.RESIDENT: Own(),
    },
    LedgerPostingRow: {**READABLE, R.HOSPITAL_ADMIN: Within("hospital", "hospital_id")},
    ReportRow: each(REPORTERS, Own(writes=True)),
}
