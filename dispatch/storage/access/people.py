"""Who may see and keep people."""

from typing import Final

from .rules import (
    ALL,
    CENTRE_ROLES,
    EVERYTHING,
    HOSPITAL_ROLES,
    KEEP,
    PERSON_ROLES,
    READ,
    RESIDENTS_OF_MINE,
    SELF,
    STAFF_OF_MINE,
    R,
    Rule,
    TableAccess,
    by_grant,
    registry,
    rules,
)

PEOPLE: Final = (
    TableAccess(
        "person",
        "person_id",
        (
            registry(),
            registry(R.IDENTITY, READ),
            registry(R.SUPER_ADMIN, KEEP),
            *rules((R.NURSE, R.PARAMEDIC, R.RESIDENT, *CENTRE_ROLES, R.TRAINER), READ, f"person_id = {SELF}"),
            *rules((R.HOSPITAL_ADMIN,), READ, STAFF_OF_MINE),
            *rules((R.COMMUNITY_MANAGER,), READ, RESIDENTS_OF_MINE),
        ),
    ),
    TableAccess("credential", None, (Rule(R.IDENTITY, ALL, EVERYTHING),)),
    TableAccess(
        "role_grant",
        "person_id",
        (registry(), registry(R.IDENTITY, READ), *rules(PERSON_ROLES, READ, f"person_id = {SELF}")),
    ),
    TableAccess(
        "staff",
        "hospital_id",
        (registry(), registry(R.SUPER_ADMIN, KEEP), *by_grant(HOSPITAL_ROLES, "hospital", "hospital_id")),
    ),
    TableAccess(
        "resident",
        "community_id",
        (
            registry(),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant((R.COMMUNITY_MANAGER,), "community", "community_id", KEEP),
            Rule(R.RESIDENT, READ, f"person_id = {SELF}"),
        ),
    ),
)
