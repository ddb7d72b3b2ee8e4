"""For whom a booking is: where somebody lives, who serves the place, and whether the asker may book for them.

In: a resident's id, or the person who asks for themselves. Out: the booking's scope. Invariants: nobody books for a
resident whom their role does not reach; whether such a resident exists is not said.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.roles import Role
from dispatch.observability.clock import Clock
from dispatch.storage import Context, stepped_into
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import CentreCommunityRow, HospitalCommunityRow, ResidentRow

from .errors import NoSuchResident
from .state import Scope

HOSPITAL_ROLES = frozenset({Role.HOSPITAL_ADMIN, Role.NURSE, Role.PARAMEDIC})
CENTRE_ROLES = frozenset({Role.OPERATOR, Role.SUPERVISOR})
KEPT_S: Final = 30.0
"""How long a move, or a suspension, may take to be noticed."""
MOST_KNOWN: Final = 10_000
"""The ones asked for longest ago are forgotten first."""


@dataclass(frozen=True)
class Residence:
    """Where somebody lives, and who serves the place."""

    resident_id: str
    person_id: str | None
    community_id: str
    hospital_ids: tuple[str, ...]
    centre_ids: tuple[str, ...]

    def scope(self, role: Role, context: Context) -> Scope | None:
        """The scope of a booking that `context` makes in `role`; None where the role does not reach the resident."""
        hospital = next((h for h in self.hospital_ids if h in context.covered("hospital")), None)
        centres = [centre for centre in self.centre_ids if centre in context.covered("centre")]
        reached = (
            (role is Role.RESIDENT and self.person_id == context.person_id)
            or (role is Role.COMMUNITY_MANAGER and self.community_id in context.covered("community"))
            or (role in HOSPITAL_ROLES and hospital is not None)
            or (role in CENTRE_ROLES and bool(centres))
        )
        if not reached:
            return None
        centre = next(iter(centres or self.centre_ids), None)
        return Scope(self.person_id, self.community_id, hospital, centre)


class Residences:
    """Where people live, asked of the database at most once in a while for each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[tuple[str | None, str], tuple[float, Residence]] = OrderedDict()

    async def find(self, session: AsyncSession, role: Role, context: Context, resident_id: str | None) -> Residence:
        """The resident that is named, or who asks themselves. Raises NoSuchResident.

        Read on the connection of the one who asks: many who ask at once never wait for each other's second one.
        """
        if resident_id is None and role is not Role.RESIDENT:
            raise NoSuchResident("Say for whom it is.")
        wanted = (resident_id, "" if resident_id else str(context.person_id))
        learned_s, known = self._known.get(wanted, (float("-inf"), None))
        if known is None or self._clock.monotonic() - learned_s > KEPT_S:
            known = await self._read(session, wanted)
        return known

    async def _read(self, session: AsyncSession, wanted: tuple[str | None, str]) -> Residence:
        async with stepped_into(session, REGISTRY):
            found = await read_residence(session, *wanted)
        if found is None:
            raise NoSuchResident("There is no such resident.")
        self._known[wanted] = (self._clock.monotonic(), found)
        self._known.move_to_end(wanted)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return found


async def read_residence(session: AsyncSession, resident_id: str | None, person_id: str) -> Residence | None:
    """A resident by id, or else the first residence of a person."""
    chosen = ResidentRow.resident_id == resident_id if resident_id else ResidentRow.person_id == person_id
    row = (await session.execute(residence_query().where(chosen))).first()
    if row is None:
        return None
    return Residence(row[0], row[1], row[2], tuple(row[3] or ()), tuple(row[4] or ()))


def residence_query() -> Select[str, str | None, str, list[str] | None, list[str] | None]:
    """Residents who are not suspended, with who serves where they live."""
    hospital, centre = HospitalCommunityRow.hospital_id, CentreCommunityRow.centre_id
    return (
        select(
            ResidentRow.resident_id,
            ResidentRow.person_id,
            ResidentRow.community_id,
            select(func.array_agg(aggregate_order_by(hospital, hospital)))
            .where(HospitalCommunityRow.community_id == ResidentRow.community_id)
            .scalar_subquery(),
            select(func.array_agg(aggregate_order_by(centre, centre)))
            .where(CentreCommunityRow.community_id == ResidentRow.community_id)
            .scalar_subquery(),
        )
        .where(ResidentRow.suspended_at.is_(None))
        .order_by(ResidentRow.resident_id)
        .limit(1)
    )
