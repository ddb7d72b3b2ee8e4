"""The audit log: everybody writes, few read."""

from typing import Final

from .rules import EVERYTHING, READ, R, Rule, TableAccess, by_grant, rules

AUDIT: Final = (
    TableAccess(
        "audit_event",
        "centre_id",
        (
            *rules((R.REGISTRY, R.IDENTITY, R.LEDGER), ("INSERT",), EVERYTHING),
            Rule(R.SUPER_ADMIN, READ, EVERYTHING),
            *by_grant((R.SUPERVISOR,), "centre", "centre_id"),
        ),
    ),
)
