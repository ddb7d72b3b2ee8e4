"""What a crew is told of its mission: the incident, the way in, standing notes, and what the calls' cards say.

In: a session of the dispatching role of the unit's centre, a unit of whose mission is asked. Out: a `Mission` with its
mark. Invariants: nothing is told of an incident that the unit is not on; the mark changes whenever anything that a crew
reads of its mission changes, and with nothing else, so that a page may ask for the mark often and read seldom.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.card import FieldName
from dispatch.contract.crew import Mission, MissionFact
from dispatch.contract.dispatching import NoteKind, StandingNote
from dispatch.storage.tables import CallRow, IncidentRow, PlaceRow, UnitRow

from . import incidents, missions
from .places import known_of

NO_MISSION: Final = "none"
MOST_CALLS: Final = 5
"""Of an incident, the newest: a burning tower has hundreds."""
LONGEST_FACT: Final = 200


async def mission_of(session: AsyncSession, unit: UnitRow) -> Mission:
    """The unit's mission; an empty one for a unit that is on none."""
    view = missions.view_of(unit)
    incident = await session.get(IncidentRow, unit.incident_id) if unit.incident_id else None
    if incident is None:
        return Mission(unit=view)
    place = await session.get(PlaceRow, incident.place_id) if incident.place_id else None
    query = select(CallRow).where(CallRow.incident_id == incident.incident_id)
    calls = (await session.scalars(query.order_by(CallRow.started_at.desc()).limit(MOST_CALLS))).all()
    told = Mission(
        unit=view,
        incident=incidents.view_of(incident),
        access_notes=place.access_notes if place else "",
        hazards=place.hazards if place else "",
        notes=await _notes(session, incident, calls),
        facts=tuple(_facts(calls)),
    )
    return told.model_copy(update={"mark": mark_of(told)})


def mark_of(mission: Mission) -> str:
    """Sixteen hexadecimal digits of everything but the unit, which moves all the time."""
    if mission.incident is None:
        return NO_MISSION
    content = mission.model_dump_json(exclude={"unit", "mark"})
    return hashlib.sha256(content.encode()).hexdigest()[:16]


async def _notes(
    session: AsyncSession, incident: IncidentRow, calls: Iterable[CallRow]
) -> tuple[StandingNote, ...]:  # fmt: skip
    """Each standing note once, hazards and ways in first."""
    numbers = {call.phone: call.call_id for call in calls} or {None: ""}
    found = {
        (note.kind, note.words): note
        for phone, call_id in numbers.items()
        for note in (await known_of(session, call_id or incident.incident_id, phone, incident.place_id)).notes
    }
    first = (NoteKind.HAZARD, NoteKind.ACCESS)
    return tuple(sorted(found.values(), key=lambda note: (note.kind not in first, note.kind)))


def _facts(calls: Iterable[CallRow]) -> Iterable[MissionFact]:
    """Each field once, as the newest call that has it says."""
    known: dict[FieldName, str] = {}
    for call in calls:
        for name, value in call.card.get("fields", {}).items():
            if value not in (None, ""):
                known.setdefault(FieldName(name), str(value)[:LONGEST_FACT])
    return (MissionFact(name=name, value=known[name]) for name in FieldName if name in known)
