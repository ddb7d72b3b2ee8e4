"""The audit log: everybody adds their own deeds, the tenant's admin reads, one server role seals."""

from typing import Final

from .rules import APPEND, EVERYTHING, PERSON_ROLES, READ, SELF, R, Rule, TableAccess, granted, rules

OWN_DEED: Final = f"actor_person_id = {SELF}"
READERS: Final = {R.SUPERVISOR: "centre", R.HOSPITAL_ADMIN: "hospital", R.COMMUNITY_MANAGER: "community"}
WRITERS: Final = tuple(role for role in PERSON_ROLES if role not in (R.SUPER_ADMIN, *READERS))
SERVER: Final = (R.REGISTRY, R.IDENTITY, R.LEDGER, R.ARCHIVIST, R.DISPATCH)

AUDIT: Final = (
    TableAccess(
        "audit_event",
        "tenant_id",
        (
            *rules(SERVER, ("INSERT",), EVERYTHING),
            Rule(R.AUDITOR, READ, EVERYTHING),
            *rules(WRITERS, ("INSERT",), OWN_DEED),
            Rule(R.SUPER_ADMIN, APPEND, EVERYTHING, OWN_DEED),
            *(
                Rule(role, APPEND, f"tenant_kind = '{kind}' AND {granted(role, kind, 'tenant_id')}", OWN_DEED)
                for role, kind in READERS.items()
            ),
        ),
    ),
    TableAccess("audit_seal", None, (Rule(R.AUDITOR, APPEND, EVERYTHING),)),
)
