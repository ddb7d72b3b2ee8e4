"""What people ask of bookings over the API.

In: checked requests. Out: answers, or refusals with the problem that the booking's rules stand for. No rule is decided
here: the lifecycle, the policy and the database decide.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import DateTime, Integer, Text, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.booking import (
    Appointment,
    AssignBooking,
    BookingAction,
    BookingEvent,
    BookingEvents,
    BookingPage,
    BookingQuery,
    BookingRequest,
    ServiceTypes,
)
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage.prepared import PreparedSelect, later
from dispatch.storage.tables import AssignmentRow, BookingEventRow, BookingRow

from . import views
from .appointments import Appointments
from .errors import (
    BookingError,
    NoSuchBooking,
    NoSuchCalendar,
    NoSuchResident,
    NoSuchResponder,
    ResponderTaken,
    SlotTaken,
    UnknownServiceType,
)
from .lifecycle import Forbidden, Responder, Why
from .policy import ServicePolicy
from .ports import Apply
from .residence import CENTRE_ROLES, Residences
from .state import Actor, BookingState, Command, NewBooking, Scope
from .transitions import Transitions

CODES: Final[Mapping[type[BookingError], ProblemCode]] = {
    NoSuchBooking: ProblemCode.NOT_FOUND,
    NoSuchCalendar: ProblemCode.NOT_FOUND,
    NoSuchResident: ProblemCode.NOT_FOUND,
    NoSuchResponder: ProblemCode.NOT_FOUND,
    ResponderTaken: ProblemCode.CONFLICT,
    SlotTaken: ProblemCode.CONFLICT,
    UnknownServiceType: ProblemCode.INVALID_MESSAGE,
}
WHYS: Final[Mapping[Why, ProblemCode]] = {
    Why.CHANGED_SINCE: ProblemCode.VERSION_CONFLICT,
    Why.NOT_THIS_ROLE: ProblemCode.NOT_ALLOWED,
    Why.NOBODY_NAMED: ProblemCode.INVALID_MESSAGE,
    Why.UNSUITED: ProblemCode.REASON_NEEDED,
}

BOOKING_ID: Final = later("booking_id", Text())
SHOWN: Final = tuple(getattr(BookingRow, name) for name in views.SHOWN)
"""Rows are read as they are told, not as objects."""
SHORT: Final = PreparedSelect(select(*SHOWN).where(BookingRow.booking_id == BOOKING_ID))
DETAIL: Final = PreparedSelect(select(*SHOWN, BookingRow.responders).where(BookingRow.booking_id == BOOKING_ID))
ON_IT: Final = PreparedSelect(
    select(AssignmentRow.responder_kind, AssignmentRow.responder_id)
    .where(AssignmentRow.booking_id == BOOKING_ID, AssignmentRow.released_at.is_(None))
    .order_by(AssignmentRow.assignment_id)
)
LOG: Final = PreparedSelect(
    select(*(getattr(BookingEventRow, name) for name in BookingEvent.model_fields))
    .where(BookingEventRow.booking_id == BOOKING_ID)
    .order_by(BookingEventRow.version)
)


@contextmanager
def refusals() -> Iterator[None]:
    """Says what the rules forbid as the API does."""
    try:
        yield
    except Forbidden as error:
        raise Refused(WHYS.get(error.why, ProblemCode.WRONG_STATE), str(error)) from None
    except BookingError as error:
        raise Refused(CODES.get(type(error), ProblemCode.CONFLICT), str(error)) from None


class BookingDesk:
    """Answers the routes of bookings."""

    def __init__(
        self, residences: Residences, transitions: Transitions, appointments: Appointments, apply: Apply | None = None
    ) -> None:
        self._residences = residences
        self._transitions = transitions
        self._appointments = appointments
        self._apply = apply or transitions.apply

    @property
    def handlers(self) -> dict[str, Handler]:
        """By route name."""
        made: dict[str, Handler] = {
            "list_service_types": self.list_service_types,
            "create_booking": self.create,
            "list_bookings": self.list_bookings,
            "read_booking": self.read,
            "list_booking_events": self.list_events,
            "reschedule_booking": self.reschedule,
        }
        moves = set(BookingAction) - {BookingAction.RESCHEDULE}
        return made | {f"{action}_booking": partial(self.act, action) for action in moves}

    async def list_service_types(self, asked: Asked[None, None], session: AsyncSession) -> Answer:
        """The newest version of each type."""
        del asked, session
        newest = self._transitions.catalogue.newest.values()
        return Answer(ServiceTypes(service_types=tuple(map(views.service_type, newest))))

    async def create(self, asked: Asked[BookingRequest, None], session: AsyncSession) -> Answer:
        """A new booking: at once, for a slot, or on the waiting list."""
        with refusals():
            policy = self._transitions.catalogue.current(asked.body.service_type)
            if asked.role not in policy.roles.book:
                raise Refused(ProblemCode.NOT_ALLOWED, f"This is not booked by a {asked.role.replace('_', ' ')}.")
            new = await self._new_booking(asked, policy, session)
            state = await self._made(new, asked.body, policy, session)
        shown = views.booking_of_state(state, new)
        return Answer(shown, state.version, state.booking_id, state.scope.centre_id)

    async def _made(
        self, new: NewBooking, body: BookingRequest, policy: ServicePolicy, session: AsyncSession
    ) -> BookingState:
        wanted = [given for given in (body.appointment, body.wait) if given is not None]
        if len(wanted) != (0 if policy.slots is None else 1):
            raise Refused(
                ProblemCode.INVALID_MESSAGE, "Name an appointment or what to wait for, where there are slots."
            )
        if body.appointment:
            at = body.appointment
            return await self._appointments.book(session, new, at.calendar_id, at.starts_at)
        if body.wait:
            wait = body.wait
            return await self._appointments.wait(session, new, wait.calendar_id, wait.earliest, wait.latest)
        return await self._transitions.create(session, new)

    async def _new_booking(
        self, asked: Asked[BookingRequest, None], policy: ServicePolicy, session: AsyncSession
    ) -> NewBooking:
        body, context = asked.body, asked.principal.context(asked.role)
        new = NewBooking(
            service_type=body.service_type,
            scope=Scope(centre_id=asked.principal.centre_id),
            actor=actor(asked),
            at=asked.at,
            category=body.category,
            place=body.place,
            note=body.note,
        )
        if asked.role in CENTRE_ROLES and body.resident_id is None:
            return new
        residence = await self._residences.find(session, asked.role, context, body.resident_id)
        scope = residence.scope(asked.role, context)
        if scope is None:
            raise NoSuchResident("There is no such resident.")
        if policy.slots is not None:
            scope = replace(scope, centre_id=None)
        return replace(new, scope=scope, resident_id=residence.resident_id)

    async def list_bookings(self, asked: Asked[None, BookingQuery], session: AsyncSession) -> Answer:
        """A page of the bookings within reach."""
        wanted, after = asked.query, asked.after
        page = page_of(bool(wanted.status), bool(wanted.service_type), bool(after))
        rows = await page.rows(
            session,
            status=wanted.status,
            service_type=wanted.service_type,
            requested_at=datetime.fromisoformat(after[0]) if after else None,
            booking_id=after[1] if after else None,
            most=wanted.limit + 1,
        )
        shown, cursor = asked.page(rows, lambda row: (row["requested_at"].isoformat(), row["booking_id"]))
        return Answer(BookingPage(bookings=tuple(map(views.listed, shown)), next_cursor=cursor))

    async def read(self, asked: Asked[None, None], session: AsyncSession) -> Answer:
        """One booking."""
        row = await booking_row(session, DETAIL, asked.path["booking_id"])
        responders = await ON_IT.rows(session, booking_id=row["booking_id"])
        policy = self._transitions.catalogue.of(row["service_type"], row["policy_version"])
        detail = views.booking_detail(row, responders, policy, asked.role)
        return Answer(detail, detail.version, centre_id=detail.centre_id)

    async def list_events(self, asked: Asked[None, None], session: AsyncSession) -> Answer:
        """The log of one booking."""
        row = await booking_row(session, SHORT, asked.path["booking_id"])
        events = await LOG.rows(session, booking_id=row["booking_id"])
        return Answer(BookingEvents(events=tuple(map(views.event, events))), row["version"], centre_id=row["centre_id"])

    async def act(self, action: BookingAction, asked: Asked[Any, None], session: AsyncSession) -> Answer:
        """One step of the lifecycle."""
        with refusals():
            state = await self._apply(session, command(action, asked))
        return await answer(session, state)

    async def reschedule(self, asked: Asked[Appointment, None], session: AsyncSession) -> Answer:
        """Another slot."""
        with refusals():
            state = await self._appointments.reschedule(
                session, command(BookingAction.RESCHEDULE, asked), asked.body.calendar_id, asked.body.starts_at
            )
        return await answer(session, state)


@cache
def page_of(of_status: bool, of_service: bool, after: bool) -> PreparedSelect:
    """The select of a page: of a status, of a service, after where the last page ended, or without these."""
    query = select(*SHOWN).order_by(BookingRow.requested_at.desc(), BookingRow.booking_id.desc())
    if of_status:
        query = query.where(BookingRow.status == later("status", Text()))
    if of_service:
        query = query.where(BookingRow.service_type == later("service_type", Text()))
    if after:
        place = tuple_(later("requested_at", DateTime(timezone=True)), later("booking_id", Text()))
        query = query.where(tuple_(BookingRow.requested_at, BookingRow.booking_id) < place)
    return PreparedSelect(query.limit(later("most", Integer())))


def actor(asked: Asked[Any, Any]) -> Actor:
    """Who asks."""
    return Actor(asked.role.value, asked.principal.person_id)


def command(action: BookingAction, asked: Asked[Any, Any]) -> Command:
    """A request as a command."""
    body = asked.body
    named = body.responders if isinstance(body, AssignBooking) else ()
    return Command(
        booking_id=asked.path["booking_id"],
        action=action,
        actor=actor(asked),
        at=asked.at,
        take=tuple(Responder(one.responder_id, one.kind) for one in named),
        release=tuple(getattr(body, "responder_ids", ())),
        expected_version=asked.version,
        reason=getattr(body, "reason", None),
    )


async def booking_row(session: AsyncSession, columns: PreparedSelect, booking_id: str) -> Mapping[str, Any]:
    """A booking within reach. Raises Refused."""
    found: list[Mapping[str, Any]] = await columns.rows(session, booking_id=booking_id)
    if not found:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such booking.")
    return found[0]


async def answer(session: AsyncSession, state: BookingState) -> Answer:
    """A booking after a step."""
    booking = views.listed(await booking_row(session, SHORT, state.booking_id))
    return Answer(booking, booking.version, centre_id=booking.centre_id)
