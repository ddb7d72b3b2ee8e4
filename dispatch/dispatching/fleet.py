"""Which units there are: entering, changing and withdrawing them, and who their crews are.

In: checked requests of a centre's supervisor or a hospital's admin. Out: rows, which `following` shows to consoles.
Invariants: reach is decided in the person's own role, before the transaction steps into the role that keeps a centre's
units; of the units in service no two of a centre have one call sign; a unit on a mission keeps its hospital and stays
in service; a withdrawn one is off duty (the database holds to that, too); whoever joins a crew is a paramedic of its
hospital.
"""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import CentreId, PersonId
from dispatch.contract.dispatching import UnitState
from dispatch.contract.fleet import NewUnit, UnitDetails, UnitRecord
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.roles import Role, ScopeKind
from dispatch.storage import stepped_into
from dispatch.storage.context import sending
from dispatch.storage.tables import DispatchCentreRow, HospitalRow, RoleGrantRow, UnitRow

from .deeds import Deed
from .missions import taken_units, view_of
from .ports import Commander
from .unit_states import off_duty_possible


async def create_unit(asked: Asked[NewUnit, None], session: AsyncSession) -> Answer:
    """A new unit, off duty, with an id of the server's making."""
    said, centre_id = asked.body, asked.path["centre_id"]
    if await session.get(DispatchCentreRow, centre_id) is None:
        raise _absent("dispatch centre")
    await _check_hospital(session, said.hospital_id)
    async with stepped_into(session, sending(CentreId(centre_id))):
        await _check_call_sign(session, centre_id, said.call_sign)
        unit = UnitRow(unit_id=f"unit-{secrets.token_hex(8)}", centre_id=centre_id, exercise=said.exercise, crew=[])
        _describe(unit, said)
        if said.latitude is not None:
            unit.latitude, unit.longitude, unit.position_at = said.latitude, said.longitude, asked.at
        unit.state_since = unit.changed_at = asked.at
        session.add(unit)
    return _shown(unit)


