"""Protocol approvals: medical directors sign for the centres that appointed them; the people of a centre read."""

from typing import Final

from .rules import (
    APPEND,
    CENTRE_ROLES,
    EVERYTHING,
    HOSPITAL_ROLES,
    KEEP,
    OWN_ROW,
    READ,
    SELF,
    R,
    Rule,
    TableAccess,
    granted,
    registry,
    rules,
)

PEOPLE_OF_CENTRE: Final = (*CENTRE_ROLES, R.TRAINER)
DIRECTED: Final = (
    f"centre_id = ANY(ARRAY(SELECT d.centre_id FROM medical_director d WHERE d.person_id = {SELF}"  # noqa: S608 - constants
    " AND d.ended_at IS NULL))"
)
"""Rows of the centres for which the acting person signs."""
SIGNED_BY_ME: Final = f"{OWN_ROW} AND {DIRECTED}"
SUPERVISED: Final = granted(R.SUPERVISOR, "centre", "centre_id")


def _signing() -> tuple[Rule, ...]:
    inside = tuple(
        Rule(role, APPEND, f"{DIRECTED} OR {granted(role, 'centre', 'centre_id')}", SIGNED_BY_ME)
        for role in PEOPLE_OF_CENTRE
    )
    return (*inside, *(Rule(role, APPEND, DIRECTED, SIGNED_BY_ME) for role in HOSPITAL_ROLES))


PROTOCOLS: Final = (
    TableAccess(
        "medical_director",
        "centre_id",
        (
            registry(),
            Rule(R.SUPER_ADMIN, KEEP, EVERYTHING, f"person_id <> {SELF}"),
            Rule(R.SUPERVISOR, KEEP, f"{OWN_ROW} OR {SUPERVISED}", f"person_id <> {SELF} AND {SUPERVISED}"),
            *rules((R.OPERATOR, R.TRAINER, *HOSPITAL_ROLES), READ, OWN_ROW),
        ),
    ),
    TableAccess("protocol_approval", "centre_id", (registry(privileges=READ), *_signing())),
)
