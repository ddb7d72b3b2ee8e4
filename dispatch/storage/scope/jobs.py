"""Who may ask for work, and who sees it."""

from dispatch.storage.context import BOUND_ROLES, DatabaseRole
from dispatch.storage.tables import JobRow, Row

from .rules import PERSON_ROLES, Everything, ScopeOfTable, WriteOnly, each

R = DatabaseRole

JOBS: dict[type[Row], ScopeOfTable] = {
    JobRow: {
        **each((*PERSON_ROLES, *BOUND_ROLES), WriteOnly()),
        R.SUPER_ADMIN: Everything(writes=True),
    },
}
