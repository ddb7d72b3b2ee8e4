"""Incidents: opened by a call or by hand, grouped, parted, closed.

In: a deed. Out: the incident's row, locked. Invariants: whoever changes an incident or its units holds its row (calls
are locked before incidents, incidents by id, bookings and units after them); a merge and a split can be undone; a
closed incident has no unit, because closing releases them in the same transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from dispatch.contract.base import IncidentId
from dispatch.contract.dispatch_commands import CheckWelfare, OpenIncident, UpgradeIncident
from dispatch.contract.dispatching import (
    IncidentOrigin,
    IncidentRegrouped,
    IncidentUpgraded,
    IncidentView,
    WelfareChecked,
)
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage.tables import BookingRow, CallRow, DispatchEventRow, IncidentRow, PatientRow, PlaceRow, UnitRow

from .deeds import Deed
from .ports import CallFacts
from .welfare import next_due_at

MERGED: Final = "merged"
OLDEST_PAPER: Final = timedelta(days=7)


async def locked(deed: Deed, incident_id: str, calls: Sequence[CallFacts] = ()) -> IncidentRow:
    """The incident, locked. One whose call is not in the database yet is made from that call. Raises Refused."""
    for call in calls[:1]:
        await make_from(deed, incident_id, call)
    return (await _locked_all(deed, [incident_id]))[incident_id]


async def make_from(deed: Deed, incident_id: str, call: CallFacts) -> None:
    """Writes the incident of a call that has just begun, where the ledger has not done so yet."""
    values = {
        "incident_id": incident_id,
        "centre_id": deed.by.centre_id,
        "opened_at": call.started_at,
        "exercise": call.exercise,
        "category": call.category,
        "nature": call.nature[:200],
    }
    await deed.session.execute(insert(IncidentRow).values(**values).on_conflict_do_nothing())


async def open_one(deed: Deed, incident_id: str, calls: Sequence[CallFacts] = ()) -> IncidentRow:
    """The incident, locked and still open. Raises Refused."""
    incident = await locked(deed, incident_id, calls)
    _check_open(incident)
    return incident


def opened_at(command: OpenIncident, now: datetime) -> datetime:
    """When it began: now, or the time on the paper. Raises Refused for a time to come, or one too long ago."""
    if command.happened_at is None:
        return now
    if not timedelta(0) <= now - command.happened_at <= OLDEST_PAPER:
        raise Refused(ProblemCode.INVALID_MESSAGE, "What was taken on paper lies in the last seven days.")
    return command.happened_at


async def key_in(deed: Deed, command: OpenIncident) -> IncidentRow:
    """An incident that nobody called about; with the same id again, the one that is there."""
    values = {
        "incident_id": command.incident_id,
        "centre_id": deed.by.centre_id,
        "opened_at": opened_at(command, deed.at),
        "exercise": False,
        "origin": command.origin.value,
        "nature": command.nature,
        "category": command.category,
        "changed_at": deed.at,
    }
    await deed.session.execute(insert(IncidentRow).values(**values).on_conflict_do_nothing())
    incident = await locked(deed, command.incident_id)
    if command.place_id:
        await put_at(deed, incident, command.place_id)
    incident.welfare_due_at = next_due_at(incident.category, deed.at)
    incident.owner_person_id = deed.by.person_id
    return incident


async def put_at(deed: Deed, incident: IncidentRow, place_id: str) -> PlaceRow:
    """Puts an incident at a place of the gazetteer. Raises Refused for one that the centre does not serve."""
    place = await deed.session.scalar(select(PlaceRow).where(PlaceRow.place_id == place_id))
    if place is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such place.")
    incident.place_id, incident.place_label = place.place_id, place.label
    incident.latitude, incident.longitude = place.latitude, place.longitude
    deed.touch(incident)
    return place


async def merge(deed: Deed, incident_id: str, into: str, live: Iterable[CallFacts]) -> None:
    """Makes an incident part of another. Raises Refused."""
    if incident_id == into:
        raise Refused(ProblemCode.CONFLICT, "An incident cannot become part of itself.")
    calls = sorted({*await _lock_calls(deed, incident_id), *(call.call_id for call in live)})
    both = await _locked_all(deed, [incident_id, into])
    for incident in both.values():
        _check_open(incident)
    if both[incident_id].exercise != both[into].exercise:
        raise Refused(ProblemCode.CONFLICT, "An exercise is never part of an emergency.")
    moved = await _regroup(deed, incident_id, into, {"calls": calls})
    both[incident_id].merged_into, both[incident_id].closed_at = into, deed.at
    both[into].category = _more_urgent(both[into].category, both[incident_id].category)
    deed.touch(both[incident_id])
    deed.touch(both[into])
    body = IncidentRegrouped(before=IncidentId(incident_id), incident_id=IncidentId(into), how=MERGED)
    await deed.log(body, incident_id=into, detail=moved)


async def unmerge(deed: Deed, incident_id: str) -> None:
    """Undoes a merge: what the incident brought along, and is still there, is its own again. Raises Refused."""
    into = await deed.session.scalar(select(IncidentRow.merged_into).where(IncidentRow.incident_id == incident_id))
    if into is None:
        raise Refused(ProblemCode.WRONG_STATE, "This incident is not part of another.")
    brought = await _brought_along(deed, incident_id, into)
    await _lock_calls(deed, into)
    both = await _locked_all(deed, [incident_id, into])
    moved = await _regroup(deed, into, incident_id, brought)
    both[incident_id].merged_into, both[incident_id].closed_at = None, None
    deed.touch(both[incident_id])
    deed.touch(both[into])
    body = IncidentRegrouped(before=IncidentId(into), incident_id=IncidentId(incident_id), how="unmerged")
    await deed.log(body, incident_id=incident_id, detail=moved)


async def split(deed: Deed, call: CallFacts, new_id: str) -> None:
    """Gives a call an incident of its own. Raises Refused."""
    await _lock_calls(deed, call.incident_id)
    before = await open_one(deed, call.incident_id, [call])
    await locked(deed, new_id, [call])
    new = (await _locked_all(deed, [new_id]))[new_id]
    _check_open(new)
    await _regroup(deed, before.incident_id, new_id, {"calls": [call.call_id], "units": [], "bookings": []})
    deed.touch(before)
    deed.touch(new)
    body = IncidentRegrouped(before=call.incident_id, incident_id=IncidentId(new_id), how="split")
    await deed.log(body, incident_id=new_id, call_id=call.call_id, detail={"calls": [call.call_id]})


async def upgrade(deed: Deed, command: UpgradeIncident) -> None:
    """Sets how urgent an incident is that nobody called about; a call's own card says it otherwise. Raises Refused."""
    incident = await open_one(deed, command.incident_id)
    if incident.origin == IncidentOrigin.CALL:
        raise Refused(ProblemCode.WRONG_STATE, "Set the category on the call's card; the incident follows it.")
    body = IncidentUpgraded(before=incident.category, after=command.category, reason=command.reason)
    incident.category = command.category
    deed.touch(incident)
    await deed.log(body, incident_id=incident.incident_id)


