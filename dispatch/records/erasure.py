"""The end of records: when their time is over, or when somebody asked for it.

In: the database, the calls' folder of this node. Out: calls whose words, sound and card nobody can read any more.
Invariants: a held call is not touched; erasing destroys the call's key, so that the append-only log stays whole and
says nothing; a folder goes only after the database says that the call is erased; every erasure is in the audit log.
"""

import asyncio
import shutil
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Exists, Interval, cast, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from dispatch.audit import AuditEntry, record
from dispatch.calls.retention import HELD_MARK
from dispatch.contract.console import CallState
from dispatch.observability.clock import Clock
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import ARCHIVIST
from dispatch.storage.tables import (
    CallRow,
    ErasureRow,
    LegalHoldRow,
    PatientRow,
    RecordKeyRow,
    RecordPolicyRow,
)

from .incident_words import empty_incident_of, empty_old_incidents

EVERY_S: Final = 30.0
BATCH: Final = 100

_log = structlog.get_logger(__name__)


class Archivist:
    """Erases what is due, and keeps this node's folders in step. Several nodes may do so at once."""

    def __init__(self, database: Database, clock: Clock, calls_root: Path, retention_days: int) -> None:
        self._database = database
        self._clock = clock
        self._root = calls_root
        self._retention_days = retention_days

    async def run(self) -> None:
        """For ever, every 30 s; run it as one task of the process."""
        while True:
            try:
                while await self.erase_due() == BATCH:
                    pass
                await self.sweep_folders()
            except StoreUnavailable:
                _log.warning("database away; erasures wait")
            await self._clock.sleep(EVERY_S)

    async def erase_due(self) -> int:
        """Erases at most 100 calls that are due. Returns how many."""
        now = self._clock.now()
        async with self._database.transaction(ARCHIVIST) as session:
            await self._ask_for_outdated(session, now)
            due = select(ErasureRow).where(ErasureRow.done_at.is_(None), ~is_held(ErasureRow.call_id))
            rows = (await session.scalars(due.limit(BATCH).with_for_update(skip_locked=True))).all()
            for row in rows:
                await erase(session, row, now)
            await empty_old_incidents(session, now, self._retention_days, BATCH)
        return len(rows)

    async def _ask_for_outdated(self, session: AsyncSession, now: datetime) -> None:
        """Calls whose retention is over are erased like those that somebody asks for."""
        days = func.coalesce(RecordPolicyRow.retention_days, self._retention_days)
        over = CallRow.closed_at < literal(now) - cast(func.concat(days, " days"), Interval)
        outdated = (
            select(CallRow.call_id, CallRow.centre_id, literal("The time to keep it is over."))
            .outerjoin(RecordPolicyRow, RecordPolicyRow.centre_id == CallRow.centre_id)
            .where(CallRow.state == CallState.CLOSED, CallRow.erased_at.is_(None), over, ~is_held(CallRow.call_id))
            .limit(BATCH)
        )
        columns = ["call_id", "centre_id", "reason"]
        await session.execute(insert(ErasureRow).from_select(columns, outdated).on_conflict_do_nothing())

    async def sweep_folders(self) -> int:
        """Deletes the folders of erased calls, and marks those that are held. Returns how many went."""
        folders = await asyncio.to_thread(lambda: [path for path in self._root.iterdir() if path.is_dir()])
        gone = 0
        for start in range(0, len(folders), BATCH):
            gone += await self._sweep(folders[start : start + BATCH])
        return gone

    async def _sweep(self, folders: list[Path]) -> int:
        names = [folder.name for folder in folders]
        async with self._database.transaction(ARCHIVIST) as session:
            erased = set(
                await session.scalars(
                    select(CallRow.call_id).where(CallRow.call_id.in_(names), CallRow.erased_at.is_not(None))
                )
            )
            in_force = LegalHoldRow.released_at.is_(None)
            held = set(
                await session.scalars(select(LegalHoldRow.call_id).where(LegalHoldRow.call_id.in_(names), in_force))
            )
        await asyncio.to_thread(_settle_folders, folders, erased, held)
        return len(erased)


def is_held(call_id: ColumnElement[str] | InstrumentedAttribute[str]) -> Exists:
    """The condition that a hold on a call is in force."""
    return exists().where(LegalHoldRow.call_id == call_id, LegalHoldRow.released_at.is_(None))


async def erase(session: AsyncSession, due: ErasureRow, now: datetime) -> None:
    """Destroys the key, empties what is not sealed, and writes down that it happened."""
    await session.execute(delete(RecordKeyRow).where(RecordKeyRow.call_id == due.call_id))
    await session.execute(delete(PatientRow).where(PatientRow.call_id == due.call_id))
    emptied = update(CallRow).values(phone=None, card={}, transcript="", erased_at=now)
    await session.execute(emptied.where(CallRow.call_id == due.call_id))
    await empty_incident_of(session, due.call_id)
    due.done_at = now
    await record(
        session,
        AuditEntry(now, due.asked_by, "archivist", "erase_call", "records", due.call_id, ("centre", due.centre_id)),
    )


def _settle_folders(folders: list[Path], erased: set[str], held: set[str]) -> None:
    for folder in folders:
        if folder.name in erased:
            shutil.rmtree(folder, ignore_errors=True)
        elif folder.name in held:
            (folder / HELD_MARK).touch()
        else:
            (folder / HELD_MARK).unlink(missing_ok=True)
