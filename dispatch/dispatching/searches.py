"""Searching for a unit: the nearest at once, or offers to one after the other, ever farther away.

In: a deed, the incident (locked), what is wanted. Out: units on the incident, or nobody, and then the supervisors know.
Invariants: a unit has one offer at a time (the database's index), and is asked once in a search; an offer that is not
answered in time goes on to the next unit, also when the server was away meanwhile: what is due stands in the search's
row; a search ends as filled, exhausted or withdrawn, and says so in the calls' logs.
"""

import math
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import select

from dispatch.booking import Dispatcher, DispatchRule
from dispatch.contract.dispatching import OfferOutcome, UnitOffered, UnitSearchEnded, UnitState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.observability.logs import current_correlation_id
from dispatch.storage.tables import IncidentRow, UnitOfferRow, UnitRow, UnitSearchRow

from .deeds import Deed
from .missions import Missions, taken_units
from .ports import Notice, Notify
from .ranking import Need, Point, Ranked, Standing, rank
from .welfare import next_due_at

OPEN: Final = "open"
NEIGHBOURS: Final = "neighbor_sos"


@dataclass(frozen=True)
class Searches:
    """Finds units for incidents."""

    missions: Missions
    notify: Notify

    def dispatcher(self, service_type: str) -> Dispatcher:
        """How a service finds its units."""
        return self.missions.transitions.catalogue.current(service_type).dispatcher

    async def nearest(
        self, deed: Deed, incident: IncidentRow, service_type: str, capability: str | None
    ) -> UnitRow | None:
        """Sends the nearest suitable unit that is free; None where nobody is left, which is logged."""
        wanted = capability or self.dispatcher(service_type).capability
        for ranked in await self._ranked(deed, incident, wanted, math.inf, frozenset()):
            try:
                return await self.missions.send(deed, incident, service_type, ranked.unit_id)
            except Refused:
                continue  # somebody was faster: the next nearest
        await deed.log(UnitSearchEnded(outcome="exhausted", found=0, wanted=1), incident_id=incident.incident_id)
        return None

    async def start(self, deed: Deed, incident: IncidentRow, service_type: str, wanted: int) -> None:
        """Begins to offer the incident."""
        capability = self.dispatcher(service_type).capability
        search = UnitSearchRow(
            search_id=f"search-{secrets.token_hex(8)}",
            centre_id=incident.centre_id,
            incident_id=incident.incident_id,
            service_type=service_type,
            capabilities=[capability] if capability else [],
            wanted=wanted,
            found=0,
            step=0,
            state=OPEN,
            due_at=deed.at,
            correlation_id=current_correlation_id(),
        )
        deed.session.add(search)
        await deed.session.flush()
        if incident.welfare_due_at is None:
            incident.welfare_due_at = next_due_at(incident.category, deed.at)
            deed.touch(incident)
        await self.advance(deed, incident, search)

    async def advance(self, deed: Deed, incident: IncidentRow, search: UnitSearchRow) -> None:
        """Looks at a search again: ends what was not answered, asks the next, widens the circle, or gives up."""
        offers = await _offers(deed, search)
        for offer in offers:
            if offer.outcome == OfferOutcome.PENDING and offer.expires_at <= deed.at:
                await self._end(deed, search, offer, OfferOutcome.EXPIRED)
        policy = self.dispatcher(search.service_type)
        asked = {offer.unit_id for offer in offers}
        pending = [offer.expires_at for offer in offers if offer.outcome == OfferOutcome.PENDING]
        while len(pending) < policy.alert and search.state == OPEN:
            nearest = await self._next(deed, incident, search, asked)
            if nearest is None:
                break
            asked.add(nearest.unit_id)
            pending.append(await self._offer(deed, incident, search, nearest))
        if pending:
            search.due_at = min(pending)
        else:
            await self._finish(deed, search, "exhausted")

    async def answer(self, deed: Deed, unit_id: str, offer_id: str, *, accept: bool) -> None:
        """A crew takes an offer or does not. Raises Refused for one that is over."""
        where = (UnitOfferRow.offer_id == offer_id, UnitOfferRow.unit_id == unit_id)
        incident_id = await deed.session.scalar(select(UnitOfferRow.incident_id).where(*where))
        incident = await _lock(deed, incident_id)
        query = select(UnitOfferRow).where(*where).with_for_update().execution_options(populate_existing=True)
        offer = (await deed.session.scalars(query)).one()
        if offer.outcome == (OfferOutcome.ACCEPTED if accept else OfferOutcome.DECLINED):
            return
        if offer.outcome != OfferOutcome.PENDING or offer.expires_at <= deed.at or incident.closed_at is not None:
            raise Refused(ProblemCode.WRONG_STATE, "This offer is over.")
        search = await deed.session.get_one(UnitSearchRow, offer.search_id, with_for_update=True)
        await self._end(deed, search, offer, OfferOutcome.ACCEPTED if accept else OfferOutcome.DECLINED)
        if accept:
            await self.missions.send(deed, incident, search.service_type, unit_id)
            search.found += 1
        if search.found >= search.wanted:
            await self.withdraw(deed, [search], "filled")
        else:
            await self.advance(deed, incident, search)

    async def withdraw(
        self, deed: Deed, searches: Iterable[UnitSearchRow], outcome: Literal["filled", "withdrawn"] = "withdrawn"
    ) -> None:
        """Ends searches and takes their open offers back."""
        for search in searches:
            for offer in await _offers(deed, search):
                if offer.outcome == OfferOutcome.PENDING:
                    await self._end(deed, search, offer, OfferOutcome.WITHDRAWN)
            await self._finish(deed, search, outcome)

    async def helpers(self, deed: Deed, incident: IncidentRow) -> list[str]:
        """Trained neighbours near an incident, for an alert to all of them at once."""
        policy = self.dispatcher(NEIGHBOURS)
        near = await self._ranked(deed, incident, policy.capability, circles_of(policy)[-1], frozenset())
        return [ranked.unit_id for ranked in near[: policy.alert]]

    async def of_incident(self, deed: Deed, incident_id: str) -> Sequence[UnitSearchRow]:
        """The open searches of an incident, locked."""
        query = select(UnitSearchRow).where(UnitSearchRow.incident_id == incident_id, UnitSearchRow.state == OPEN)
        return (await deed.session.scalars(query.order_by(UnitSearchRow.search_id).with_for_update())).all()

    async def _next(
        self, deed: Deed, incident: IncidentRow, search: UnitSearchRow, asked: Iterable[str]
    ) -> Ranked | None:
        """The nearest unit that was not asked yet; the circle grows until there is one, or no larger circle."""
        circles = circles_of(self.dispatcher(search.service_type))
        while search.step < len(circles):
            capability = next(iter(search.capabilities), None)
            found = await self._ranked(deed, incident, capability, circles[search.step], frozenset(asked))
            if found:
                return found[0]
            search.step += 1
        return None

    async def _offer(self, deed: Deed, incident: IncidentRow, search: UnitSearchRow, ranked: Ranked) -> datetime:
        policy = self.dispatcher(search.service_type)
        unit = await deed.session.get_one(UnitRow, ranked.unit_id)
        expires_at = deed.at + timedelta(seconds=policy.offer_timeout_s)
        deed.session.add(
            UnitOfferRow(
                offer_id=f"offer-{secrets.token_hex(8)}",
                search_id=search.search_id,
                centre_id=incident.centre_id,
                hospital_id=unit.hospital_id,
                incident_id=incident.incident_id,
                unit_id=unit.unit_id,
                offered_at=deed.at,
                expires_at=expires_at,
                outcome=OfferOutcome.PENDING.value,
            )
        )
        await self._log(deed, search, unit, OfferOutcome.PENDING)
        notice = Notice(unit.unit_id, "unit.offer", incident.incident_id, incident.exercise)
        await self.notify(deed.session, [notice])
        return expires_at

    async def _end(self, deed: Deed, search: UnitSearchRow, offer: UnitOfferRow, outcome: OfferOutcome) -> None:
        offer.outcome = outcome.value
        await self._log(deed, search, await deed.session.get_one(UnitRow, offer.unit_id), outcome)

    async def _log(self, deed: Deed, search: UnitSearchRow, unit: UnitRow, outcome: OfferOutcome) -> None:
        circles = circles_of(self.dispatcher(search.service_type))
        radius = circles[min(search.step, len(circles) - 1)]
        body = UnitOffered(
            unit_id=unit.unit_id,
            call_sign=unit.call_sign,
            outcome=outcome,
            radius_m=radius if math.isfinite(radius) else None,
        )
        await deed.log(body, incident_id=search.incident_id, unit_id=unit.unit_id)

    async def _finish(
        self, deed: Deed, search: UnitSearchRow, outcome: Literal["filled", "exhausted", "withdrawn"]
    ) -> None:
        search.state = outcome
        body = UnitSearchEnded(outcome=outcome, found=search.found, wanted=search.wanted)
        await deed.log(body, incident_id=search.incident_id)

    async def _ranked(
        self, deed: Deed, incident: IncidentRow, capability: str | None, radius_m: float, asked: frozenset[str]
    ) -> tuple[Ranked, ...]:
        units = (await deed.session.scalars(select(UnitRow).where(UnitRow.centre_id == deed.by.centre_id))).all()
        pending = select(UnitOfferRow.unit_id).where(UnitOfferRow.outcome == OfferOutcome.PENDING)
        busy = {*await deed.session.scalars(pending), *await taken_units(deed, [unit.unit_id for unit in units])}
        at = _point(incident.latitude, incident.longitude)
        need = Need(capability, at, incident.exercise, radius_m, asked | busy)
        return rank(map(standing_of, units), need)


