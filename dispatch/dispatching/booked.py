"""Bookings that are acted on over the API move the units that are on them, so that there is one truth of a unit.

In: a command on a booking, in the session of the person who acts. Out: the booking after it, with its units' states,
their incident and the log of dispatching, in the same transaction. Invariants: a unit is put on a booking only while it
is free, on duty, and suited to the service, or with a reason; a unit on a booking is on an incident, one that is opened
for the booking where it has none; the incident is locked before its units, and these before the booking.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.booking import (
    ENDS,
    BookingState,
    Command,
    Forbidden,
    NoSuchResponder,
    ResponderTaken,
    ServicePolicy,
    Why,
    check_role,
)
from dispatch.contract.base import CentreId, PersonId
from dispatch.contract.booking import ResponderKind
from dispatch.contract.dispatching import IncidentOrigin, UnitState
from dispatch.contract.roles import Role
from dispatch.storage import stepped_into
from dispatch.storage.context import sending
from dispatch.storage.prepared import driver_of
from dispatch.storage.scope import may_write
from dispatch.storage.tables import AssignmentRow, BookingRow, IncidentRow, UnitRow

from .deeds import Deed
from .missions import Missions, move_unit, units_of
from .ports import Commander
from .unit_states import WITH_PATIENT, assigned, booked, released
from .welfare import next_due_at

DESK: Final = (Role.OPERATOR, Role.SUPERVISOR)
"""Who may send a unit that is not equipped for a service, for a reason."""
CONCERNED: Final = """
    SELECT booking_id, service_type, policy_version, incident_id, category, exercise, place, person_id, community_id,
        hospital_id, centre_id, ARRAY(
            SELECT responder_id FROM assignment
            WHERE booking_id = $1 AND released_at IS NULL AND responder_kind <> 'staff'
        ) AS units
    FROM booking WHERE booking_id = $1
"""


@dataclass(frozen=True)
class BookedUnits:
    """Carries out what people command of bookings over the API."""

    missions: Missions

    async def apply(self, session: AsyncSession, command: Command) -> BookingState:
        """The booking after a command. Raises what `Transitions.apply` raises, and NoSuchResponder."""
        named = {one.responder_id for one in command.take if one.kind is not ResponderKind.STAFF}
        row = await (await driver_of(session)).fetchrow(CONCERNED, command.booking_id)
        if row is None or not may_write(session.sync_session, BookingRow, row) or not (named or row["units"]):
            return await self.missions.transitions.apply(session, command)
        policy = self.missions.transitions.catalogue.of(row["service_type"], row["policy_version"])
        check_role(policy, command)
        if row["centre_id"] is None:
            raise NoSuchResponder("No dispatch centre serves this booking.")
        centre_id, person_id = CentreId(row["centre_id"]), command.actor.person_id
        by = Commander(centre_id, command.actor.role, PersonId(person_id) if person_id else None)
        deed = Deed(session, by, command.at)
        async with stepped_into(session, sending(centre_id)):
            check(await _units(deed, named), named, policy, command, row)  # whoever comes late waits for nobody
            incident = await self._incident(deed, row, policy)
            units = await _units(deed, named | set(row["units"]), lock=True)
            check(units, named, policy, command, row)
        after = await self.missions.transitions.apply(session, command)
        async with stepped_into(session, sending(centre_id)):
            await follow(deed, incident, units, command, after)
        return replace(after, incident_id=incident.incident_id)

    async def _incident(self, deed: Deed, row: Mapping[str, Any], policy: ServicePolicy) -> IncidentRow:
        """The booking's incident, locked; one of its own where it has none."""
        incident_id = row["incident_id"]
        if incident_id is not None:
            query = select(IncidentRow).where(IncidentRow.incident_id == incident_id).with_for_update()
            return (await deed.session.scalars(query.execution_options(populate_existing=True))).one()
        incident = IncidentRow(
            incident_id=f"inc-{row['booking_id']}",
            centre_id=row["centre_id"],
            opened_at=deed.at,
            exercise=row["exercise"],
            origin=IncidentOrigin.BOOKING.value,
            nature=policy.title,
            category=row["category"],
            place_label=row["place"],
            changed_at=deed.at,
            version=1,
        )
        deed.session.add(incident)
        await deed.session.flush()
        return incident


def check(
    units: Iterable[UnitRow],
    named: Collection[str],
    policy: ServicePolicy,
    command: Command,
    booking: Mapping[str, Any],
) -> None:
    """Raises NoSuchResponder, ResponderTaken or Forbidden where one of the named units cannot be put on a booking."""
    found = {unit.unit_id: unit for unit in units if unit.unit_id in named}
    if len(found) < len(named):
        raise NoSuchResponder("There is no such unit.")
    for unit in found.values():
        if unit.exercise != booking["exercise"]:
            raise Forbidden(Why.WRONG_RESPONDER, "Exercises and emergencies have units of their own.")
        if unit.booking_id != command.booking_id and assigned(UnitState(unit.state), on_duty=unit.on_duty) is None:
            raise ResponderTaken(f"{unit.call_sign} is not free.")
        overruled = bool(command.reason) and command.actor.role in DESK
        if (wanted := policy.dispatcher.capability) and wanted not in unit.capabilities and not overruled:
            raise Forbidden(
                Why.UNSUITED, f"{unit.call_sign} is not equipped for this ({wanted}). Say why it goes all the same."
            )


async def follow(
    deed: Deed, incident: IncidentRow, units: Iterable[UnitRow], command: Command, after: BookingState
) -> None:
    """Moves the units of a booking after a command, and its incident with them."""
    query = select(AssignmentRow.responder_id)
    on_it = set(
        await deed.session.scalars(
            query.where(AssignmentRow.booking_id == after.booking_id, AssignmentRow.released_at.is_(None))
        )
    )
    reason = command.reason or ""
    for unit in units:
        state = UnitState(unit.state)
        if unit.unit_id not in on_it:
            if unit.booking_id == after.booking_id:
                await move_unit(deed, unit, released(state), reason)
                unit.incident_id, unit.booking_id = None, None
        elif unit.booking_id != after.booking_id:
            unit.incident_id, unit.booking_id, unit.urgent = incident.incident_id, after.booking_id, True
            await move_unit(deed, unit, UnitState.ASSIGNED, reason)
        elif (target := booked(command.action, state)) is not state:
            await move_unit(deed, unit, target, reason)
    of_it = update(BookingRow).where(BookingRow.booking_id == after.booking_id, BookingRow.incident_id.is_(None))
    await deed.session.execute(of_it.values(incident_id=incident.incident_id))
    await _watched_over(deed, incident, over=after.status in ENDS)
    deed.touch(incident)


async def _watched_over(deed: Deed, incident: IncidentRow, *, over: bool) -> None:
    """Somebody calls back while nobody is on the way."""
    await deed.session.flush()
    there = await units_of(deed, incident.incident_id)
    if over or any(UnitState(unit.state) in WITH_PATIENT for unit in there):
        incident.welfare_due_at = None
    elif not there:
        incident.welfare_due_at = next_due_at(incident.category, deed.at)


async def _units(deed: Deed, unit_ids: Collection[str], *, lock: bool = False) -> Sequence[UnitRow]:
    """Units in the order in which everybody locks them."""
    query = select(UnitRow).where(UnitRow.unit_id.in_(unit_ids)).order_by(UnitRow.unit_id)
    query = query.with_for_update() if lock else query
    return (await deed.session.scalars(query.execution_options(populate_existing=True))).all()
