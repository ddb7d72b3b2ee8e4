"""Records: their keys, how long they are kept, what must not go, and what goes."""

from typing import Final

from .rules import ALL, APPEND, BOUND_CENTRE, EVERYTHING, KEEP, READ, R, Rule, TableAccess, by_grant, registry

ARCHIVIST: Final = Rule(R.ARCHIVIST, ALL, EVERYTHING)
SUPERVISED: Final = (R.SUPERVISOR,)

RECORDS: Final = (
    TableAccess(
        "record_key",
        "centre_id",
        (
            ARCHIVIST,
            Rule(R.LEDGER, APPEND, EVERYTHING),
            Rule(R.CENTRE, READ, BOUND_CENTRE),
            *by_grant((R.OPERATOR, R.SUPERVISOR, R.TRAINER), "centre", "centre_id"),
        ),
    ),
    TableAccess(
        "record_policy",
        "centre_id",
        (ARCHIVIST, registry(privileges=READ), *by_grant(SUPERVISED, "centre", "centre_id", KEEP)),
    ),
    TableAccess("legal_hold", "centre_id", (ARCHIVIST, *by_grant(SUPERVISED, "centre", "centre_id", KEEP))),
    TableAccess("erasure", "centre_id", (ARCHIVIST, *by_grant(SUPERVISED, "centre", "centre_id", APPEND))),
)
