"""Training: a trainer keeps the runs of their centre, a trainee reads their own and signs them."""

from typing import Final

from .rules import APPEND, KEEP, READ, SELF, R, Rule, TableAccess, by_grant

OWN: Final = f"trainee_id = {SELF}"
KEPT: Final = by_grant((R.TRAINER,), "centre", "centre_id", APPEND)
OWN_READ: Final = Rule(R.OPERATOR, READ, OWN)

ROOM: Final = by_grant((R.TRAINER,), "centre", "centre_id", KEEP)
"""Exercises are the trainers' own business; a player signs in as one."""

TRAINING: Final = (
    TableAccess("training_player", "centre_id", ROOM),
    TableAccess("training_exercise", "centre_id", ROOM),
    TableAccess("training_injection", "centre_id", ROOM),
    TableAccess("training_run", "centre_id", (*KEPT, OWN_READ)),
    TableAccess("training_overrule", "centre_id", (*KEPT, OWN_READ)),
    TableAccess(
        "training_countersign",
        "centre_id",
        (*by_grant((R.TRAINER,), "centre", "centre_id", READ), Rule(R.OPERATOR, APPEND, OWN)),
    ),
)
