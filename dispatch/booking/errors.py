"""What can go wrong with bookings, besides what the lifecycle forbids.

BookingError
├── PolicyBroken            a service type's file is not a policy
├── UnknownServiceType      no such service type
├── NoSuchResident          no such resident within reach of who acts
├── NoSuchBooking           no such booking within reach of who acts
├── NoSuchResponder         no such unit within reach
├── ResponderTaken          the responder is on another booking, or has another appointment then
├── NoSuchCalendar          no such calendar within reach, or not for this service
├── NoSuchSlot              no slot begins then, or it cannot be booked
└── SlotTaken               somebody else has the slot
"""

# ruff: noqa: N818 - an error is named by what happened


class BookingError(Exception):
    """Root of the booking errors."""

    code = "booking_error"
    retryable = False


class PolicyBroken(BookingError):
    code = "policy_broken"


class UnknownServiceType(BookingError):
    code = "unknown_service_type"


class NoSuchResident(BookingError):
    code = "no_such_resident"


class NoSuchBooking(BookingError):
    code = "no_such_booking"


class NoSuchResponder(BookingError):
    code = "no_such_responder"


class ResponderTaken(BookingError):
    code = "responder_taken"


class SlotTaken(BookingError):
    code = "slot_taken"


class NoSuchCalendar(BookingError):
    code = "no_such_calendar"


class NoSuchSlot(BookingError):
    code = "no_such_slot"
