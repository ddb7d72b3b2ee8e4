"""Places, units and what was sent: kept by the dispatching role of one centre, read by those who go or send."""

from typing import Final

from .rules import (
    BOUND_CENTRE,
    CENTRE_ROLES,
    COMMUNITIES_OF_CENTRE,
    EMPTY,
    EVERYTHING,
    KEEP,
    READ,
    SERVED_COMMUNITIES,
    R,
    Rule,
    TableAccess,
    by_grant,
    registry,
)

OF_THE_CENTRE: Final = (Rule(R.DISPATCH, KEEP, BOUND_CENTRE), *by_grant(CENTRE_ROLES, "centre", "centre_id"))

DISPATCHING: Final = (
    TableAccess(
        "place",
        "community_id",
        (
            registry(),
            registry(R.SUPER_ADMIN, READ),
            *(Rule(role, READ, COMMUNITIES_OF_CENTRE) for role in (R.DISPATCH, *CENTRE_ROLES)),
            Rule(R.PARAMEDIC, READ, SERVED_COMMUNITIES),
            *by_grant((R.COMMUNITY_MANAGER,), "community", "community_id"),
        ),
    ),
    TableAccess(
        "standing_note",
        "community_id",
        (registry(), Rule(R.DISPATCH, READ, COMMUNITIES_OF_CENTRE)),
    ),
    TableAccess(
        "unit",
        "centre_id",
        (
            registry(),
            registry(R.WORKER, READ),
            *OF_THE_CENTRE,
            *by_grant((R.HOSPITAL_ADMIN, R.PARAMEDIC), "hospital", "hospital_id"),
        ),
    ),
    TableAccess("unit_search", "centre_id", OF_THE_CENTRE),
    TableAccess(
        "unit_offer",
        "centre_id",
        (*OF_THE_CENTRE, *by_grant((R.PARAMEDIC,), "hospital", "hospital_id")),
    ),
    TableAccess(
        "dispatch_event",
        "centre_id",
        (*OF_THE_CENTRE, Rule(R.ARCHIVIST, EMPTY, EVERYTHING)),
    ),
)
