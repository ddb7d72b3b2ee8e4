"""Places of a centre in the database, and what is known of a number and a place.

In: a session that reaches the centre's communities. Out: contract models. Invariants: nothing of a community that the
centre does not serve is ever read: the session's scope says so, twice.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import CallId, CommunityId
from dispatch.contract.dispatching import (
    EarlierCall,
    Known,
    KnownResident,
    NoteKind,
    PlaceCandidate,
    PlaceKind,
    PlaceView,
    StandingNote,
)
from dispatch.identity import normal_number
from dispatch.storage.tables import CallRow, CommunityRow, IncidentRow, PlaceRow, ResidentRow, StandingNoteRow

from .matching import Gazetteer, Spot

MOST_EARLIER: Final = 5
MOST_NOTES: Final = 20


def view_of(row: PlaceRow) -> PlaceView:
    """A place as consoles see it."""
    return PlaceView(
        place_id=row.place_id,
        community_id=CommunityId(row.community_id),
        kind=PlaceKind(row.kind),
        label=row.label,
        latitude=row.latitude,
        longitude=row.longitude,
        access_notes=row.access_notes,
        hazards=row.hazards,
    )


async def places_in_use(session: AsyncSession, community_id: str | None = None) -> Sequence[PlaceRow]:
    """The places that the session reaches."""
    query = select(PlaceRow).where(PlaceRow.retired_at.is_(None))
    if community_id:
        query = query.where(PlaceRow.community_id == community_id)
    return (await session.scalars(query)).all()


def gazetteer_of(rows: Sequence[PlaceRow]) -> Gazetteer:
    """The rows, ready to be matched."""
    return Gazetteer(Spot(row.place_id, row.name, tuple(row.aliases), row.parent_id) for row in rows)


def candidates(rows: Sequence[PlaceRow], gazetteer: Gazetteer, words: str) -> tuple[PlaceCandidate, ...]:
    """The places that a caller's words may mean, the likeliest first."""
    known = {row.place_id: row for row in rows}
    return tuple(
        PlaceCandidate(place=view_of(known[match.place_id]), score=match.score) for match in gazetteer.match(words)
    )


async def known_of(session: AsyncSession, call_id: str, phone: str | None, place_id: str | None = None) -> Known:
    """What is known of a call's number, and of its place once that is confirmed or the resident's flat is known."""
    resident = await _resident(session, phone)
    place = await _place(session, place_id, resident)
    community = await session.get(CommunityRow, resident.community_id) if resident else None
    return Known(
        call_id=CallId(call_id),
        resident=KnownResident(
            resident_id=resident.resident_id,
            name=resident.name,
            flat=resident.flat,
            community=community.name if community else "",
        )
        if resident
        else None,
        place=view_of(place) if place else None,
        notes=await _notes(session, resident, place),
        earlier=await _earlier(session, call_id, phone),
    )


async def _resident(session: AsyncSession, phone: str | None) -> ResidentRow | None:
    """The resident behind a number, however the caller's network writes it; nobody where several share it."""
    number = normal_number(phone or "")
    if not number:
        return None
    query = select(ResidentRow).where(ResidentRow.phone == number, ResidentRow.suspended_at.is_(None))
    found = (await session.scalars(query.limit(2))).all()
    return found[0] if len(found) == 1 else None


async def _place(session: AsyncSession, place_id: str | None, resident: ResidentRow | None) -> PlaceRow | None:
    """The confirmed place, or else the flat of the resident where one place alone has its name."""
    if place_id:
        return await session.get(PlaceRow, place_id)
    if resident is None or not resident.flat:
        return None
    names = {resident.flat.casefold(), f"flat {resident.flat}".casefold()}
    query = select(PlaceRow).where(
        PlaceRow.community_id == resident.community_id,
        PlaceRow.kind == PlaceKind.FLAT.value,
        PlaceRow.retired_at.is_(None),
        func.lower(PlaceRow.name).in_(names),
    )
    found = (await session.scalars(query.limit(2))).all()
    return found[0] if len(found) == 1 else None


async def _notes(
    session: AsyncSession, resident: ResidentRow | None, place: PlaceRow | None
) -> tuple[StandingNote, ...]:
    about = []
    if resident:
        about.append(StandingNoteRow.resident_id == resident.resident_id)
    if place:
        about.append(StandingNoteRow.place_id.in_([place.place_id, *([place.parent_id] if place.parent_id else [])]))
    if not about:
        return ()
    query = select(StandingNoteRow).where(or_(*about)).order_by(StandingNoteRow.kind, StandingNoteRow.note_id)
    rows = await session.scalars(query.limit(MOST_NOTES))
    return tuple(StandingNote(kind=NoteKind(row.kind), words=row.words) for row in rows)


async def _earlier(session: AsyncSession, call_id: str, phone: str | None) -> tuple[EarlierCall, ...]:
    if not phone:
        return ()
    query = select(CallRow).where(CallRow.phone == phone, CallRow.call_id != call_id)
    rows = await session.scalars(query.order_by(CallRow.started_at.desc()).limit(MOST_EARLIER))
    return tuple(
        EarlierCall(
            call_id=CallId(row.call_id),
            started_at=row.started_at,
            category=row.category,
            headline=str(row.card.get("headline", ""))[:200],
            disposition=row.disposition,
        )
        for row in rows
    )


async def near_arrest(session: AsyncSession, incident: IncidentRow) -> dict[PlaceKind, list[str]]:
    """The gates and defibrillators of the community in which an incident is, by id."""
    place = await session.get(PlaceRow, incident.place_id) if incident.place_id else None
    if place is None:
        return {}
    query = select(PlaceRow).where(
        PlaceRow.community_id == place.community_id,
        PlaceRow.kind.in_([PlaceKind.GATE.value, PlaceKind.AED.value]),
        PlaceRow.retired_at.is_(None),
    )
    found: dict[PlaceKind, list[str]] = {}
    for row in await session.scalars(query):
        found.setdefault(PlaceKind(row.kind), []).append(row.place_id)
    return found