async def read_unit(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """One unit."""
    return _shown(await _reached(asked, session))


async def change_unit(asked: Asked[UnitDetails, None], session: AsyncSession) -> Answer:
    """New values for a unit that was read."""
    said = asked.body
    moves = (await _reached(asked, session)).hospital_id != said.hospital_id
    if moves:
        await _check_hospital(session, said.hospital_id)
    async with _keeping(asked, session) as (deed, unit):
        await _check_call_sign(session, unit.centre_id, said.call_sign, unit.unit_id)
        if moves:
            await _check_free(deed, unit)
            unit.crew = []
        _describe(unit, said)
    return _shown(unit)


async def withdraw_unit(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Out of service, off duty and off the consoles."""
    async with _keeping(asked, session) as (deed, unit):
        await _check_free(deed, unit)
        unit.on_duty, unit.withdrawn_at = False, unit.withdrawn_at or asked.at
    return _shown(unit)


async def reinstate_unit(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """In service again; its crew or the desk puts it on duty."""
    async with _keeping(asked, session) as (_, unit):
        await _check_call_sign(session, unit.centre_id, unit.call_sign, unit.unit_id)
        unit.withdrawn_at = None
    return _shown(unit)


async def join_crew(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """A paramedic of the unit's hospital; doing it twice is no error."""
    person_id = asked.path["person_id"]
    hospital_id = (await _reached(asked, session)).hospital_id
    here = (RoleGrantRow.scope_kind == ScopeKind.HOSPITAL, RoleGrantRow.scope_id == hospital_id)
    held = select(RoleGrantRow.grant_id).where(
        RoleGrantRow.person_id == person_id, RoleGrantRow.role == Role.PARAMEDIC, RoleGrantRow.lost_at.is_(None), *here
    )
    if await session.scalar(held.limit(1)) is None:
        message = "They are no paramedic of the unit's hospital. Give them that role there, then name them again."
        raise Refused(ProblemCode.WRONG_STATE, message)
    async with _keeping(asked, session) as (_, unit):
        if unit.hospital_id != hospital_id:
            raise Refused(ProblemCode.CONFLICT, "The unit has just gone to another hospital.")
        if person_id not in unit.crew:
            unit.crew = [*unit.crew, person_id]
    return _shown(unit)


async def leave_crew(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """No longer of the crew; doing it twice is no error."""
    async with _keeping(asked, session) as (_, unit):
        unit.crew = [member for member in unit.crew if member != asked.path["person_id"]]
    return _shown(unit)


@asynccontextmanager
async def _keeping(asked: Asked[Any, Any], session: AsyncSession) -> AsyncIterator[tuple[Deed, UnitRow]]:
    """The unit, locked, in the version that was read where the route wants one; consoles are told what changes.

    Raises Refused.
    """
    centre_id = CentreId((await _reached(asked, session)).centre_id)
    async with stepped_into(session, sending(centre_id)):
        query = select(UnitRow).where(UnitRow.unit_id == asked.path["unit_id"]).with_for_update()
        unit = (await session.scalars(query.execution_options(populate_existing=True))).one()
        if asked.version is not None and asked.version != unit.version:
            raise Refused(ProblemCode.VERSION_CONFLICT, "This unit has changed since it was read.")
        deed = Deed(session, Commander(centre_id, asked.role, asked.principal.person_id), asked.at)
        yield deed, unit
        deed.touch(unit)


async def _reached(asked: Asked[Any, Any], session: AsyncSession) -> UnitRow:
    unit = await session.get(UnitRow, asked.path["unit_id"])
    if unit is None:
        raise _absent("unit")
    return unit


async def _check_hospital(session: AsyncSession, hospital_id: str | None) -> None:
    """A supervisor reaches the hospitals that serve the communities of their centre, and no other."""
    if hospital_id is not None and await session.get(HospitalRow, hospital_id) is None:
        raise _absent("hospital among those that serve the centre's communities")


async def _check_call_sign(session: AsyncSession, centre_id: str, call_sign: str, but: str = "") -> None:
    """On the radio a call sign is all that there is. Two who enter one at once come here one after the other."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"call signs of {centre_id}", 0))))
    same = func.lower(UnitRow.call_sign) == call_sign.lower()
    query = select(UnitRow.unit_id).where(UnitRow.centre_id == centre_id, UnitRow.withdrawn_at.is_(None), same)
    if await session.scalar(query.where(UnitRow.unit_id != but).limit(1)) is not None:
        raise Refused(ProblemCode.CONFLICT, f"Another unit is called {call_sign}. Choose another call sign.")


async def _check_free(deed: Deed, unit: UnitRow) -> None:
    if not off_duty_possible(UnitState(unit.state)) or await taken_units(deed, [unit.unit_id]):
        way_out = "Stand it down, or wait until its crew is clear, then try again."
        raise Refused(ProblemCode.WRONG_STATE, f"{unit.call_sign} is on a mission. {way_out}")


def _describe(unit: UnitRow, said: UnitDetails) -> None:
    unit.call_sign, unit.hospital_id = said.call_sign, said.hospital_id
    unit.capabilities = list(dict.fromkeys(said.capabilities))


def _shown(unit: UnitRow) -> Answer:
    body = UnitRecord(
        unit=view_of(unit),
        centre_id=CentreId(unit.centre_id),
        hospital_id=unit.hospital_id,
        crew=tuple(map(PersonId, unit.crew)),
    )
    return Answer(body, unit.version, subject=unit.unit_id, centre_id=unit.centre_id)


def _absent(what: str) -> Refused:
    return Refused(ProblemCode.NOT_FOUND, f"There is no such {what}.")


HANDLERS: Final[Mapping[str, Handler]] = {
    "create_unit": create_unit,
    "read_unit": read_unit,
    "change_unit": change_unit,
    "withdraw_unit": withdraw_unit,
    "reinstate_unit": reinstate_unit,
    "join_crew": join_crew,
    "leave_crew": leave_crew,
}
