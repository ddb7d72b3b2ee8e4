"""Who may see and keep organisations."""

from typing import Final

from .rules import (
    BOUND_CENTRE,
    CENTRE_ROLES,
    COMMUNITIES_OF_CENTRE,
    COMMUNITY_ROLES,
    HOSPITAL_ROLES,
    KEEP,
    READ,
    SERVED_COMMUNITIES,
    SERVING_HOSPITALS,
    R,
    Rule,
    TableAccess,
    by_grant,
    registry,
    rules,
)

ORGANISATIONS: Final = (
    TableAccess(
        "community",
        "community_id",
        (
            registry(),
            registry(R.IDENTITY, READ),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant(COMMUNITY_ROLES, "community", "community_id"),
            *rules(HOSPITAL_ROLES, READ, SERVED_COMMUNITIES),
            Rule(R.DISPATCH, READ, COMMUNITIES_OF_CENTRE),
        ),
    ),
    TableAccess(
        "hospital",
        "hospital_id",
        (
            registry(),
            registry(R.IDENTITY, READ),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant(HOSPITAL_ROLES, "hospital", "hospital_id"),
            *rules((*COMMUNITY_ROLES, R.SUPERVISOR), READ, SERVING_HOSPITALS),
        ),
    ),
    TableAccess(
        "hospital_community",
        "hospital_id",
        (
            registry(),
            registry(R.SUPER_ADMIN),
            *by_grant(HOSPITAL_ROLES, "hospital", "hospital_id"),
            *by_grant(COMMUNITY_ROLES, "community", "community_id"),
            Rule(R.SUPERVISOR, READ, COMMUNITIES_OF_CENTRE),
        ),
    ),
    TableAccess(
        "dispatch_centre",
        "centre_id",
        (
            registry(),
            registry(R.IDENTITY, READ),
            registry(R.SUPER_ADMIN, KEEP),
            *by_grant((*CENTRE_ROLES, R.TRAINER), "centre", "centre_id"),
        ),
    ),
    TableAccess(
        "centre_community",
        "centre_id",
        (
            registry(),
            registry(R.SUPER_ADMIN),
            Rule(R.DISPATCH, READ, BOUND_CENTRE),
            *by_grant(CENTRE_ROLES, "centre", "centre_id"),
        ),
    ),
    TableAccess("entry", "centre_id", (registry(), registry(R.SUPER_ADMIN))),
)
