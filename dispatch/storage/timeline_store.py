"""The timelines of all calls in PostgreSQL, and where each call stands.

In: entries, in order within each call, possibly the same ones again. Out: entries and call records, within a scope.
Invariants: what was said is sealed with a key of the call's own; a batch is written whole or not at all; an entry is
written once, however often it is sent; the call, incident and patient rows are what the written entries add up to
(`projection`), in the same transaction.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import CallId, CentreId
from dispatch.contract.console import CallState
from dispatch.contract.timeline import (
    Actor,
    CallStarted,
    Disposition,
    EndReason,
    EscalationStep,
    TimelineEntry,
)

from .context import LEDGER, Context, of_centre
from .engine import Database
from .errors import StoreRefused
from .keys import DataKey, TenantKeys
from .projection import CallRecord, applied, opened
from .tables import CallRow, IncidentRow, PatientRow, RecordKeyRow, Row, TimelineEntryRow

LONGEST_PAGE: Final = 1000
"""Most entries or calls that one question is answered with."""

RECORD_FIELDS: Final = tuple(item.name for item in fields(CallRecord))


class TimelineStore(Protocol):
    """Keeps timelines. Both implementations pass the same contract suite (tests/storage/test_timeline_store.py)."""

    async def append(self, entries: Sequence[TimelineEntry]) -> None:
        """Writes entries; those already written are passed over. Entries of one call come in order, from 1.

        Raises StoreUnavailable when nothing was written and the same batch may be sent again; StoreRefused when this
        batch will never be taken: an unknown centre, or a call whose `call.started` was never sent.
        """
        ...

    async def entries(
        self, call_id: CallId, *, after_seq: int = 0, limit: int = LONGEST_PAGE, scope: Context
    ) -> tuple[TimelineEntry, ...]:
        """A call's entries after `after_seq`, in order. Nothing for a call that is not in the scope, as for none."""
        ...

    async def open_calls(self, centre: CentreId) -> tuple[CallRecord, ...]:
        """The centre's calls that nobody has closed, the longest waiting first."""
        ...

    async def recent_calls(self, centre: CentreId, limit: int = 50) -> tuple[CallRecord, ...]:
        """The centre's calls, the newest first."""
        ...


