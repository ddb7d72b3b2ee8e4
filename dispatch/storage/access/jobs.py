"""Jobs: everybody may ask for one in their own name, the worker carries them out, administrators see what is stuck."""

from typing import Final

from .rules import ALL, EVERYTHING, KEEP, PERSON_ROLES, SELF, R, Rule, TableAccess, rules

ASK: Final = ("INSERT",)
ASKERS: Final = tuple(role for role in PERSON_ROLES if role is not R.SUPER_ADMIN)
SERVERS: Final = tuple(role for role in R if role not in (*PERSON_ROLES, R.WORKER))

JOBS: Final = (
    TableAccess(
        "job",
        "tenant_id",
        (
            Rule(R.WORKER, ALL, EVERYTHING),
            Rule(R.SUPER_ADMIN, KEEP, EVERYTHING),
            *rules(SERVERS, ASK, EVERYTHING),
            *rules(ASKERS, ASK, f"person_id = {SELF}"),
        ),
    ),
)
