"""Which records a role reaches."""

from dispatch.storage.context import DatabaseRole
from dispatch.storage.tables import ErasureRow, LegalHoldRow, RecordKeyRow, RecordPolicyRow, Row

from .rules import CENTRE_ROLES, ScopeOfTable, Within, bound_centre, each

R = DatabaseRole
KEPT: ScopeOfTable = {R.SUPERVISOR: Within("centre", "centre_id", writes=True)}

RECORDS: dict[type[Row], ScopeOfTable] = {
    RecordKeyRow: bound_centre() | each((*CENTRE_ROLES, R.TRAINER), Within("centre", "centre_id")),
    RecordPolicyRow: KEPT,
    LegalHoldRow: KEPT,
    ErasureRow: KEPT,
}