async def welfare_checked(deed: Deed, command: CheckWelfare, calls: Sequence[CallFacts]) -> None:
    """Somebody called back; whoever did owns the next call-back. Raises Refused."""
    incident = await open_one(deed, command.incident_id, calls)
    if command.category and incident.origin != IncidentOrigin.CALL:
        incident.category = command.category
    category = _more_urgent(command.category, incident.category) if command.outcome == "worse" else incident.category
    incident.welfare_due_at = next_due_at(category, deed.at)
    incident.owner_person_id = deed.by.person_id
    deed.touch(incident)
    body = WelfareChecked(outcome=command.outcome, next_due_at=incident.welfare_due_at)
    await deed.log(body, incident_id=incident.incident_id)


def view_of(row: IncidentRow) -> IncidentView:
    """An incident as consoles see it."""
    return IncidentView(
        incident_id=IncidentId(row.incident_id),
        origin=IncidentOrigin(row.origin),
        category=row.category,
        nature=row.nature,
        place_id=row.place_id,
        place=row.place_label,
        latitude=row.latitude,
        longitude=row.longitude,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        merged_into=row.merged_into,
        owner_person_id=row.owner_person_id,
        welfare_due_at=row.welfare_due_at,
        exercise=row.exercise,
        version=row.version,
    )


