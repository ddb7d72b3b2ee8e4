"""Calendars: read for a deed, and kept in memory for whoever books a slot at the same moment as many others.

In: the session of whoever acts. Out: `Calendar`s within their reach. Invariants: what is kept is taken as true only by
a statement that compares it with the database's own version of the row (`Known.mark`), so that nobody books by hours
that have changed; who may see a kept calendar is decided here by what the token covers, and by the database besides.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Text, cast, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.observability.clock import Clock
from dispatch.storage import Context, DatabaseRole, stepped_into
from dispatch.storage.context import REGISTRY
from dispatch.storage.scope import CONTEXT_KEY
from dispatch.storage.tables import CalendarRow, HospitalCommunityRow

from .errors import NoSuchCalendar, NoSuchSlot
from .hours import OpeningHours, Slot, bookable, slots_between
from .policy import ServicePolicy, Slots

HOSPITAL_ROLES: Final = frozenset({DatabaseRole.HOSPITAL_ADMIN, DatabaseRole.NURSE, DatabaseRole.PARAMEDIC})
COMMUNITY_ROLES: Final = frozenset({DatabaseRole.RESIDENT, DatabaseRole.COMMUNITY_MANAGER})
KEPT_S: Final = 30.0
"""After so long a calendar is read again, for a hospital's new community. The database notices such things at once."""
MOST_KNOWN: Final = 1_000
"""The ones that were read longest ago are forgotten first."""
MARK: Final = cast(literal_column("calendar.xmin"), Text)
"""PostgreSQL's id of the transaction that wrote the row as it is now."""


@dataclass(frozen=True)
class Calendar:
    """A calendar as it is stored."""

    calendar_id: str
    hospital_id: str
    service_types: frozenset[str]
    staff_id: str | None
    zone: ZoneInfo
    hours: OpeningHours

    def slots(self, rules: Slots, earliest: datetime, latest: datetime) -> list[Slot]:
        """The slots that begin from `earliest` to `latest`."""
        return list(slots_between(self.hours, self.zone, rules, earliest, latest))

    def slot_at(self, rules: Slots, starts_at: datetime, now: datetime) -> Slot:
        """The slot that begins then. Raises NoSuchSlot when there is none, or it cannot be booked any more or yet."""
        earliest, latest = bookable(rules, now)
        found = self.slots(rules, starts_at, starts_at) if earliest <= starts_at <= latest else []
        if not found:
            raise NoSuchSlot("No slot that can be booked begins then.")
        return found[0]


@dataclass(frozen=True)
class Known:
    """A calendar as it was when it was read."""

    calendar: Calendar
    communities: frozenset[str]
    """That its hospital serves."""
    open: bool
    mark: str
    read_at_s: float

    def seen_by(self, context: Context) -> bool:
        """Whether the acting role reaches it."""
        if context.role in HOSPITAL_ROLES:
            return self.calendar.hospital_id in context.covered("hospital")
        return context.role in COMMUNITY_ROLES and bool(self.communities & context.covered("community"))


class Calendars:
    """The calendars of a process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()

    async def find(self, session: AsyncSession, calendar_id: str, service_type: str, *, fresh: bool = False) -> Known:
        """A calendar in which a service can be booked, `fresh` or as it was a moment ago. Raises NoSuchCalendar."""
        context: Context = session.info[CONTEXT_KEY]
        known, now_s = None if fresh else self._known.get(calendar_id), self._clock.monotonic()
        if known is not None and now_s - known.read_at_s > KEPT_S:
            self._known[calendar_id] = replace(known, read_at_s=now_s)
            known = None  # whoever sees it first reads it again; the others go on with it meanwhile
        if known is None:
            known = await self._read(session, calendar_id)
        if not (known.open and known.seen_by(context) and service_type in known.calendar.service_types):
            raise NoSuchCalendar("There is no such calendar for this service.")
        return known

    async def _read(self, session: AsyncSession, calendar_id: str) -> Known:
        """On the connection of the one who asks: many who ask at once never wait for each other's second one."""
        served = select(HospitalCommunityRow.community_id)
        query = select(CalendarRow, MARK).where(CalendarRow.calendar_id == calendar_id)
        async with stepped_into(session, REGISTRY):
            found = (await session.execute(query.execution_options(populate_existing=True))).first()
            of_hospital = HospitalCommunityRow.hospital_id == (found[0].hospital_id if found else None)
            communities = frozenset(await session.scalars(served.where(of_hospital)))
        if found is None:
            self._known.pop(calendar_id, None)
            raise NoSuchCalendar("There is no such calendar for this service.")
        row, mark = found
        known = Known(calendar_from(row), communities, row.closed_at is None, mark, self._clock.monotonic())
        self._known[calendar_id] = known
        self._known.move_to_end(calendar_id)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return known


def rules_of(policy: ServicePolicy) -> Slots:
    """How slots of a service are booked. Raises NoSuchSlot for an immediate service."""
    if policy.slots is None:
        raise NoSuchSlot("This service has no appointments; it is there at once.")
    return policy.slots


async def read_calendar(session: AsyncSession, calendar_id: str, service_type: str) -> Calendar:
    """A calendar in which a service can be booked. Raises NoSuchCalendar."""
    query = select(CalendarRow).where(CalendarRow.calendar_id == calendar_id, CalendarRow.closed_at.is_(None))
    row = await session.scalar(query)
    if row is None or service_type not in row.service_types:
        raise NoSuchCalendar("There is no such calendar for this service.")
    return calendar_from(row)


def calendar_from(row: CalendarRow) -> Calendar:
    """A stored calendar."""
    return Calendar(
        calendar_id=row.calendar_id,
        hospital_id=row.hospital_id,
        service_types=frozenset(row.service_types),
        staff_id=row.staff_id,
        zone=ZoneInfo(row.zone),
        hours=OpeningHours.model_validate(row.hours),
    )
