"""What calls know of approvals: who signed which protocol for which centre, answered from memory.

In: the rows of all centres, looked at once a second. Out: an `Approved` for any centre. Invariants: a lookup never
waits and never fails; while the database is away the last known state stays, and a process that has never seen the
database approves nothing: a mark too many does no harm, one too few may.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from dispatch.contract.protocols import ApprovalDeed
from dispatch.observability.clock import Clock
from dispatch.storage import Database, StoreUnavailable
from dispatch.storage.context import REGISTRY
from dispatch.storage.tables import ProtocolApprovalRow
from dispatch.triage import NOTHING_APPROVED, Approved, Signature, approved_by, readable

LOOK_S: Final = 1.0
"""How often a process asks whether anything was signed or withdrawn; by whichever process."""

Told = Callable[[frozenset[str]], Awaitable[None]]

_log = structlog.get_logger(__name__)


class KnownApprovals:
    """The approvals of all centres. `keep_fresh` is one task of the process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._seen = 0
        self._known: Mapping[str, Approved] = {}

    def of(self, centre_id: str) -> Approved:
        """What a centre's medical directors have approved, as far as it is known."""
        return self._known.get(centre_id, NOTHING_APPROVED)

    async def look(self) -> frozenset[str]:
        """Reads what has changed; the centres for which something else is approved now. Raises StoreUnavailable."""
        row = ProtocolApprovalRow
        async with self._database.transaction(REGISTRY) as session:
            # Rows are added and never taken away: their number changes with every deed, whoever commits first.
            count = await session.scalar(select(func.count()).select_from(row)) or 0
            if count == self._seen:
                return frozenset()
            last = select(row).ext(distinct_on(row.centre_id, row.protocol_id))
            rows = (await session.scalars(last.order_by(row.centre_id, row.protocol_id, row.number.desc()))).all()
        known = {centre_id: approved_by(standing(rows, centre_id)) for centre_id in {one.centre_id for one in rows}}
        # The first look names every centre: a call taken up after a restart may carry a mark that is no longer true.
        changed = frozenset(one for one in known if known[one] != self._known.get(one))
        self._known, self._seen = known, count
        return changed

    async def keep_fresh(self, changed: Told) -> None:
        """Looks once a second, for ever, and says for which centres the marks have changed."""
        await asyncio.to_thread(readable)  # The texts take a moment to make, once, and not the loop's.
        while True:
            try:
                centres = await self.look()
            except StoreUnavailable as error:
                _log.warning("approvals not refreshed", code=error.code)
                centres = frozenset()
            if centres:
                await changed(centres)
            await self._clock.sleep(LOOK_S)


def standing(rows: Sequence[ProtocolApprovalRow], centre_id: str) -> list[Signature]:
    """The signatures of a centre that nobody has taken back."""
    return [
        Signature(row.protocol_id, row.digest, row.name)
        for row in rows
        if row.centre_id == centre_id and row.deed == ApprovalDeed.SIGNED
    ]
