"""Records over the API: the centre's policy, legal holds, erasure, and a person's own copy.

Invariants: a held call is not erased; what goes is asked for here and carried out by `erasure`, so that an answer never
says "gone" before it is; a foreign call is one that does not exist.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import CallId, CentreId, PersonId
from dispatch.contract.console import CallState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.records import (
    EraseCall,
    Erasure,
    Export,
    ExportedCall,
    ExportQuery,
    Hold,
    HoldPage,
    HoldQuery,
    NewHold,
    RecordPolicy,
    RecordPolicyBody,
)
from dispatch.storage import TenantKeys
from dispatch.storage.tables import (
    CallRow,
    ErasureRow,
    LegalHoldRow,
    RecordKeyRow,
    RecordPolicyRow,
    TimelineEntryRow,
)
from dispatch.storage.timeline_store import entry_from
from dispatch.tenancy import DEFAULT_NOTICE

MOST_EXPORTED: Final = 200
"""Calls in one export; who has more is exported by hand."""


class RecordsApi:
    """Handlers of the routes of records."""

    def __init__(self, keys: TenantKeys, retention_days: int) -> None:
        self._keys = keys
        self._retention_days = retention_days

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "read_record_policy": self.read_policy,
            "set_record_policy": self.set_policy,
            "list_holds": list_holds,
            "place_hold": place_hold,
            "release_hold": release_hold,
            "erase_call": erase_call,
            "read_erasure": read_erasure,
            "export_records": self.export,
        }

    async def read_policy(self, asked: Asked[None, None], session: AsyncSession) -> Answer:
        """The centre's policy, or the installation's defaults as version 0."""
        centre_id = centre_of(asked)
        row = await session.get(RecordPolicyRow, centre_id)
        if row is None:
            days, notice = self._retention_days, DEFAULT_NOTICE
            return Answer(RecordPolicy(centre_id=centre_id, retention_days=days, notice=notice), version=0)
        return Answer(policy_body(row), version=row.version)

    async def set_policy(self, asked: Asked[RecordPolicyBody, None], session: AsyncSession) -> Answer:
        """A new version of the centre's policy."""
        centre_id = centre_of(asked)
        row = await session.get(RecordPolicyRow, centre_id, with_for_update=True)
        if asked.version != (row.version if row else 0):
            raise Refused(ProblemCode.VERSION_CONFLICT, "The policy was changed since you read it.")
        if row is None:
            row = RecordPolicyRow(centre_id=centre_id, version=0)
            session.add(row)
        row.retention_days, row.notice, row.version = asked.body.retention_days, asked.body.notice, row.version + 1
        return Answer(policy_body(row), version=row.version, subject=centre_id)

    async def export(self, asked: Asked[None, ExportQuery], session: AsyncSession) -> Answer:
        """A number's calls with all that was said and done, from the newest on."""
        query = select(CallRow).where(CallRow.phone == asked.query.phone, CallRow.erased_at.is_(None))
        calls = (await session.scalars(query.order_by(CallRow.started_at.desc()).limit(MOST_EXPORTED))).all()
        return Answer(Export(calls=tuple([await self._exported(session, call) for call in calls])), subject="export")

    async def _exported(self, session: AsyncSession, call: CallRow) -> ExportedCall:
        kept = await session.get(RecordKeyRow, call.call_id)
        rows: list[TimelineEntryRow] = []
        if kept is not None:
            query = select(TimelineEntryRow).where(TimelineEntryRow.call_id == call.call_id)
            rows = list(await session.scalars(query.order_by(TimelineEntryRow.seq)))
        key = self._keys.open(kept.centre_id, kept.wrapped) if kept else None
        entries = tuple(entry_from(row, key) for row in rows if key)
        return ExportedCall(
            call_id=CallId(call.call_id),
            started_at=call.started_at,
            ended_at=call.ended_at,
            disposition=call.disposition,
            entries=entries,
        )


async def list_holds(asked: Asked[None, HoldQuery], session: AsyncSession) -> Answer:
    """A page of holds."""
    query = select(LegalHoldRow).order_by(LegalHoldRow.hold_id).limit(asked.query.limit + 1)
    if asked.query.active:
        query = query.where(LegalHoldRow.released_at.is_(None))
    if asked.after:
        query = query.where(LegalHoldRow.hold_id > asked.after[0])
    rows, cursor = asked.page((await session.scalars(query)).all(), lambda row: (row.hold_id,))
    return Answer(HoldPage(holds=tuple(map(hold_body, rows)), next_cursor=cursor))


