"""Units on incidents: sent, on their way, at the patient, released; each step with its booking in one transaction.

In: a deed, a unit, what is commanded or reported. Out: the unit's row after it. Invariants: a unit is sent by putting
it on a booking (`dispatch.booking`), whose index lets it be on one alone, so nobody is sent twice; the incident is
locked before its bookings and its units; what a unit leaves, it leaves together with its booking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from dispatch.booking import ENDS, Command, Forbidden, NewBooking, Responder, ResponderTaken, Scope, Transitions
from dispatch.booking import Actor as BookingActor
from dispatch.contract.base import IncidentId
from dispatch.contract.booking import BookingAction, BookingStatus, ResponderKind
from dispatch.contract.dispatching import IncidentClosed, UnitMoved, UnitState, UnitUpgraded, UnitView
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role
from dispatch.storage.tables import AssignmentRow, BookingRow, IncidentRow, UnitRow

from .deeds import Deed
from .unit_states import ON_MISSION, ON_THE_WAY, assigned, happened, off_duty_possible, released, reported
from .welfare import next_due_at

AMBULANCE: Final = "ambulance"
ENDED: Final = tuple(status.value for status in ENDS)


@dataclass(frozen=True)
class Missions:
    """Sends units and follows them."""

    transitions: Transitions

    async def send(
        self, deed: Deed, incident: IncidentRow, service_type: str, unit_id: str, *, capability: str | None = None,
        reason: str = "",
    ) -> UnitRow:  # fmt: skip
        """Puts a unit on the incident. The incident is locked. Raises Refused for a unit that is not free.

        A unit without the `capability` that is wanted goes for a `reason` alone.
        """
        _sent(await _unit(deed, unit_id, lock=False))  # without waiting for whoever is sending it just now
        unit = await _unit(deed, unit_id)
        state = _sent(unit)
        if unit.exercise != incident.exercise:
            raise Refused(ProblemCode.WRONG_STATE, "Exercises and emergencies have units of their own.")
        if capability and not reason and capability not in unit.capabilities:
            message = f"{unit.call_sign} is not equipped for this ({capability}). Say why it goes all the same."
            raise Refused(ProblemCode.REASON_NEEDED, message)
        booking = await self._booking_with_room(deed, incident, service_type)
        try:
            await self._apply(deed, booking, BookingAction.ASSIGN, take=(_responder(unit, service_type),))
        except ResponderTaken:
            raise Refused(ProblemCode.CONFLICT, f"{unit.call_sign} is on another booking.") from None
        except Forbidden as error:
            raise Refused(ProblemCode.CONFLICT, str(error)) from None
        unit.incident_id, unit.booking_id, unit.urgent = incident.incident_id, booking, True
        deed.touch(incident)
        await move_unit(deed, unit, state, reason)
        return unit

    async def report(
        self, deed: Deed, unit_id: str, report: UnitState, *, said_at: datetime | None = None,
        incident_id: str | None = None,
    ) -> UnitRow:  # fmt: skip
        """What a crew says, over HTTP or on the radio. Raises Refused where it cannot be.

        `said_at` is when it was, where the word comes late; `incident_id` of which mission it speaks.
        """
        unit, incident = await self._with_incident(deed, unit_id)
        if incident_id is not None and unit.incident_id != incident_id:
            raise Refused(ProblemCode.WRONG_STATE, f"{unit.call_sign} is no longer on that mission.")
        before = UnitState(unit.state)
        after = reported(before, report)
        if after is None:
            raise Refused(ProblemCode.WRONG_STATE, f"{unit.call_sign} is {before.replace('_', ' ')}.")
        if after is before:
            return unit
        if incident is not None:
            await self._booking_follows(deed, unit, after)
        await move_unit(deed, unit, after, happened_at=happened(said_at, deed.at, unit.state_since))
        if after is UnitState.ON_SCENE and incident is not None:
            incident.welfare_due_at = None
            deed.touch(incident)
        if after is UnitState.CLEAR:
            unit.incident_id, unit.booking_id = None, None
        return unit

    async def stand_down(self, deed: Deed, unit_id: str, reason: str) -> UnitRow:
        """Takes a unit that is on its way off its incident. Raises Refused."""
        unit, incident = await self._with_incident(deed, unit_id)
        if UnitState(unit.state) not in ON_THE_WAY or incident is None:
            raise Refused(ProblemCode.WRONG_STATE, f"{unit.call_sign} is not on its way to anybody.")
        await self._leave_booking(deed, unit)
        await move_unit(deed, unit, UnitState.AVAILABLE, reason)
        unit.incident_id, unit.booking_id = None, None
        await deed.session.flush()
        if not await units_of(deed, incident.incident_id):
            incident.welfare_due_at = next_due_at(incident.category, deed.at)
            deed.touch(incident)
        return unit

    async def upgrade(self, deed: Deed, unit_id: str, *, urgent: bool, reason: str) -> UnitRow:
        """Lights and sirens, or no longer. Raises Refused."""
        unit, incident = await self._with_incident(deed, unit_id)
        if UnitState(unit.state) not in ON_MISSION:
            raise Refused(ProblemCode.WRONG_STATE, f"{unit.call_sign} is not on its way to anybody.")
        unit.urgent = urgent
        deed.touch(unit)
        body = UnitUpgraded(unit_id=unit.unit_id, call_sign=unit.call_sign, urgent=urgent, reason=reason)
        await deed.log(body, incident_id=incident.incident_id if incident else None, unit_id=unit.unit_id)
        return unit

    async def set_duty(self, deed: Deed, unit_id: str, *, on_duty: bool) -> UnitRow:
        """On duty or off. Raises Refused in the middle of a mission, and for a withdrawn unit."""
        unit = await _unit(deed, unit_id)
        if not on_duty and not off_duty_possible(UnitState(unit.state)):
            raise Refused(ProblemCode.WRONG_STATE, f"{unit.call_sign} is in the middle of a mission.")
        if on_duty and unit.withdrawn_at is not None:
            way_out = "The centre's supervisor can bring it back."
            raise Refused(ProblemCode.WRONG_STATE, f"{unit.call_sign} is withdrawn. {way_out}")
        if unit.on_duty != on_duty:
            unit.on_duty = on_duty
            deed.touch(unit)
        return unit

    async def close(self, deed: Deed, incident: IncidentRow, reason: str) -> None:
        """Ends a locked incident: its bookings end and its units are released with it."""
        query = select(BookingRow.booking_id, BookingRow.status).where(
            BookingRow.incident_id == incident.incident_id, BookingRow.closed_at.is_(None)
        )
        for booking_id, status in (await deed.session.execute(query.order_by(BookingRow.booking_id))).all():
            ends = BookingAction.COMPLETE if status == BookingStatus.IN_SERVICE else BookingAction.CANCEL
            await self._apply(deed, booking_id, ends)
        units = await units_of(deed, incident.incident_id, lock=True)
        incident.closed_at, incident.welfare_due_at = deed.at, None
        deed.touch(incident)
        names = tuple(unit.unit_id for unit in units)
        await deed.log(IncidentClosed(released=names, reason=reason), incident_id=incident.incident_id)
        for unit in units:
            await move_unit(deed, unit, released(UnitState(unit.state)), reason)
            unit.incident_id, unit.booking_id = None, None

    async def sent_as(self, deed: Deed, unit_id: str) -> tuple[str | None, str]:
        """The incident that a unit is on, if any, and the service as which it was sent there."""
        query = select(UnitRow.incident_id, BookingRow.service_type).where(UnitRow.unit_id == unit_id)
        found = (
            await deed.session.execute(query.join(BookingRow, BookingRow.booking_id == UnitRow.booking_id))
        ).first()
        return (found[0], found[1]) if found else (None, AMBULANCE)

    async def _with_incident(self, deed: Deed, unit_id: str) -> tuple[UnitRow, IncidentRow | None]:
        """A unit and the incident that it is on, both locked, the incident first."""
        seen = select(UnitRow.incident_id).where(UnitRow.unit_id == unit_id)
        incident_id = await deed.session.scalar(seen)
        incident = None
        if incident_id:
            query = select(IncidentRow).where(IncidentRow.incident_id == incident_id).with_for_update()
            incident = await deed.session.scalar(query.execution_options(populate_existing=True))
        unit = await _unit(deed, unit_id)
        if unit.incident_id != incident_id:
            raise Refused(ProblemCode.KEY_IN_USE, f"{unit.call_sign} was just sent elsewhere.")
        return unit, incident

    async def _booking_with_room(self, deed: Deed, incident: IncidentRow, service_type: str) -> str:
        """The incident's booking of this service; a new one where there is none, or the last one is full."""
        policy = self.transitions.catalogue.current(service_type)
        query = (
            select(BookingRow.booking_id)
            .where(
                BookingRow.incident_id == incident.incident_id,
                BookingRow.service_type == service_type,
                BookingRow.closed_at.is_(None),
                BookingRow.responders < policy.responders.most,
            )
            .order_by(BookingRow.requested_at)
            .limit(1)
        )
        found = await deed.session.scalar(query)
        return found or await self._book(deed, incident, service_type)

    async def _book(self, deed: Deed, incident: IncidentRow, service_type: str) -> str:
        new = NewBooking(
            service_type=service_type,
            scope=Scope(centre_id=incident.centre_id),
            actor=_actor(deed),
            at=deed.at,
            incident_id=incident.incident_id,
            category=incident.category,
            exercise=incident.exercise,
            place=incident.place_label,
        )
        return (await self.transitions.create(deed.session, new)).booking_id

    async def _booking_follows(self, deed: Deed, unit: UnitRow, after: UnitState) -> None:
        """Moves the booking along with its unit; whoever comes second moves nothing."""
        if unit.booking_id is None:
            return
        status = await self._status(deed, unit.booking_id)
        if after is UnitState.EN_ROUTE and status is BookingStatus.ASSIGNED:
            await self._apply(deed, unit.booking_id, BookingAction.DEPART)
        elif after is UnitState.ON_SCENE and status is not BookingStatus.IN_SERVICE:
            if status is BookingStatus.ASSIGNED:
                await self._apply(deed, unit.booking_id, BookingAction.DEPART)
            await self._apply(deed, unit.booking_id, BookingAction.START)
        elif after is UnitState.CLEAR:
            await self._leave_booking(deed, unit)

    async def _leave_booking(self, deed: Deed, unit: UnitRow) -> None:
        """Takes a unit off its booking; the last one who serves the patient completes it."""
        if unit.booking_id is None:
            return
        booking = await deed.session.get_one(BookingRow, unit.booking_id, with_for_update=True, populate_existing=True)
        if booking.status in ENDED:
            return
        if booking.status == BookingStatus.IN_SERVICE and booking.responders == 1:
            await self._apply(deed, unit.booking_id, BookingAction.COMPLETE)
        else:
            await self._apply(deed, unit.booking_id, BookingAction.UNASSIGN, release=(unit.unit_id,))

    async def _status(self, deed: Deed, booking_id: str) -> BookingStatus:
        query = select(BookingRow.status).where(BookingRow.booking_id == booking_id).with_for_update()
        return BookingStatus((await deed.session.scalars(query)).one())

    async def _apply(
        self, deed: Deed, booking_id: str, action: BookingAction, *, take: tuple[Responder, ...] = (),
        release: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        command = Command(booking_id, action, _actor(deed), deed.at, take=take, release=release)
        await self.transitions.apply(deed.session, command)


def view_of(row: UnitRow) -> UnitView:
    """A unit as consoles and its crew see it."""
    return UnitView(
        unit_id=row.unit_id,
        call_sign=row.call_sign,
        capabilities=tuple(row.capabilities),
        on_duty=row.on_duty,
        state=UnitState(row.state),
        state_since=row.state_since,
        urgent=row.urgent,
        incident_id=IncidentId(row.incident_id) if row.incident_id else None,
        booking_id=row.booking_id,
        latitude=row.latitude,
        longitude=row.longitude,
        position_at=row.position_at,
        exercise=row.exercise,
        withdrawn=row.withdrawn_at is not None,
        version=row.version,
    )


async def units_of(deed: Deed, incident_id: str, *, lock: bool = False) -> Sequence[UnitRow]:
    """The units on an incident."""
    query = select(UnitRow).where(UnitRow.incident_id == incident_id).order_by(UnitRow.unit_id)
    query = query.with_for_update() if lock else query
    return (await deed.session.scalars(query.execution_options(populate_existing=True))).all()


async def taken_units(deed: Deed, unit_ids: Sequence[str]) -> frozenset[str]:
    """Those of these units that an open booking holds, whoever made it."""
    query = select(AssignmentRow.responder_id).where(
        AssignmentRow.responder_id.in_(unit_ids), AssignmentRow.released_at.is_(None)
    )
    return frozenset(await deed.session.scalars(query))


def _sent(unit: UnitRow) -> UnitState:
    """The state of a unit that is sent. Raises Refused."""
    state = assigned(UnitState(unit.state), on_duty=unit.on_duty)
    if state is None:
        raise Refused(ProblemCode.WRONG_STATE, f"{unit.call_sign} is not free.")
    return state


async def _unit(deed: Deed, unit_id: str, *, lock: bool = True) -> UnitRow:
    query = select(UnitRow).where(UnitRow.unit_id == unit_id)
    query = query.with_for_update() if lock else query
    unit = await deed.session.scalar(query.execution_options(populate_existing=True))
    if unit is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such unit.")
    return unit


async def move_unit(
    deed: Deed, unit: UnitRow, after: UnitState, reason: str = "", happened_at: datetime | None = None
) -> None:  # fmt: skip
    before = UnitState(unit.state)
    unit.state, unit.state_since = after.value, happened_at or deed.at
    deed.touch(unit)
    body = UnitMoved(
        unit_id=unit.unit_id, call_sign=unit.call_sign, before=before, state=after, reason=reason,
        happened_at=happened_at,
    )  # fmt: skip
    await deed.log(body, incident_id=unit.incident_id, unit_id=unit.unit_id)


def _responder(unit: UnitRow, service_type: str) -> Responder:
    """Neighbours are sent as neighbours where the service asks for them."""
    neighbour = "neighbour" in unit.capabilities and service_type == "neighbor_sos"
    return Responder(unit.unit_id, ResponderKind.NEIGHBOUR if neighbour else ResponderKind.UNIT)


def _actor(deed: Deed) -> BookingActor:
    """Operators act on bookings in their own name. What follows from a crew's word or a timer is the server's doing:
    who said so stands in the log of dispatching."""
    if deed.by.role in (Role.OPERATOR, Role.SUPERVISOR):
        return BookingActor(deed.by.role, deed.by.person_id)
    return BookingActor("server")
