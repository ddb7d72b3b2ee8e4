"""The audit log: everybody adds their own deeds, few read."""

from typing import Final

from .rules import APPEND, EVERYTHING, PERSON_ROLES, SELF, R, Rule, TableAccess, granted, rules

OWN_DEED: Final = f"actor_person_id = {SELF}"
WRITERS: Final = tuple(role for role in PERSON_ROLES if role not in (R.SUPER_ADMIN, R.SUPERVISOR))

AUDIT: Final = (
    TableAccess(
        "audit_event",
        "centre_id",
        (
            *rules((R.REGISTRY, R.IDENTITY, R.LEDGER), ("INSERT",), EVERYTHING),
            *rules(WRITERS, ("INSERT",), OWN_DEED),
            Rule(R.SUPER_ADMIN, APPEND, EVERYTHING, OWN_DEED),
            Rule(R.SUPERVISOR, APPEND, granted(R.SUPERVISOR, "centre", "centre_id"), OWN_DEED),
        ),
    ),
)