def _check_open(incident: IncidentRow) -> None:
    if incident.merged_into:
        raise Refused(ProblemCode.WRONG_STATE, "This incident is part of another.")
    if incident.closed_at:
        raise Refused(ProblemCode.WRONG_STATE, "This incident is closed.")


def _more_urgent(one: int | None, other: int | None) -> int | None:
    """1 is the most urgent, and None (not assessed) counts for nothing beside a number."""
    known = [category for category in (one, other) if category is not None]
    return min(known) if known else None


async def _locked_all(deed: Deed, incident_ids: Sequence[str]) -> dict[str, IncidentRow]:
    wanted = IncidentRow.incident_id.in_(incident_ids)
    query = select(IncidentRow).where(wanted).order_by(IncidentRow.incident_id).with_for_update()
    rows = await deed.session.scalars(query.execution_options(populate_existing=True))
    found = {row.incident_id: row for row in rows}
    if len(found) < len(set(incident_ids)):
        raise Refused(ProblemCode.NOT_FOUND, "There is no such incident.")
    return found


async def _lock_calls(deed: Deed, incident_id: str) -> list[str]:
    """The stored calls of an incident, locked in the order in which everybody locks them."""
    query = select(CallRow.call_id).where(CallRow.incident_id == incident_id).order_by(CallRow.call_id)
    return list(await deed.session.scalars(query.with_for_update()))


async def _regroup(deed: Deed, before: str, after: str, only: Mapping[str, Any]) -> dict[str, Any]:
    """Moves calls, patients, units and bookings (those in `only`, or all of a kind that it does not name)."""
    moved: dict[str, Any] = {"calls": list(only["calls"])}
    calls = CallRow.call_id.in_(moved["calls"])
    await deed.session.execute(update(CallRow).where(calls, CallRow.incident_id == before).values(incident_id=after))
    patients = PatientRow.call_id.in_(moved["calls"])
    await deed.session.execute(
        update(PatientRow).where(patients, PatientRow.incident_id == before).values(incident_id=after)
    )
    units = update(UnitRow).where(UnitRow.incident_id == before)
    if "units" in only:
        units = units.where(UnitRow.unit_id.in_(only["units"]))
    moved["units"] = list(
        await deed.session.scalars(
            units.values(incident_id=after, version=UnitRow.version + 1, changed_at=deed.at).returning(UnitRow.unit_id)
        )
    )
    bookings = update(BookingRow).where(BookingRow.incident_id == before)
    if "bookings" in only:
        bookings = bookings.where(BookingRow.booking_id.in_(only["bookings"]))
    moved["bookings"] = list(
        await deed.session.scalars(bookings.values(incident_id=after).returning(BookingRow.booking_id))
    )
    return moved


async def _brought_along(deed: Deed, incident_id: str, into: str) -> Mapping[str, Any]:
    """What the newest merge of an incident moved."""
    query = (
        select(DispatchEventRow)
        .where(DispatchEventRow.incident_id == into, DispatchEventRow.kind == "incident.regrouped")
        .order_by(DispatchEventRow.event_id.desc())
    )
    for event in await deed.session.scalars(query):
        if event.body["before"] == incident_id and event.body["how"] == MERGED:
            return event.detail
    raise Refused(ProblemCode.WRONG_STATE, "This incident is not part of another.")
