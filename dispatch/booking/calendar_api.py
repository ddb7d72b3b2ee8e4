"""What people ask of calendars over the API: which there are, what is free, and a hospital's own changes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import ValidationError
from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.booking import (
    Calendar,
    CalendarChange,
    CalendarQuery,
    Calendars,
    FreeSlot,
    FreeSlotQuery,
    FreeSlots,
    OpeningTime,
)
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.storage import stepped_into
from dispatch.storage.context import WORKER
from dispatch.storage.tables import CalendarRow, StaffRow

from .api import refusals
from .appointments import bounds, coming_slots
from .calendars import read_calendar, rules_of
from .catalogue import Catalogue
from .hours import OpeningHours, bookable, free

LONGEST: Final = timedelta(days=15)
MOST_CALENDARS: Final = 500


class CalendarDesk:
    """Answers the routes of calendars."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def handlers(self) -> dict[str, Handler]:
        """By route name."""
        return {
            "list_calendars": self.list_calendars,
            "put_calendar": self.put,
            "list_free_slots": self.list_free_slots,
        }

    async def list_calendars(self, asked: Asked[None, CalendarQuery], session: AsyncSession) -> Answer:
        """The open calendars within reach."""
        query = select(CalendarRow).where(CalendarRow.closed_at.is_(None)).order_by(CalendarRow.calendar_id)
        if wanted := asked.query.service_type:
            query = query.where(literal(wanted) == any_(CalendarRow.service_types))
        rows = await session.scalars(query.limit(MOST_CALENDARS))
        return Answer(Calendars(calendars=tuple(map(calendar_view, rows))))

    async def put(self, asked: Asked[CalendarChange, None], session: AsyncSession) -> Answer:
        """Opens, changes or closes a calendar of the asker's hospital."""
        body = asked.body
        if body.zone not in available_timezones():
            raise Refused(ProblemCode.INVALID_MESSAGE, "There is no such time zone.")
        if unknown := set(body.service_types) - self._catalogue.newest.keys():
            raise Refused(ProblemCode.INVALID_MESSAGE, f"There is no service {', '.join(sorted(unknown))}.")
        values = {
            "hospital_id": await self._hospital(asked, session),
            "label": body.label,
            "service_types": list(body.service_types),
            "staff_id": body.staff_id,
            "zone": body.zone,
            "hours": hours_of(body).model_dump(mode="json"),
            "closed_at": asked.at if body.closed else None,
        }
        statement = insert(CalendarRow).values(calendar_id=asked.path["calendar_id"], **values)
        own = CalendarRow.hospital_id == values["hospital_id"]
        statement = statement.on_conflict_do_update(index_elements=["calendar_id"], set_=values, where=own)
        if (await session.execute(statement.returning(CalendarRow.calendar_id))).first() is None:
            raise Refused(ProblemCode.CONFLICT, "This id belongs to another calendar.")
        return Answer(calendar_view(CalendarRow(calendar_id=asked.path["calendar_id"], **values)))

    async def _hospital(self, asked: Asked[CalendarChange, None], session: AsyncSession) -> str:
        """The hospital of the member of staff who is named, or of the asker."""
        if asked.body.staff_id:
            query = select(StaffRow.hospital_id).where(StaffRow.staff_id == asked.body.staff_id)
            found = await session.scalar(query)
        else:
            found = next(iter(sorted(asked.principal.context(asked.role).covered("hospital"))), None)
        if found is None:
            raise Refused(ProblemCode.NOT_FOUND, "There is no such member of staff.")
        return found

    async def list_free_slots(self, asked: Asked[None, FreeSlotQuery], session: AsyncSession) -> Answer:
        """What is free in a calendar: without saying by whom the rest is taken."""
        wanted, calendar_id = asked.query, asked.path["calendar_id"]
        if wanted.latest - wanted.earliest > LONGEST:
            raise Refused(ProblemCode.INVALID_MESSAGE, "Ask for at most two weeks at once.")
        with refusals():
            rules = rules_of(self._catalogue.current(wanted.service_type))
            calendar = await read_calendar(session, calendar_id, wanted.service_type)
        async with stepped_into(session, WORKER):
            taken = [bounds(row) for row in await session.scalars(coming_slots(calendar_id, asked.at))]
        earliest, latest = bookable(rules, asked.at)
        slots = calendar.slots(rules, max(earliest, wanted.earliest), min(latest, wanted.latest))
        shown = tuple(FreeSlot(starts_at=slot.starts_at, ends_at=slot.ends_at) for slot in free(slots, taken))
        return Answer(FreeSlots(zone=str(calendar.zone), slots=shown))


def hours_of(change: CalendarChange) -> OpeningHours:
    """The opening hours in a change. Raises Refused."""
    try:
        weekly = {day.weekday.value: times(day.openings) for day in change.weekly}
        return OpeningHours.model_validate({**weekly, "dates": {day.date: times(day.openings) for day in change.dates}})
    except ValidationError:
        raise Refused(ProblemCode.INVALID_MESSAGE, "These are not opening hours.") from None


def times(openings: Sequence[OpeningTime]) -> list[tuple[str, str]]:
    """Openings as the hours of a calendar have them."""
    return [(opening.opens, opening.closes) for opening in openings]


def calendar_view(row: CalendarRow) -> Calendar:
    """A stored calendar."""
    return Calendar(
        calendar_id=row.calendar_id,
        hospital_id=row.hospital_id,
        label=row.label,
        service_types=tuple(row.service_types),
        zone=str(ZoneInfo(row.zone)),
    )
