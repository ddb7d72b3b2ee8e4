"""Operators and crews act on the same units and incidents at the same moment; afterwards everything still fits."""

import asyncio
import random

import pytest
from sqlalchemy import select

from dispatch.contract.dispatch_commands import (
    CloseIncident,
    DispatchUnit,
    DivertUnit,
    MergeIncident,
    OfferUnits,
    OpenIncident,
    ReportUnit,
    StandDown,
    UnmergeIncident,
)
from dispatch.contract.dispatching import IncidentOrigin, UnitState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.dispatching.unit_states import ON_MISSION
from dispatch.storage.context import sending
from dispatch.storage.tables import AssignmentRow, IncidentRow, UnitRow
from tests.dispatching.world import World

pytestmark = pytest.mark.integration

ACTS = 80
AT_ONCE = 8


async def act(world: World, chance: random.Random, units: list[str], incidents: list[str]) -> ProblemCode | None:
    """Something that somebody might do just now; how it was refused, if it was."""
    unit, incident, other = chance.choice(units), chance.choice(incidents), chance.choice(incidents)
    acts = [
        (DispatchUnit, {"incident_id": incident}),
        (DispatchUnit, {"incident_id": incident, "unit_ids": (unit,)}),
        (OfferUnits, {"incident_id": incident}),
        *((ReportUnit, {"unit_id": unit, "state": state}) for state in list(UnitState)[2:]),
        (ReportUnit, {"unit_id": unit, "state": UnitState.AVAILABLE}),
        (StandDown, {"unit_id": unit, "reason": "not needed"}),
        (DivertUnit, {"unit_id": unit, "incident_id": incident, "reason": "nearer"}),
        (MergeIncident, {"incident_id": incident, "into": other}),
        (UnmergeIncident, {"incident_id": incident}),
    ]
    if chance.random() < 0.05:
        acts = [(CloseIncident, {"incident_id": incident})]
    kind, values = chance.choice(acts)
    try:
        await world.do(kind, **values)
    except Refused as refused:
        return refused.problem.code
    return None


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_happens_at_once_a_unit_is_on_one_booking_of_its_incident_or_free(
    world: World, seed: int
) -> None:
    chance = random.Random(seed)
    units = [await world.unit(f"u{number}", 100.0 * number) for number in range(4)]
    incidents = [f"inc-{number}-{world.mark}" for number in range(4)]
    for incident in incidents:
        await world.do(OpenIncident, incident_id=incident, origin=IncidentOrigin.RADIO, nature="fall")
    room = asyncio.Semaphore(AT_ONCE)

    async def one() -> ProblemCode | None:
        async with room:
            return await act(world, chance, units, incidents)

    refusals = await asyncio.gather(*(one() for _ in range(ACTS)))
    assert None in refusals
    assert ProblemCode.UNAVAILABLE not in refusals
    async with world.database.transaction(sending(world.centre)) as session:
        rows = (await session.scalars(select(UnitRow))).all()
        open_incidents = set(
            await session.scalars(select(IncidentRow.incident_id).where(IncidentRow.closed_at.is_(None)))
        )
        held = select(AssignmentRow.responder_id, AssignmentRow.booking_id).where(AssignmentRow.released_at.is_(None))
        assigned = {(unit_id, booking_id) for unit_id, booking_id in await session.execute(held)}
    assert assigned == {(row.unit_id, row.booking_id) for row in rows if row.booking_id}
    for row in rows:
        assert (row.incident_id is not None) == (UnitState(row.state) in ON_MISSION)
        assert row.incident_id is None or row.incident_id in open_incidents
