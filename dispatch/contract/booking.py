"""Bookings on the wire: where one stands, what can be done to it, what happened to it.

One lifecycle for every service type; which of its states a type uses, and who may do what, stands in its policy
(`dispatch/booking/service_types/`).
"""

from enum import StrEnum


class BookingStatus(StrEnum):
    """Where a booking stands."""

    REQUESTED = "requested"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    IN_SERVICE = "in_service"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class BookingAction(StrEnum):
    """What moves a booking, or who is on it."""

    ASSIGN = "assign"
    UNASSIGN = "unassign"
    REASSIGN = "reassign"
    DEPART = "depart"
    START = "start"
    COMPLETE = "complete"
    CANCEL = "cancel"
    NO_SHOW = "no_show"
    RESCHEDULE = "reschedule"


class ResponderKind(StrEnum):
    """Who serves a booking."""

    UNIT = "unit"
    STAFF = "staff"
    NEIGHBOUR = "neighbour"


class Modality(StrEnum):
    """Where a service happens."""

    MOBILE = "mobile"
    """Somebody comes, now."""
    VISIT = "visit"
    """Somebody comes at a time that was agreed."""
    ON_SITE = "on_site"
    """The patient comes."""
    REMOTE = "remote"
    """Nobody travels."""
