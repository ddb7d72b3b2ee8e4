"""Bookings: one lifecycle for every service, nobody sent twice. Public names come from here.

What a service type is stands in `service_types/*.yaml`; who decides what happens is `lifecycle` (pure); `transitions`
carries it out in one transaction.
"""

from .catalogue import Catalogue, read_catalogue
from .desk import Bookings
from .errors import BookingError, NoSuchBooking, PolicyBroken, ResponderTaken, SlotTaken, UnknownServiceType
from .lifecycle import ENDS, OPEN, Forbidden, Responder, Why
from .policy import Dispatcher, DispatchRule, ServicePolicy
from .ports import EnqueueJob, RememberedJobs
from .promises import PAYMENT_JOB, REFUND_JOB
from .state import Actor, BookingState, Command, NewBooking, Scope
from .transitions import Transitions

__all__ = [
    "ENDS",
    "OPEN",
    "PAYMENT_JOB",
    "REFUND_JOB",
    "Actor",
    "BookingError",
    "BookingState",
    "Bookings",
    "Catalogue",
    "Command",
    "DispatchRule",
    "Dispatcher",
    "EnqueueJob",
    "Forbidden",
    "NewBooking",
    "NoSuchBooking",
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
    "read_catalogue",
]