async def place_hold(asked: Asked[NewHold, None], session: AsyncSession) -> Answer:
    """A hold on a call of the centre that has not been erased."""
    call = await the_call(session, asked.body.call_id)
    if call.erased_at is not None:
        raise Refused(ProblemCode.CONFLICT, "The call's records are gone already.")
    row = LegalHoldRow(
        hold_id=f"hold-{secrets.token_hex(8)}",
        call_id=call.call_id,
        centre_id=call.centre_id,
        reason=asked.body.reason,
        placed_by=asked.principal.person_id,
        placed_at=asked.at,
        version=1,
    )
    session.add(row)
    return Answer(hold_body(row), version=1, subject=row.hold_id, centre_id=call.centre_id)


async def release_hold(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """Ends a hold; it stays in the list of what was held."""
    row = await session.get(LegalHoldRow, asked.path["hold_id"], with_for_update=True)
    if row is None or row.released_at is not None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such hold in force.")
    if row.version != asked.version:
        raise Refused(ProblemCode.VERSION_CONFLICT, "The hold was changed since you read it.")
    row.released_by, row.released_at, row.version = asked.principal.person_id, asked.at, row.version + 1
    return Answer(version=row.version, centre_id=row.centre_id)


async def erase_call(asked: Asked[EraseCall, None], session: AsyncSession) -> Answer:
    """Asks for the end of a closed call's records; within a minute they are gone."""
    call = await the_call(session, asked.path["call_id"])
    if call.state != CallState.CLOSED:
        raise Refused(ProblemCode.WRONG_STATE, "The call is not closed yet.")
    if await held(session, call.call_id):
        raise Refused(ProblemCode.CONFLICT, "The call is under a legal hold.")
    row = await session.get(ErasureRow, call.call_id)
    if row is None:
        row = ErasureRow(
            call_id=call.call_id,
            centre_id=call.centre_id,
            reason=asked.body.reason,
            asked_by=asked.principal.person_id,
            asked_at=asked.at,
        )
        session.add(row)
    return Answer(erasure_body(row), centre_id=call.centre_id)


async def read_erasure(asked: Asked[None, None], session: AsyncSession) -> Answer:
    """How far the erasure of a call is."""
    row = await session.get(ErasureRow, asked.path["call_id"])
    if row is None:
        raise Refused(ProblemCode.NOT_FOUND, "Nobody asked for this call to be erased.")
    return Answer(erasure_body(row))


async def the_call(session: AsyncSession, call_id: str) -> CallRow:
    """A call of the centre. Raises Refused."""
    call = await session.get(CallRow, call_id)
    if call is None:
        raise Refused(ProblemCode.NOT_FOUND, "There is no such call.")
    return call


async def held(session: AsyncSession, call_id: str) -> bool:
    """Whether a hold is in force."""
    query = select(LegalHoldRow.hold_id).where(LegalHoldRow.call_id == call_id, LegalHoldRow.released_at.is_(None))
    return await session.scalar(query.limit(1)) is not None


def centre_of(asked: Asked[Any, Any]) -> CentreId:
    """The centre of who asks. Raises Refused for somebody without one."""
    if asked.principal.centre_id is None:
        raise Refused(ProblemCode.NOT_FOUND, "You do not work for a dispatch centre.")
    return asked.principal.centre_id


def policy_body(row: RecordPolicyRow) -> RecordPolicy:
    """A policy as it is read."""
    return RecordPolicy(centre_id=CentreId(row.centre_id), retention_days=row.retention_days, notice=row.notice)


def hold_body(row: LegalHoldRow) -> Hold:
    """A hold as it is read."""
    return Hold(
        hold_id=row.hold_id,
        call_id=CallId(row.call_id),
        reason=row.reason,
        placed_by=PersonId(row.placed_by),
        placed_at=row.placed_at,
        released_by=PersonId(row.released_by) if row.released_by else None,
        released_at=row.released_at,
    )


def erasure_body(row: ErasureRow) -> Erasure:
    """An erasure as it is read."""
    return Erasure(call_id=CallId(row.call_id), reason=row.reason, asked_at=row.asked_at, done_at=row.done_at)
