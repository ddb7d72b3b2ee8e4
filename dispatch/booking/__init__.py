"""Bookings: one lifecycle for every service, nobody sent twice. Public names come from here.

What a service type is stands in `service_types/*.yaml`; who decides what happens is `lifecycle` (pure); `transitions`
carries it out in one transaction.
"""

from .catalogue import Catalogue, read_catalogue
from .demo import demo_calendars, seed_demo_calendars
from .desk import Bookings
from .errors import (
    BookingError,
    NoSuchBooking,
    NoSuchResponder,
    PolicyBroken,
    ResponderTaken,
    SlotTaken,
    UnknownServiceType,
)
from .handed_over import HandedOverCalls
from .lifecycle import ENDS, OPEN, Forbidden, Responder, Why
from .outbox import Place, place_of, read_outbox
from .policy import Dispatcher, DispatchRule, ServicePolicy
from .ports import Apply, EnqueueJob, RememberedJobs
from .promises import PAYMENT_JOB, REFUND_JOB
from .state import Actor, BookingState, Command, NewBooking, Scope
from .transitions import Transitions, check_role

__all__ = [
    "ENDS",
    "OPEN",
    "PAYMENT_JOB",
    "REFUND_JOB",
    "Actor",
    "Apply",
    "BookingError",
    "BookingState",
    "Bookings",
    "Catalogue",
    "Command",
    "DispatchRule",
    "Dispatcher",
    "EnqueueJob",
    "Forbidden",
    "HandedOverCalls",
    "NewBooking",
    "NoSuchBooking",
    "NoSuchResponder",
    "Place",
    "PolicyBroken",
    "RememberedJobs",
    "Responder",
    "ResponderTaken",
    "Scope",
    "ServicePolicy",
    "SlotTaken",
    "Transitions",
    "UnknownServiceType",
    "Why",
    "check_role",
    "demo_calendars",
    "place_of",
    "read_catalogue",
    "read_outbox",
    "seed_demo_calendars",
]