class PostgresTimelineStore:
    """The store on PostgreSQL; what a scope may see is decided by its row-level security, and once more here."""

    def __init__(self, database: Database, keys: TenantKeys) -> None:
        self._database = database
        self._keys = keys

    async def append(self, entries: Sequence[TimelineEntry]) -> None:
        if not entries:
            return
        async with self._database.transaction(LEDGER) as session:
            await self._open_calls(session, entries)
            records = await _locked_records(session, {entry.call_id for entry in entries})
            data_keys = await self._data_keys(session, records)
            if data_keys.keys() != records.keys():
                raise StoreRefused("The batch has entries of a call whose records were erased.")
            fresh = await _insert_entries(session, entries, records, data_keys)
            changed = add_up(records, fresh)
            await _save_records(session, changed)

    async def entries(
        self, call_id: CallId, *, after_seq: int = 0, limit: int = LONGEST_PAGE, scope: Context
    ) -> tuple[TimelineEntry, ...]:
        wanted = [TimelineEntryRow.call_id == call_id, TimelineEntryRow.seq > after_seq]
        if scope != LEDGER:
            wanted.append(TimelineEntryRow.centre_id == scope.centre_id)
        query = select(TimelineEntryRow).where(*wanted).order_by(TimelineEntryRow.seq).limit(min(limit, LONGEST_PAGE))
        async with self._database.transaction(scope) as session:
            key = (await self._data_keys(session, [call_id])).get(call_id)
            return tuple(entry_from(row, key) for row in await session.scalars(query)) if key else ()

    async def _data_keys(self, session: AsyncSession, calls: Collection[CallId]) -> dict[CallId, DataKey]:
        """The keys of calls; none for one whose records were erased."""
        rows = await session.scalars(select(RecordKeyRow).where(RecordKeyRow.call_id.in_(list(calls))))
        return {CallId(row.call_id): self._keys.open(row.centre_id, row.wrapped) for row in rows}

    async def _open_calls(self, session: AsyncSession, entries: Sequence[TimelineEntry]) -> None:
        started = new_records(entries)
        if not started:
            return
        incidents = [
            {"incident_id": r.incident_id, "centre_id": r.centre_id, "opened_at": r.started_at, "exercise": r.exercise}
            for r in started
        ]
        await session.execute(insert(IncidentRow).on_conflict_do_nothing(), incidents)
        await session.execute(insert(CallRow).on_conflict_do_nothing(), [asdict(record) for record in started])
        keys = [
            {"call_id": r.call_id, "centre_id": r.centre_id, "wrapped": self._keys.new(r.centre_id)[1]} for r in started
        ]
        await session.execute(insert(RecordKeyRow).on_conflict_do_nothing(), keys)

    async def open_calls(self, centre: CentreId) -> tuple[CallRecord, ...]:
        return await self._calls(centre, LONGEST_PAGE, CallRow.started_at.asc(), CallRow.state != CallState.CLOSED)

    async def recent_calls(self, centre: CentreId, limit: int = 50) -> tuple[CallRecord, ...]:
        return await self._calls(centre, limit, CallRow.started_at.desc())

    async def _calls(
        self, centre: CentreId, limit: int, order: ColumnElement[Any], *wanted: ColumnElement[bool]
    ) -> tuple[CallRecord, ...]:
        query = select(CallRow).where(CallRow.centre_id == centre, *wanted)
        query = query.order_by(order, CallRow.call_id).limit(min(limit, LONGEST_PAGE))
        async with self._database.transaction(of_centre(centre)) as session:
            return tuple(record_from(row) for row in await session.scalars(query))


def add_up(records: dict[CallId, CallRecord], fresh: Iterable[TimelineEntry]) -> tuple[CallRecord, ...]:
    """The records that new entries change, as they are afterwards."""
    changed: dict[CallId, CallRecord] = {}
    for entry in fresh:
        changed[entry.call_id] = applied(changed.get(entry.call_id, records[entry.call_id]), entry)
    return tuple(changed.values())


def new_records(entries: Sequence[TimelineEntry]) -> list[CallRecord]:
    """The calls that start in a batch."""
    return [opened(entry, entry.body) for entry in entries if isinstance(entry.body, CallStarted)]


async def _locked_records(session: AsyncSession, calls: Collection[CallId]) -> dict[CallId, CallRecord]:
    """The calls' records, locked in one order everywhere, so that two writers never wait for each other in a circle."""
    query = select(CallRow).where(CallRow.call_id.in_(calls)).order_by(CallRow.call_id).with_for_update()
    records = {record.call_id: record for record in map(record_from, await session.scalars(query))}
    if len(records) < len(calls):
        raise StoreRefused("The batch has entries of a call that never started.")
    return records


async def _insert_entries(
    session: AsyncSession,
    entries: Sequence[TimelineEntry],
    records: dict[CallId, CallRecord],
    keys: dict[CallId, DataKey],
) -> list[TimelineEntry]:
    """Writes the entries that are not there yet, and gives them back in the order they came."""
    statement = insert(TimelineEntryRow).on_conflict_do_nothing()
    returning = statement.returning(TimelineEntryRow.call_id, TimelineEntryRow.seq)
    rows = [row_of(entry, records[entry.call_id], keys[entry.call_id]) for entry in entries]
    written = await session.execute(returning, rows)
    missing = {(call_id, seq) for call_id, seq in written}
    fresh = []
    for entry in entries:
        if (entry.call_id, entry.seq) in missing:
            missing.discard((entry.call_id, entry.seq))
            fresh.append(entry)
    return fresh


