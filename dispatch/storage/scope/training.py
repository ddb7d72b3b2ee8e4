"""Which training runs a role reaches."""

from dispatch.storage.context import DatabaseRole
from dispatch.storage.tables import Row, TrainingCountersignRow, TrainingOverruleRow, TrainingRunRow

from .rules import Own, ScopeOfTable, Within

R = DatabaseRole
KEPT: ScopeOfTable = {R.TRAINER: Within("centre", "centre_id", writes=True), R.OPERATOR: Own("trainee_id")}

TRAINING: dict[type[Row], ScopeOfTable] = {
    TrainingRunRow: KEPT,
    TrainingOverruleRow: KEPT,
    TrainingCountersignRow: {
        R.TRAINER: Within("centre", "centre_id"),
        R.OPERATOR: Own("trainee_id", writes=True),
    },
}
