"""The demonstration's calendars: every service by appointment has slots that can be booked at once.

In: `demo.yaml`, the demonstration's hospital. Out: rows. Invariant: seeding again leaves calendars as they are.
"""

from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.dialects.postgresql import insert

from dispatch.contract.base import Identifier, ShortText
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import CalendarRow

from .hours import OpeningHours
from .policy import Part

SCRIPT: Final = Path(__file__).with_name("demo.yaml")


class CalendarLine(Part):
    """A calendar of the demonstration."""

    id: Identifier
    label: ShortText
    services: tuple[Identifier, ...]
    staff: Identifier | None = None
    zone: ShortText
    hours: OpeningHours


class DemoFile(Part):
    """demo.yaml."""

    calendars: tuple[CalendarLine, ...]


@cache
def demo_calendars() -> tuple[CalendarLine, ...]:
    """What the file says."""
    return DemoFile.model_validate(yaml.safe_load(SCRIPT.read_text("utf-8"))).calendars


async def seed_demo_calendars(database: Database, hospital_id: str) -> None:
    """Writes the calendars that are not there yet. Raises StoreUnavailable."""
    async with database.transaction(REGISTRY) as session:
        for calendar in demo_calendars():
            row = {
                "calendar_id": calendar.id,
                "hospital_id": hospital_id,
                "label": calendar.label,
                "service_types": list(calendar.services),
                "staff_id": calendar.staff,
                "zone": str(ZoneInfo(calendar.zone)),
                "hours": calendar.hours.model_dump(mode="json"),
            }
            await session.execute(insert(CalendarRow).values(**row).on_conflict_do_nothing())
