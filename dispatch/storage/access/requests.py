"""Keys of requests: everybody their own."""

from typing import Final

from .rules import APPEND, PERSON_ROLES, SELF, TableAccess, registry, rules

REQUESTS: Final = (
    TableAccess("idempotency_key", "person_id", (registry(), *rules(PERSON_ROLES, APPEND, f"person_id = {SELF}"))),
)
