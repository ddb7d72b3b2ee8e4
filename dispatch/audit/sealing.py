"""Sealing the audit log while it is written, and checking all of it.

In: the database. Out: seals, or a verification. Invariants: writers are never locked or delayed; one sealer at a time
(advisory lock), whichever process it is in; an event that a slow transaction commits late is sealed late and not lost.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.observability.clock import Clock
from dispatch.storage import Database
from dispatch.storage.context import AUDITOR
from dispatch.storage.tables import AuditEventRow, AuditSealRow

from .seals import FIRST_HASH, Verification, seal_hash

SEAL_EVERY_S: Final = 5.0
BATCH: Final = 1000
LATEST: Final = timedelta(minutes=10)
"""Longer than any transaction lives (statements end after 15 s): until then an event with a smaller id may appear."""
SEALER_LOCK: Final = 0x6B617564
"""Any number that nobody else uses: "kaud"."""


async def keep_sealed(database: Database, clock: Clock) -> None:
    """Seals what is new every 5 s, for ever; run it as one task of each process."""
    while True:
        while await seal_once(database, clock) == BATCH:
            pass
        await clock.sleep(SEAL_EVERY_S)


async def seal_once(database: Database, clock: Clock) -> int:
    """Seals at most 1,000 events. Returns how many; 0 also when another process is sealing."""
    async with database.transaction(AUDITOR) as session:
        if not await session.scalar(select(func.pg_try_advisory_xact_lock(SEALER_LOCK))):
            return 0
        last = await session.scalar(select(AuditSealRow).order_by(AuditSealRow.seal_id.desc()).limit(1))
        events = await _unsealed(session, clock)
        if events:
            session.add(
                AuditSealRow(
                    seal_id=last.seal_id + 1 if last else 1,
                    sealed_at=clock.now(),
                    audit_ids=[event.audit_id for event in events],
                    up_to=max(last.up_to if last else 0, events[-1].audit_id),
                    hash=seal_hash(last.hash if last else FIRST_HASH, events),
                )
            )
        return len(events)


async def _unsealed(session: AsyncSession, clock: Clock) -> list[AuditEventRow]:
    long_ago = AuditSealRow.sealed_at <= clock.now() - LATEST
    settled = await session.scalar(select(func.max(AuditSealRow.up_to)).where(long_ago))
    recent = await session.scalars(select(AuditSealRow.audit_ids).where(~long_ago))
    sealed = {audit_id for ids in recent for audit_id in ids}
    query = select(AuditEventRow).where(AuditEventRow.audit_id > (settled or 0))
    if sealed:
        query = query.where(AuditEventRow.audit_id.not_in(sealed))
    return list(await session.scalars(query.order_by(AuditEventRow.audit_id).limit(BATCH)))


async def verify(database: Database, clock: Clock, known_head: str | None = None) -> Verification:
    """Checks every seal and every event; `known_head`, printed by an earlier check, must be part of the chain."""
    found = Verification()
    async with database.transaction(AUDITOR) as session:
        async for seal in _seals(session):
            query = select(AuditEventRow).where(AuditEventRow.audit_id.in_(seal.audit_ids))
            found.add(seal, {event.audit_id: event for event in await session.scalars(query)})
            session.expunge_all()
        old = select(AuditEventRow.audit_id).where(AuditEventRow.at < clock.now() - LATEST)
        unsealed = [audit_id for audit_id in await session.scalars(old) if not found.knows(audit_id)]
        found.faults += [f"Event {audit_id} was never sealed." for audit_id in unsealed[:BATCH]]
    if known_head is not None and known_head not in found.heads:
        found.faults.append("The head that was noted earlier is not part of this chain.")
    return found


async def _seals(session: AsyncSession) -> AsyncIterator[AuditSealRow]:
    number = 0
    while True:
        page = select(AuditSealRow).where(AuditSealRow.seal_id > number).order_by(AuditSealRow.seal_id).limit(BATCH)
        seals = list(await session.scalars(page))
        if not seals:
            return
        for seal in seals:
            yield seal
        number = seals[-1].seal_id
