"""The demonstration's units and places: something to send, and somewhere to send it.

In: `demo.yaml`, the demonstration's organisations. Out: rows. Invariants: seeding again leaves units where they are.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from sqlalchemy.dialects.postgresql import insert

from dispatch.contract.base import CentreId, Identifier, ShortText
from dispatch.contract.dispatching import Latitude, Longitude
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import UnitRow

from .gazetteer import GazetteerFile, Part, import_places

SCRIPT: Final = Path(__file__).with_name("demo.yaml")


class UnitLine(Part):
    """A unit of the demonstration."""

    id: Identifier
    call_sign: ShortText
    capabilities: tuple[Identifier, ...]
    crew: tuple[Identifier, ...] = ()
    """Person ids; a unit without a crew is driven from the desk."""
    exercise: bool = False
    latitude: Latitude
    longitude: Longitude


class DemoFile(Part):
    """demo.yaml."""

    units: tuple[UnitLine, ...]
    gazetteer: GazetteerFile


@cache
def demo_file() -> DemoFile:
    """What the file says."""
    return DemoFile.model_validate(yaml.safe_load(SCRIPT.read_text("utf-8")))


async def seed_demo_units(database: Database, centre_id: CentreId, hospital_id: str, now: datetime) -> None:
    """Writes units and places of the demonstration, or completes them. Raises StoreUnavailable."""
    script = demo_file()
    await import_places(database, script.gazetteer, now)
    async with database.transaction(REGISTRY) as session:
        for unit in script.units:
            row = {
                "unit_id": unit.id,
                "centre_id": centre_id,
                "hospital_id": hospital_id,
                "call_sign": unit.call_sign,
                "capabilities": list(unit.capabilities),
                "crew": list(unit.crew),
                "exercise": unit.exercise,
                "on_duty": True,
                "latitude": unit.latitude,
                "longitude": unit.longitude,
                "position_at": now,
            }
            await session.execute(insert(UnitRow).values(**row).on_conflict_do_nothing())
