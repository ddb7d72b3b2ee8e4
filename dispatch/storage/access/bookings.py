"""Bookings: kept by whom they are for, by where that person lives, by who provides, and by who dispatches."""

from typing import Final

from .rules import (
    ALL,
    APPEND,
    BOUND_CENTRE,
    CENTRE_ROLES,
    COMMUNITY_ROLES,
    EMPTY,
    EVERYTHING,
    HOSPITAL_ROLES,
    KEEP,
    READ,
    SELF,
    SERVING_HOSPITALS,
    R,
    Rule,
    TableAccess,
    by_grant,
    registry,
    rules,
)


def booked(privileges: tuple[str, ...]) -> tuple[Rule, ...]:
    """What carries a booking's scope."""
    return (
        Rule(R.WORKER, privileges, EVERYTHING),
        Rule(R.SUPER_ADMIN, READ, EVERYTHING),
        Rule(R.DISPATCH, privileges, BOUND_CENTRE),
        Rule(R.RESIDENT, privileges, f"person_id = {SELF}"),
        *by_grant(CENTRE_ROLES, "centre", "centre_id", privileges),
        *by_grant(HOSPITAL_ROLES, "hospital", "hospital_id", privileges),
        *by_grant((R.COMMUNITY_MANAGER,), "community", "community_id", privileges),
    )


SLOT_RULES: Final = (
    Rule(R.WORKER, KEEP, EVERYTHING),
    Rule(R.RESIDENT, KEEP, f"person_id = {SELF}"),
    *by_grant(HOSPITAL_ROLES, "hospital", "hospital_id", KEEP),
    *by_grant((R.COMMUNITY_MANAGER,), "community", "community_id", KEEP),
)

BOOKINGS: Final = (
    TableAccess(
        "booking",
        "person_id",
        (*booked(KEEP), Rule(R.LEDGER, READ, EVERYTHING), Rule(R.ARCHIVIST, EMPTY, EVERYTHING)),
    ),
    TableAccess("booking_event", "person_id", booked(APPEND)),
    TableAccess("assignment", "person_id", booked(KEEP)),
    TableAccess(
        "calendar",
        "hospital_id",
        (
            registry(R.REGISTRY, ALL),
            Rule(R.WORKER, READ, EVERYTHING),
            Rule(R.SUPER_ADMIN, READ, EVERYTHING),
            *by_grant((R.HOSPITAL_ADMIN,), "hospital", "hospital_id", KEEP),
            *by_grant((R.NURSE, R.PARAMEDIC), "hospital", "hospital_id"),
            *rules(COMMUNITY_ROLES, READ, SERVING_HOSPITALS),
        ),
    ),
    TableAccess("slot", "hospital_id", SLOT_RULES),
    TableAccess("waiting", "hospital_id", SLOT_RULES),
)
