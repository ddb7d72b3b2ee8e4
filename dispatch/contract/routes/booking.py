"""Routes of bookings: asking for a service, following it, acting on it, and the calendars behind appointments.

The roles here are all that any service type gives the right to; which of them may do it to a booking says its policy.
"""

from typing import Final

from dispatch.contract.booking import (
    Appointment,
    AssignBooking,
    Booking,
    BookingDetail,
    BookingEvents,
    BookingPage,
    BookingQuery,
    BookingRequest,
    Calendar,
    CalendarChange,
    CalendarQuery,
    Calendars,
    CancelBooking,
    FreeSlotQuery,
    FreeSlots,
    PlaceInLine,
    ServiceTypes,
    UnassignBooking,
    WaitingList,
)
from dispatch.contract.http import PageQuery
from dispatch.contract.roles import Role

from .spec import Method, RouteSpec, guarded

BOOKERS: Final = (
    Role.RESIDENT,
    Role.COMMUNITY_MANAGER,
    Role.HOSPITAL_ADMIN,
    Role.NURSE,
    Role.PARAMEDIC,
    Role.OPERATOR,
    Role.SUPERVISOR,
)
READERS: Final = (*BOOKERS, Role.SUPER_ADMIN)
SLOT_STAFF: Final = (Role.COMMUNITY_MANAGER, Role.HOSPITAL_ADMIN, Role.NURSE)
SLOT_READERS: Final = (Role.RESIDENT, *SLOT_STAFF)
ONE: Final = "/v1/bookings/{booking_id}"


def action(name: str, summary: str, request: type | None = None) -> RouteSpec:
    """A route that moves a booking."""
    return guarded(
        f"{name}_booking", Method.POST, f"{ONE}/{name.replace('_', '-')}", summary, BOOKERS, request=request,
        answer=Booking, keyed=True, versioned=True,
    )  # fmt: skip


BOOKINGS: Final = (
    guarded(
        "list_service_types", Method.GET, "/v1/service-types", "The services that can be booked.", READERS,
        answer=ServiceTypes,
    ),
    guarded(
        "create_booking", Method.POST, "/v1/bookings", "Asks for a service.", BOOKERS, request=BookingRequest,
        answer=Booking, status=201, keyed=True,
    ),
    guarded(
        "list_bookings", Method.GET, "/v1/bookings", "The bookings within reach, the newest first.", READERS,
        query=BookingQuery, answer=BookingPage,
    ),
    guarded("read_booking", Method.GET, ONE, "One booking, with who is on it.", READERS, answer=BookingDetail),
    guarded(
        "list_booking_events", Method.GET, f"{ONE}/events", "Everything that happened to a booking.", READERS,
        answer=BookingEvents,
    ),
    guarded(
        "read_place_in_line", Method.GET, f"{ONE}/place-in-line", "Where a booking stands that waits for a slot.",
        SLOT_READERS, answer=PlaceInLine,
    ),
    action("assign", "Sends somebody.", AssignBooking),
    action("unassign", "Takes somebody off.", UnassignBooking),
    action("reassign", "Sends somebody instead of whoever is on it.", AssignBooking),
    action("depart", "Whoever is sent is on the way."),
    action("start", "The service begins."),
    action("complete", "The service is done."),
    action("no_show", "The patient is not there."),
    action("cancel", "Calls it off; whoever is on it is free again.", CancelBooking),
    action("reschedule", "Moves the appointment to another slot.", Appointment),
    guarded(
        "list_calendars", Method.GET, "/v1/calendars", "The calendars in which appointments can be made.",
        SLOT_READERS, query=CalendarQuery, answer=Calendars,
    ),
    guarded(
        "put_calendar", Method.PUT, "/v1/calendars/{calendar_id}", "Opens, changes or closes a calendar.",
        (Role.HOSPITAL_ADMIN,), request=CalendarChange, answer=Calendar, refusals=(409,),
    ),
    guarded(
        "list_free_slots", Method.GET, "/v1/calendars/{calendar_id}/free-slots", "The slots that are free.",
        SLOT_READERS, query=FreeSlotQuery, answer=FreeSlots,
    ),
    guarded(
        "list_waiting", Method.GET, "/v1/calendars/{calendar_id}/waiting", "Who waits for a slot, in order.",
        SLOT_STAFF, query=PageQuery, answer=WaitingList, audited=True,
    ),
)  # fmt: skip