async def _save_records(session: AsyncSession, records: Sequence[CallRecord]) -> None:
    for record in records:
        await session.execute(update(CallRow).where(CallRow.call_id == record.call_id).values(**columns(record)))
        if record.patient is not None:
            await _save_patient(session, record, record.patient)
    incidents = sorted({record.incident_id for record in records})
    if incidents:
        await session.execute(INCIDENTS_ADD_UP, {"incidents": incidents})


async def _save_patient(session: AsyncSession, record: CallRecord, patient: dict[str, str | None]) -> None:
    of_call = {name: getattr(record, name) for name in ("incident_id", "call_id", "centre_id", "exercise")}
    statement = insert(PatientRow).values(patient_id=f"{record.call_id}:1", **of_call, **without_nul(patient))
    await session.execute(statement.on_conflict_do_update(index_elements=["patient_id"], set_=without_nul(patient)))


INCIDENTS_ADD_UP: Final = text("""
    UPDATE incident SET category = calls.category, changed_at = clock_timestamp(),
        closed_at = COALESCE(incident.closed_at, CASE WHEN NOT EXISTS (
            SELECT 1 FROM booking WHERE booking.incident_id = incident.incident_id AND booking.closed_at IS NULL
        ) THEN calls.closed_at END)
    FROM (
        SELECT incident_id, min(category) AS category,
               CASE WHEN bool_and(state = 'closed') THEN max(closed_at) END AS closed_at
        FROM call WHERE incident_id = ANY(:incidents) GROUP BY incident_id
    ) AS calls
    WHERE incident.incident_id = calls.incident_id
""")


def row_of(entry: TimelineEntry, record: CallRecord, key: DataKey) -> dict[str, Any]:
    """An entry as columns."""
    return {
        "call_id": entry.call_id,
        "seq": entry.seq,
        "centre_id": record.centre_id,
        "exercise": record.exercise,
        "at": entry.at,
        "call_s": entry.call_s,
        "kind": entry.body.kind,
        "actor": entry.actor.model_dump(mode="json"),
        "command_id": entry.command_id,
        "sealed": key.seal(entry.body.model_dump_json().encode(), about(entry.call_id, entry.seq)),
    }


def about(call_id: str, seq: int) -> bytes:
    """What a sealed body is: it opens in its own place alone."""
    return f"{call_id} {seq}".encode()


def entry_from(row: TimelineEntryRow, key: DataKey) -> TimelineEntry:
    """The entry that a row holds. Body and actor were valid when they were written. Raises KeyGone."""
    return TimelineEntry.model_validate(
        {
            "call_id": row.call_id,
            "seq": row.seq,
            "at": row.at,
            "call_s": row.call_s,
            "actor": Actor.model_validate(row.actor),
            "command_id": row.command_id,
            "body": json.loads(key.open(row.sealed, about(row.call_id, row.seq))),
        }
    )


def columns(record: CallRecord) -> dict[str, Any]:
    """A record as the columns of its row."""
    return {name: without_nul(getattr(record, name)) for name in RECORD_FIELDS}


def record_from(row: Row) -> CallRecord:
    """The record that a row holds."""
    values = {name: getattr(row, name) for name in RECORD_FIELDS}
    for name, kind in (("escalation", EscalationStep), ("end_reason", EndReason), ("disposition", Disposition)):
        values[name] = None if values[name] is None else kind(values[name])
    return CallRecord(**{**values, "state": CallState(values["state"])})


def without_nul(value: Any) -> Any:
    """The same JSON value with U+FFFD for every NUL character, which PostgreSQL cannot hold in a text."""
    match value:
        case str():
            return value.replace("\0", "\ufffd")
        case dict():
            return {without_nul(key): without_nul(item) for key, item in value.items()}
        case list():
            return [without_nul(item) for item in value]
        case _:
            return value
