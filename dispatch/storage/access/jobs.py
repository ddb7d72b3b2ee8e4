"""Jobs, providers and money: everybody may ask for work in their own name, the worker carries it out.

Administrators see what is stuck; people keep their own devices, choices, orders and reports; money is read by those
whom it concerns and written by the worker alone.
"""

from typing import Final

from .rules import (
    ALL,
    APPEND,
    EVERYTHING,
    KEEP,
    PERSON_ROLES,
    READ,
    SELF,
    R,
    Rule,
    TableAccess,
    granted,
    registry,
    rules,
)

ASK: Final = ("INSERT",)
ASKERS: Final = tuple(role for role in PERSON_ROLES if role is not R.SUPER_ADMIN)
SERVERS: Final = tuple(role for role in R if role not in (*PERSON_ROLES, R.WORKER))
OWN: Final = f"person_id = {SELF}"
WORKS: Final = Rule(R.WORKER, ALL, EVERYTHING)
REPORTERS: Final = (R.SUPER_ADMIN, R.HOSPITAL_ADMIN, R.COMMUNITY_MANAGER, R.SUPERVISOR)

JOBS: Final = (
    TableAccess(
        "job",
        "tenant_id",
        (
            WORKS,
            Rule(R.SUPER_ADMIN, KEEP, EVERYTHING),
            *rules(SERVERS, ASK, EVERYTHING),
            *rules(ASKERS, ASK, OWN),
        ),
    ),
    TableAccess("outbox_item", None, (WORKS, registry(R.SUPER_ADMIN, READ))),
    TableAccess("webhook_event", None, (WORKS,)),
    TableAccess("outbox_place", None, (WORKS,)),
    TableAccess("delivery", "person_id", (WORKS, registry(R.SUPER_ADMIN, READ))),
    TableAccess("push_device", "person_id", (WORKS, *rules(PERSON_ROLES, ALL, OWN))),
    TableAccess("notification_choice", "person_id", (WORKS, *rules(PERSON_ROLES, KEEP, OWN))),
    TableAccess("pharmacy_order", "person_id", (WORKS, Rule(R.RESIDENT, APPEND, OWN))),
    TableAccess(
        "payment",
        "hospital_id",
        (
            WORKS,
            registry(R.SUPER_ADMIN, READ),
            Rule(R.HOSPITAL_ADMIN, READ, granted(R.HOSPITAL_ADMIN, "hospital", "hospital_id")),
            Rule(R.COMMUNITY_MANAGER, READ, granted(R.COMMUNITY_MANAGER, "community", "community_id")),
            Rule(R.RESIDENT, READ, OWN),
        ),
    ),
    TableAccess(
        "ledger_posting",
        "hospital_id",
        (
            WORKS,
            registry(R.SUPER_ADMIN, READ),
            Rule(R.HOSPITAL_ADMIN, READ, granted(R.HOSPITAL_ADMIN, "hospital", "hospital_id")),
        ),
    ),
    TableAccess("report", "person_id", (WORKS, *rules(REPORTERS, APPEND, OWN))),
)
