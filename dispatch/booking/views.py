"""Bookings, their events and types as they are told over the wire. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from dispatch.contract.booking import (
    Booking,
    BookingAction,
    BookingDetail,
    BookingEvent,
    BookingStatus,
    ResponderKind,
    ResponderRef,
    ServiceType,
)
from dispatch.contract.roles import Role

from .lifecycle import Standing, possible
from .policy import ServicePolicy
from .state import BookingState, NewBooking

SHOWN = tuple(Booking.model_fields)
STATUSES = {status.value: status for status in BookingStatus}


def listed(row: Mapping[str, Any]) -> Booking:
    """A booking from the columns of `SHOWN`, named; they were checked when they were written."""
    return Booking.of_stored({**row, "status": STATUSES[row["status"]]})


def booking_of_state(state: BookingState, new: NewBooking) -> Booking:
    """A booking that was just made."""
    return Booking(
        booking_id=state.booking_id,
        service_type=state.service_type,
        policy_version=state.policy_version,
        status=state.status,
        version=state.version,
        requested_at=state.requested_at,
        starts_at=state.starts_at,
        ends_at=state.ends_at,
        category=new.category,
        resident_id=new.resident_id,
        community_id=state.scope.community_id,
        hospital_id=state.scope.hospital_id,
        centre_id=state.scope.centre_id,
        place=new.place,
        note=new.note,
    )


def booking_detail(
    row: Mapping[str, Any], on_it: Iterable[Mapping[str, Any]], policy: ServicePolicy, role: Role
) -> BookingDetail:
    """A booking from the columns of `SHOWN` and the number of responders, with who is on it, and what `role` may do to
    it now."""
    status = STATUSES[row["status"]]
    standing = Standing(status, row["version"], row["responders"])
    mine = tuple(a for a in BookingAction if role in policy.roles.may(a) and possible(policy.rules, standing, a))
    responders = tuple(
        ResponderRef(kind=ResponderKind(one["responder_kind"]), responder_id=one["responder_id"]) for one in on_it
    )
    return BookingDetail.of_stored({**row, "status": status, "responders": responders, "actions": mine})


def event(row: Mapping[str, Any]) -> BookingEvent:
    """One line of a booking's log."""
    told = {**row, "status": STATUSES[row["status"]], "responder_ids": tuple(row["responder_ids"])}
    return BookingEvent.of_stored(told)


def service_type(policy: ServicePolicy) -> ServiceType:
    """A type as it can be booked."""
    return ServiceType(
        service_type=policy.service_type,
        policy_version=policy.version,
        title=policy.title,
        modality=policy.modality,
        immediate=policy.slots is None,
        states=tuple(status for status in BookingStatus if status in policy.states),
        book_roles=tuple(role for role in Role if role in policy.roles.book),
        price_minor=policy.payment.price_minor,
    )
