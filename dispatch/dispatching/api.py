"""What crews and desks ask over HTTP about units, incidents and places.

In: checked requests within the asking person's own scope. Out: contract models. Invariants: whether a unit is within
reach is decided in the person's own role, before the transaction steps into the role that sends units; a paramedic
speaks for a unit of whose crew they are, and for no other.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, any_, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.booking import BookingError, Forbidden
from dispatch.contract.base import CentreId, IncidentId
from dispatch.contract.crew import (
    CrewNews,
    IncidentList,
    IncidentQuery,
    Offer,
    OfferAnswer,
    OfferList,
    PlaceList,
    PlaceQuery,
    UnitDuty,
    UnitList,
    UnitPosition,
    UnitQuery,
    UnitReport,
)
from dispatch.contract.dispatching import OfferOutcome
from dispatch.contract.http import PageQuery
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role
from dispatch.storage import stepped_into
from dispatch.storage.context import sending
from dispatch.storage.tables import IncidentRow, UnitOfferRow, UnitRow

from . import fleet, incidents, missions
from .briefing import mission_of
from .deeds import Deed
from .places import candidates, gazetteer_of, places_in_use
from .ports import Commander
from .searches import Searches

MOST_OFFERS: Final = 5


@dataclass(frozen=True)
class DispatchApi:
    """The handlers, by route name."""

    searches: Searches

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            **fleet.HANDLERS,
            "list_units": list_units,
            "get_mission": get_mission,
            "follow_unit": follow_unit,
            "report_unit": self.report_unit,
            "set_unit_duty": self.set_unit_duty,
            "place_unit": place_unit,
            "list_offers": list_offers,
            "answer_offer": self.answer_offer,
            "list_incidents": list_incidents,
            "get_incident": get_incident,
            "find_places": find_places,
        }

    async def report_unit(self, asked: Asked[UnitReport, None], session: AsyncSession) -> Answer:
        unit_id = (await _unit(asked, session)).unit_id
        async with _deed(asked, session, unit_id) as deed:
            said = asked.body
            unit = await self.searches.missions.report(
                deed, unit_id, said.state, said_at=said.at, incident_id=said.incident_id
            )
        return _answer(unit)

    async def set_unit_duty(self, asked: Asked[UnitDuty, None], session: AsyncSession) -> Answer:
        unit_id = (await _unit(asked, session)).unit_id
        async with _deed(asked, session, unit_id) as deed:
            unit = await self.searches.missions.set_duty(deed, unit_id, on_duty=asked.body.on_duty)
        return _answer(unit)

    async def answer_offer(self, asked: Asked[OfferAnswer, None], session: AsyncSession) -> Answer:
        unit = await _unit(asked, session)
        async with _deed(asked, session, unit.unit_id) as deed:
            await self.searches.answer(deed, unit.unit_id, asked.path["offer_id"], accept=asked.body.accept)
        return _answer(unit)


async def list_units(asked: Asked[None, UnitQuery], session: AsyncSession) -> Answer:
    query = select(UnitRow).order_by(UnitRow.call_sign, UnitRow.unit_id).limit(asked.query.limit + 1)
    withdrawn = UnitRow.withdrawn_at
    query = query.where(withdrawn.is_not(None) if asked.query.withdrawn else withdrawn.is_(None))
    if asked.query.mine:
        query = query.where(literal(asked.principal.person_id) == any_(UnitRow.crew))
    if asked.after:
        call_sign, unit_id = asked.after
        later = and_(UnitRow.call_sign == call_sign, UnitRow.unit_id > unit_id)
        query = query.where(or_(UnitRow.call_sign > call_sign, later))
    rows = (await session.scalars(query)).all()
    shown, cursor = asked.page(rows, lambda row: (row.call_sign, row.unit_id))
    return Answer(UnitList(units=tuple(map(missions.view_of, shown)), next_cursor=cursor))


async def get_mission(asked: Asked[None, None], session: AsyncSession) -> Answer:
    unit = await _unit(asked, session)
    async with _deed(asked, session, unit.unit_id):  # cards and notes are for those who go there, not for their role
        mission = await mission_of(session, unit)
    return Answer(mission, unit.version, centre_id=unit.centre_id)


async def follow_unit(asked: Asked[None, None], session: AsyncSession) -> Answer:
    unit = await _unit(asked, session)
    async with _deed(asked, session, unit.unit_id):
        mission = await mission_of(session, unit)
        offers = await _offers(session, unit.unit_id, asked.at, MOST_OFFERS)
    news = CrewNews(at=asked.at, unit=mission.unit, offers=offers, mission_mark=mission.mark)
    return Answer(news, unit.version, centre_id=unit.centre_id)


async def place_unit(asked: Asked[UnitPosition, None], session: AsyncSession) -> Answer:
    unit = await _unit(asked, session)
    async with _deed(asked, session, unit.unit_id):
        unit.latitude, unit.longitude = asked.body.latitude, asked.body.longitude
        unit.position_at = unit.changed_at = asked.at
    return _answer(unit)


async def list_offers(asked: Asked[None, PageQuery], session: AsyncSession) -> Answer:
    unit = await _unit(asked, session)
    async with _deed(asked, session, unit.unit_id):  # a crew may not see the incident before it is theirs
        offers = await _offers(session, unit.unit_id, asked.at, asked.query.limit)
    return Answer(OfferList(offers=offers))


async def _offers(session: AsyncSession, unit_id: str, now: datetime, most: int) -> tuple[Offer, ...]:
    """Offers that can still be taken."""
    query = select(UnitOfferRow, IncidentRow).join(IncidentRow, IncidentRow.incident_id == UnitOfferRow.incident_id)
    open_now = (UnitOfferRow.outcome == OfferOutcome.PENDING, UnitOfferRow.expires_at > now)
    found = await session.execute(query.where(UnitOfferRow.unit_id == unit_id, *open_now).limit(most))
    return tuple(
        Offer(
            offer_id=offer.offer_id,
            unit_id=offer.unit_id,
            incident_id=IncidentId(offer.incident_id),
            place=incident.place_label,
            category=incident.category,
            offered_at=offer.offered_at,
            expires_at=offer.expires_at,
        )
        for offer, incident in found.all()
    )


async def list_incidents(asked: Asked[None, IncidentQuery], session: AsyncSession) -> Answer:
    query = select(IncidentRow).order_by(IncidentRow.opened_at.desc(), IncidentRow.incident_id)
    if asked.query.open_only:
        query = query.where(IncidentRow.closed_at.is_(None))
    if asked.after:
        last = await session.get(IncidentRow, asked.after[0])
        opened = last.opened_at if last else asked.at
        later = and_(IncidentRow.opened_at == opened, IncidentRow.incident_id > asked.after[0])
        query = query.where(or_(IncidentRow.opened_at < opened, later))
    rows = (await session.scalars(query.limit(asked.query.limit + 1))).all()
    shown, cursor = asked.page(rows, lambda row: (row.incident_id,))
    return Answer(IncidentList(incidents=tuple(map(incidents.view_of, shown)), next_cursor=cursor))


async def get_incident(asked: Asked[None, None], session: AsyncSession) -> Answer:
    row = await session.get(IncidentRow, asked.path["incident_id"])
    if row is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such incident.")
    return Answer(incidents.view_of(row), row.version, centre_id=row.centre_id)


async def find_places(asked: Asked[None, PlaceQuery], session: AsyncSession) -> Answer:
    rows = await places_in_use(session, asked.query.community_id)
    found = await asyncio.to_thread(lambda: candidates(rows, gazetteer_of(rows), asked.query.words))
    return Answer(PlaceList(candidates=found))


async def _unit(asked: Asked[Any, Any], session: AsyncSession) -> UnitRow:
    """The unit that is named, where the person may speak for it. Raises Refused."""
    unit = await session.get(UnitRow, asked.path["unit_id"])
    if unit is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such unit.")
    if asked.role is Role.PARAMEDIC and asked.principal.person_id not in unit.crew:
        raise Refused(ProblemCode.NOT_ALLOWED, "You are not in the crew of this unit.")
    return unit


@asynccontextmanager
async def _deed(asked: Asked[Any, Any], session: AsyncSession, unit_id: str) -> AsyncIterator[Deed]:
    """Steps into the role that sends units of the unit's centre. Raises Refused for what bookings do not allow."""
    unit = await session.get_one(UnitRow, unit_id)
    centre_id = CentreId(unit.centre_id)
    by = Commander(centre_id, asked.role, asked.principal.person_id)
    try:
        async with stepped_into(session, sending(centre_id)):
            yield Deed(session, by, asked.at)
    except (Forbidden, BookingError) as error:
        raise Refused(ProblemCode.CONFLICT, str(error)) from None


def _answer(unit: UnitRow) -> Answer:
    return Answer(missions.view_of(unit), unit.version, centre_id=unit.centre_id)
