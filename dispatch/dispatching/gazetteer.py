"""The gazetteer of a community: its file, and how the file gets into the database.

In: YAML or CSV (docs/places.md). Out: places and standing notes of one community. Invariants: importing the same file
again changes nothing; a place that is no longer in the file is retired, never deleted, because incidents refer to it; a
file with a mistake is refused whole, with the line or id that is wrong.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import Identifier, LongText, ShortText
from dispatch.contract.dispatching import Latitude, Longitude, NoteKind, PlaceKind
from dispatch.storage import Database
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import CommunityRow, PlaceRow, StandingNoteRow

MOST_PLACES: Final = 50_000


class FileRefused(Exception):  # noqa: N818 - named by what happened
    """A gazetteer that cannot be imported; the message names the place of the mistake, never what lives there."""

    code = "places_refused"
    retryable = False


class Part(BaseModel):
    """Base of what stands in a gazetteer's file."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class PlaceLine(Part):
    """One place of a file. Its id is unique within the community."""

    id: Identifier
    kind: PlaceKind
    name: ShortText = Field(min_length=1, repr=False)
    inside: Identifier | None = Field(default=None, alias="in")
    aliases: tuple[ShortText, ...] = Field(default=(), repr=False)
    latitude: Latitude | None = Field(default=None, repr=False)
    longitude: Longitude | None = Field(default=None, repr=False)
    access: LongText = Field(default="", repr=False)
    hazards: LongText = Field(default="", repr=False)


class NoteLine(Part):
    """A standing note about a place of the file, or about a resident by their id."""

    kind: NoteKind
    words: LongText = Field(min_length=1, repr=False)
    place: Identifier | None = None
    resident: Identifier | None = None


class GazetteerFile(Part):
    """A whole file."""

    community: Identifier
    places: tuple[PlaceLine, ...] = Field(max_length=MOST_PLACES)
    notes: tuple[NoteLine, ...] = Field(default=(), max_length=MOST_PLACES)


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    places: int
    retired: int
    notes: int


def read_gazetteer(path: Path, community: str | None = None) -> GazetteerFile:
    """Reads a `.yaml`, `.yml` or `.csv` file. A CSV file does not name its community. Raises FileRefused."""
    try:
        content = _csv_content(path, community) if path.suffix == ".csv" else yaml.safe_load(path.read_text("utf-8"))
        file = GazetteerFile.model_validate(content)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in error.errors()[:5])
        raise FileRefused(f"The file has mistakes: {'; '.join(faults)}.") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, csv.Error) as error:
        raise FileRefused(f"The file cannot be read ({type(error).__name__}).") from None
    _check(file)
    return file


def _csv_content(path: Path, community: str | None) -> dict[str, Any]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        places = [_csv_place(row) for row in csv.DictReader(lines)]
    return {"community": community, "places": places}


def _csv_place(row: Mapping[str, str]) -> dict[str, Any]:
    """A row without its empty cells; aliases are separated by semicolons."""
    filled: dict[str, Any] = {name: value.strip() for name, value in row.items() if value and value.strip()}
    if "aliases" in filled:
        filled["aliases"] = tuple(alias.strip() for alias in filled["aliases"].split(";") if alias.strip())
    return filled


def _check(file: GazetteerFile) -> None:
    known: set[str] = set()
    for place in file.places:
        if place.id in known:
            raise FileRefused(f"The id {place.id} is there twice.")
        if place.inside and place.inside not in known:
            raise FileRefused(f"{place.id} lies in {place.inside}, which has to come before it.")
        if (place.latitude is None) != (place.longitude is None):
            raise FileRefused(f"{place.id} has one coordinate and lacks the other.")
        if len(place_id(file.community, place.id)) > 64:
            raise FileRefused(f"{place.id} is too long together with the community's id.")
        known.add(place.id)
    for note in file.notes:
        if (note.place is None) == (note.resident is None) or (note.place and note.place not in known):
            raise FileRefused("A note belongs to a place of the file, or to a resident, and to one of them.")


def place_id(community: str, local_id: str) -> str:
    """The id of a place in the database: two communities may use the same ids in their files."""
    return f"{community}.{local_id}"


def labels(places: Iterable[PlaceLine]) -> dict[str, str]:
    """The whole address of each place, from the inside out."""
    found: dict[str, str] = {}
    for place in places:
        found[place.id] = f"{place.name}, {found[place.inside]}" if place.inside else place.name
    return found


async def import_places(database: Database, file: GazetteerFile, now: datetime) -> Imported:
    """Makes the database's gazetteer of one community what the file says. Raises FileRefused, StorageError."""
    async with database.transaction(REGISTRY) as session:
        if await session.get(CommunityRow, file.community) is None:
            raise FileRefused(f"There is no community {file.community}.")
        for place in _rows(file):
            changed = {name: value for name, value in place.items() if name != "place_id"}
            statement = insert(PlaceRow).values(**place)
            await session.execute(statement.on_conflict_do_update(index_elements=["place_id"], set_=changed))
        retired = await _retire(session, file, now)
        notes = await _write_notes(session, file)
    return Imported(len(file.places), retired, notes)


def _rows(file: GazetteerFile) -> Iterator[dict[str, Any]]:
    full = labels(file.places)
    for place in file.places:
        yield {
            "place_id": place_id(file.community, place.id),
            "community_id": file.community,
            "parent_id": place_id(file.community, place.inside) if place.inside else None,
            "kind": place.kind.value,
            "name": place.name,
            "label": full[place.id][:200],
            "aliases": list(place.aliases),
            "latitude": place.latitude,
            "longitude": place.longitude,
            "access_notes": place.access,
            "hazards": place.hazards,
            "retired_at": None,
        }


async def _retire(session: AsyncSession, file: GazetteerFile, now: datetime) -> int:
    kept = [place_id(file.community, place.id) for place in file.places]
    gone = (PlaceRow.community_id == file.community, PlaceRow.retired_at.is_(None), PlaceRow.place_id.not_in(kept))
    count = await session.scalar(select(func.count()).select_from(PlaceRow).where(*gone))
    await session.execute(update(PlaceRow).where(*gone).values(retired_at=now))
    return count or 0


async def _write_notes(session: AsyncSession, file: GazetteerFile) -> int:
    """The notes of the file replace those of the community; the same note has the same id each time."""
    await session.execute(delete(StandingNoteRow).where(StandingNoteRow.community_id == file.community))
    rows = {row["note_id"]: row for row in _note_rows(file)}
    if rows:
        await session.execute(insert(StandingNoteRow), list(rows.values()))
    return len(rows)


def _note_rows(file: GazetteerFile) -> Iterator[dict[str, Any]]:
    for note in file.notes:
        whose = place_id(file.community, note.place) if note.place else note.resident
        mark = hashlib.sha256(f"{file.community}|{whose}|{note.kind}|{note.words}".encode()).hexdigest()[:24]
        yield {
            "note_id": f"note-{mark}",
            "community_id": file.community,
            "place_id": whose if note.place else None,
            "resident_id": note.resident,
            "kind": note.kind.value,
            "words": note.words,
        }
