"""Which training runs a role reaches."""

from dispatch.storage.context import DatabaseRole
from dispatch.storage.tables import (
    Row,
    TrainingCountersignRow,
    TrainingExerciseRow,
    TrainingInjectionRow,
    TrainingOverruleRow,
    TrainingPlayerRow,
    TrainingRunRow,
)

from .rules import Own, ScopeOfTable, Within

R = DatabaseRole
KEPT: ScopeOfTable = {R.TRAINER: Within("centre", "centre_id", writes=True), R.OPERATOR: Own("trainee_id")}
ROOM: ScopeOfTable = {R.TRAINER: Within("centre", "centre_id", writes=True)}

TRAINING: dict[type[Row], ScopeOfTable] = {
    TrainingPlayerRow: ROOM,
    TrainingExerciseRow: ROOM,
    TrainingInjectionRow: ROOM,
    TrainingRunRow: KEPT,
    TrainingOverruleRow: KEPT,
    TrainingCountersignRow: {
        R.TRAINER: Within("centre", "centre_id"),
        R.OPERATOR: Own("trainee_id", writes=True),
    },
}