def circles_of(policy: Dispatcher) -> tuple[float, ...]:
    """Radii in metres. Where the nearest goes, the last circle is the whole world: far away is better than nobody."""
    return (*policy.radius_m, math.inf) if policy.rule is DispatchRule.NEAREST else policy.radius_m or (math.inf,)


def standing_of(row: UnitRow) -> Standing:
    """A unit as the ranking sees it."""
    return Standing(
        unit_id=row.unit_id,
        capabilities=frozenset(row.capabilities),
        on_duty=row.on_duty,
        state=UnitState(row.state),
        state_since=row.state_since,
        exercise=row.exercise,
        at=_point(row.latitude, row.longitude),
    )


def _point(latitude: float | None, longitude: float | None) -> Point | None:
    return None if latitude is None or longitude is None else (latitude, longitude)


async def _lock(deed: Deed, incident_id: str | None) -> IncidentRow:
    query = select(IncidentRow).where(IncidentRow.incident_id == incident_id).with_for_update()
    incident = await deed.session.scalar(query)
    if incident is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such offer.")
    return incident


async def _offers(deed: Deed, search: UnitSearchRow) -> Sequence[UnitOfferRow]:
    query = select(UnitOfferRow).where(UnitOfferRow.search_id == search.search_id).order_by(UnitOfferRow.offered_at)
    return (await deed.session.scalars(query.with_for_update())).all()
