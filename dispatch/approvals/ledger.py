"""A centre's approvals as rows: the last deed under each protocol, the next one, and where that leaves the protocol.

In: a session of the acting person. Out: rows, and the state that they add up to. Invariants: rows are added and never
changed; the last one counts; of two deeds at the same time one is refused (`StoreRefused`, by the row's number).
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.base import PersonId
from dispatch.contract.protocols import ApprovalDeed, ApprovalEntry, ApprovalState, ProtocolLine
from dispatch.storage.tables import MedicalDirectorRow, ProtocolApprovalRow
from dispatch.triage import Readable


async def history(session: AsyncSession, centre_id: str, protocol_id: str) -> Sequence[ProtocolApprovalRow]:
    """Everything that was done about a protocol in a centre, newest first."""
    row = ProtocolApprovalRow
    query = select(row).where(row.centre_id == centre_id, row.protocol_id == protocol_id)
    return (await session.scalars(query.order_by(row.number.desc()))).all()


async def last_deeds(session: AsyncSession, centre_id: str) -> Mapping[str, ProtocolApprovalRow]:
    """The last deed in a centre, by protocol."""
    row = ProtocolApprovalRow
    query = select(row).where(row.centre_id == centre_id).ext(distinct_on(row.protocol_id))
    found = await session.scalars(query.order_by(row.protocol_id, row.number.desc()))
    return {one.protocol_id: one for one in found}


async def add(session: AsyncSession, after: ProtocolApprovalRow | None, **values: Any) -> ProtocolApprovalRow:
    """One more deed, after the last one."""
    number = after.number + 1 if after else 1
    given = {"approval_id": f"approval-{secrets.token_hex(8)}", "number": number, "reason": "", **values}
    await session.execute(insert(ProtocolApprovalRow).values(**given))
    return ProtocolApprovalRow(**given)


async def directs(session: AsyncSession, centre_id: str, person_id: str) -> bool:
    """Whether the acting person signs for a centre."""
    row = MedicalDirectorRow
    query = select(row.director_id).where(
        row.centre_id == centre_id, row.person_id == person_id, row.ended_at.is_(None)
    )
    return await session.scalar(query) is not None


def state_of(last: ProtocolApprovalRow | None, now: Readable) -> ApprovalState:
    """Where a protocol stands."""
    if last is None:
        return ApprovalState.NEVER
    if last.deed == ApprovalDeed.WITHDRAWN:
        return ApprovalState.WITHDRAWN
    return ApprovalState.SIGNED if last.digest == now.digest else ApprovalState.CHANGED


def entry_of(row: ProtocolApprovalRow) -> ApprovalEntry:
    """A deed as the API shows it."""
    return ApprovalEntry(
        approval_id=row.approval_id,
        deed=ApprovalDeed(row.deed),
        version=row.version,
        digest=row.digest,
        person_id=PersonId(row.person_id),
        name=row.name,
        at=row.done_at,
        second_factor=row.second_factor,
        reason=row.reason,
    )


def line_of(now: Readable, last: ProtocolApprovalRow | None) -> ProtocolLine:
    """A protocol in a centre's list."""
    return ProtocolLine(
        protocol_id=now.text.protocol_id,
        title=now.text.title,
        category=now.text.category,
        version=now.text.version,
        digest=now.digest,
        state=state_of(last, now),
        last=entry_of(last) if last else None,
    )
