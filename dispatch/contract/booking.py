"""Bookings on the wire: where one stands, what can be done to it, what happened to it.

One lifecycle for every service type; which of its states a type uses, and who may do what, stands in its policy
(`dispatch/booking/service_types/`).
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from .base import Identifier, LongText, Message, Moment, ShortText
from .http import PageQuery
from .roles import Role

LocalTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
CalendarDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


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


class ResponderRef(Message):
    """Somebody who can be sent."""

    kind: ResponderKind
    responder_id: Identifier


class ServiceType(Message):
    """A service that can be booked."""

    service_type: Identifier
    policy_version: int
    title: ShortText
    modality: Modality
    immediate: bool
    """There at once; otherwise by appointment."""
    states: tuple[BookingStatus, ...]
    book_roles: tuple[Role, ...]
    price_minor: int


class ServiceTypes(Message):
    service_types: tuple[ServiceType, ...]


class Appointment(Message):
    """A slot of a calendar."""

    calendar_id: Identifier
    starts_at: Moment


class Wait(Message):
    """The first slot of a calendar that becomes free within a window."""

    calendar_id: Identifier
    earliest: Moment
    latest: Moment


class BookingRequest(Message):
    """Asks for a service. Residents ask for themselves, everybody else says for whom."""

    service_type: Identifier
    resident_id: Identifier | None = None
    appointment: Appointment | None = None
    wait: Wait | None = None
    """Instead of an appointment."""
    category: int | None = Field(default=None, ge=1, le=5)
    place: ShortText = Field(default="", repr=False)
    note: LongText = Field(default="", repr=False)


class Booking(Message):
    """A booking as it stands."""

    booking_id: Identifier
    service_type: Identifier
    policy_version: int
    status: BookingStatus
    version: int
    requested_at: Moment
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    closed_at: Moment | None = None
    category: int | None = None
    resident_id: Identifier | None = None
    community_id: Identifier | None = None
    hospital_id: Identifier | None = None
    centre_id: Identifier | None = None
    incident_id: Identifier | None = None
    exercise: bool = False
    place: ShortText = Field(default="", repr=False)
    note: LongText = Field(default="", repr=False)


class BookingDetail(Booking):
    """A booking with who is on it, and what the reader's role may do to it now."""

    responders: tuple[ResponderRef, ...]
    actions: tuple[BookingAction, ...]


class BookingPage(Message):
    bookings: tuple[Booking, ...]
    next_cursor: str | None = None


class BookingQuery(PageQuery):
    """Which bookings are listed, the newest first."""

    status: BookingStatus | None = None
    service_type: Identifier | None = None


class BookingEvent(Message):
    """One thing that happened to a booking."""

    version: int
    at: Moment
    kind: Identifier
    status: BookingStatus
    actor_role: Identifier
    reason: Identifier | None = None
    responder_ids: tuple[Identifier, ...] = ()


class BookingEvents(Message):
    """The whole log of a booking, oldest first: version 1, 2, 3 and so on without a gap."""

    events: tuple[BookingEvent, ...]


class AssignBooking(Message):
    """Puts responders on a booking; when reassigning, instead of those who are on it."""

    responders: tuple[ResponderRef, ...] = Field(min_length=1, max_length=20)
    reason: Identifier | None = None
    """A code, such as `nobody_else_left`: why a unit goes that lacks what the service wants."""


class UnassignBooking(Message):
    responder_ids: tuple[Identifier, ...] = Field(min_length=1, max_length=20)
    reason: Identifier | None = None


class CancelBooking(Message):
    reason: Identifier | None = None
    """A code, such as `no_longer_needed`."""


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class OpeningTime(Message):
    """From when to when, in local time such as `08:30`; `24:00` is the end of the day."""

    opens: LocalTime
    closes: LocalTime


class WeekdayHours(Message):
    """When it is open on a day of every week."""

    weekday: Weekday
    openings: tuple[OpeningTime, ...] = Field(max_length=12)


class DateHours(Message):
    """When it is open on one date instead; no openings: closed."""

    date: CalendarDate
    openings: tuple[OpeningTime, ...] = Field(max_length=12)


class CalendarChange(Message):
    """What a hospital says of one of its calendars. The same id again changes it."""

    label: ShortText
    service_types: tuple[Identifier, ...] = Field(min_length=1, max_length=50)
    staff_id: Identifier | None = None
    zone: ShortText
    """IANA time zone, such as `Pacific/Auckland`."""
    weekly: tuple[WeekdayHours, ...] = Field(max_length=7)
    dates: tuple[DateHours, ...] = Field(default=(), max_length=400)
    closed: bool = False


class Calendar(Message):
    """Somebody, or some room, that can be booked by the slot."""

    calendar_id: Identifier
    hospital_id: Identifier
    label: ShortText
    service_types: tuple[Identifier, ...]
    zone: ShortText


class Calendars(Message):
    calendars: tuple[Calendar, ...]


class CalendarQuery(Message):
    service_type: Identifier | None = None


class FreeSlotQuery(Message):
    """Which slots are asked for: at most two weeks at once."""

    service_type: Identifier
    earliest: Moment
    latest: Moment


class FreeSlot(Message):
    starts_at: Moment
    ends_at: Moment


class FreeSlots(Message):
    zone: ShortText
    slots: tuple[FreeSlot, ...]


class WaitingEntry(Message):
    """A booking that waits for a slot of a calendar. Who it is for is told where the booking is read."""

    place: int
    """In the line, from 1. Whoever stands before is asked first, and passed over only where no free slot suits them."""
    booking_id: Identifier
    service_type: Identifier
    requested_at: Moment
    earliest: Moment
    latest: Moment
    """A slot that begins after it is of no use."""


class WaitingList(Message):
    """Who waits for a slot of a calendar, the first come first: the bookings within reach, with their places in all."""

    waiting: tuple[WaitingEntry, ...]
    next_cursor: str | None = None


class PlaceInLine(Message):
    """Where a booking that waits for a slot stands."""

    booking_id: Identifier
    calendar_id: Identifier
    place: int
    """From 1."""
    earliest: Moment
    latest: Moment
