"""The directory of dispatch centres: which centre a way in belongs to, answered from memory.

In: the centres and entries of the database, read now and then. Out: a `Centre` for any entry, also an unknown one.
Invariants: a lookup never waits, and never fails once there was anything to know: the database's last answer is kept in
memory and in a file, so that calls are taken while the database is away, also by a process that has just started.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol

import structlog
from sqlalchemy import select

from dispatch.contract.base import CentreId
from dispatch.observability.clock import Clock
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import REGISTRY
from dispatch.storage.data_root import write_secret
from dispatch.storage.tables import DispatchCentreRow, EntryRow, RecordPolicyRow

REFRESH_S: Final = 30.0
DEFAULT_NOTICE: Final = "This call is recorded and written down while you speak, so that help finds you."

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Centre:
    """A dispatch centre as a call sees it."""

    centre_id: CentreId
    name: str
    public_number: str
    """The public emergency number to ring when the service cannot help."""
    overflow_centre_id: CentreId | None = None
    notice: str = DEFAULT_NOTICE
    """What callers read about being recorded."""


class Directory(Protocol):
    """Which centre a way in belongs to."""

    def centre_of_entry(self, entry: str) -> Centre:
        """The centre of an entry; the default centre for an unknown one."""
        ...

    def centre(self, centre_id: str) -> Centre | None: ...

    def centres(self) -> tuple[Centre, ...]: ...


@dataclass(frozen=True)
class StaticDirectory:
    """A directory that does not change. The first centre takes the calls of unknown entries."""

    known: tuple[Centre, ...]
    entries: tuple[tuple[str, CentreId], ...] = ()

    def centre_of_entry(self, entry: str) -> Centre:
        centre_id = dict(self.entries).get(entry)
        return (self.centre(centre_id) if centre_id else None) or self.known[0]

    def centre(self, centre_id: str) -> Centre | None:
        return next((centre for centre in self.known if centre.centre_id == centre_id), None)

    def centres(self) -> tuple[Centre, ...]:
        return self.known


class StoredDirectory:
    """The directory of a database, with the last known state in `file`. `await load()` before the first lookup."""

    def __init__(self, database: Database, file: Path) -> None:
        self._database = database
        self._file = file
        self._known = self._kept = StaticDirectory(())

    async def load(self) -> None:
        """Reads the database, or the file when the database is away.

        Raises StoreUnavailable when there is neither, or when the database has no dispatch centre yet.
        """
        try:
            found = await read_directory(self._database)
        except StoreUnavailable:
            if not self._file.exists():
                raise
            self._known = from_json(self._file.read_text())
            return
        if not found.known:
            raise StoreUnavailable(
                "The database has no dispatch centre yet. Make one with "
                "`kiwimesh tenants begin NAME`, or start with --demo."
            )
        self._known = found
        if found != self._kept:
            self._keep(found)

    def _keep(self, found: StaticDirectory) -> None:
        """For a start without the database. A full disk is no reason not to start now: tried again at the next look."""
        try:
            write_secret(self._file, to_json(found))
        except OSError:
            _log.warning("directory not kept: the disk takes nothing")
        else:
            self._kept = found

    async def keep_fresh(self, clock: Clock) -> None:
        """Reads the database every 30 s, for ever; run it as one task of the process."""
        while True:
            await clock.sleep(REFRESH_S)
            try:
                await self.load()
            except StoreUnavailable as error:
                _log.warning("directory not refreshed", code=error.code)

    def centre_of_entry(self, entry: str) -> Centre:
        return self._known.centre_of_entry(entry)

    def centre(self, centre_id: str) -> Centre | None:
        return self._known.centre(centre_id)

    def centres(self) -> tuple[Centre, ...]:
        return self._known.centres()


async def read_directory(database: Database) -> StaticDirectory:
    """The centres of a database, the default one first, and their entries."""
    centres = select(DispatchCentreRow).order_by(DispatchCentreRow.is_default.desc(), DispatchCentreRow.centre_id)
    entries = select(EntryRow).order_by(EntryRow.entry_id)
    async with database.transaction(REGISTRY) as session:
        told = await session.execute(select(RecordPolicyRow.centre_id, RecordPolicyRow.notice))
        notices = dict(iter(told))
        rows = (await session.scalars(centres)).all()
        known = tuple(
            Centre(
                centre_id=CentreId(row.centre_id),
                name=row.name,
                public_number=row.public_number,
                overflow_centre_id=CentreId(row.overflow_centre_id) if row.overflow_centre_id else None,
                notice=notices.get(row.centre_id, DEFAULT_NOTICE),
            )
            for row in rows
        )
        taking = {row.centre_id: takes_calls_of(row, rows) for row in rows}
        ways_in = tuple((row.entry_id, taking[row.centre_id]) for row in await session.scalars(entries))
    return StaticDirectory(known, ways_in)


def takes_calls_of(centre: DispatchCentreRow, rows: Sequence[DispatchCentreRow]) -> CentreId:
    """Who takes a centre's new calls: it does; while it is suspended its overflow centre, or else the first one."""
    open_ids = {row.centre_id for row in rows if row.suspended_at is None}
    wanted = (centre.centre_id, centre.overflow_centre_id, rows[0].centre_id)
    return CentreId(next((one for one in wanted if one in open_ids), None) or rows[0].centre_id)


def to_json(directory: StaticDirectory) -> str:
    """The directory as text."""
    return json.dumps(asdict(directory))


def from_json(text: str) -> StaticDirectory:
    """The directory that `to_json` wrote."""
    stored = json.loads(text)
    known = tuple(Centre(**centre) for centre in stored["known"])
    return StaticDirectory(known, tuple((entry, CentreId(centre_id)) for entry, centre_id in stored["entries"]))
