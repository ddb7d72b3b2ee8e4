"""One deed: a command, a crew's report or a timer, carried out in one transaction with its log and its audit entry.

In: a session of the dispatching role of one centre, who acts, and the command's id. Out: rows in `dispatch_event`.
Invariants: append-only; the first event of a deed carries the command's id, and the database refuses it a second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.audit import AuditEntry, record
from dispatch.contract.timeline import TimelineBody
from dispatch.observability.logs import current_correlation_id
from dispatch.storage.tables import DispatchEventRow, IncidentRow, UnitRow

from .ports import Commander


@dataclass
class Deed:
    """What is being done, by whom, when."""

    session: AsyncSession
    by: Commander
    at: datetime
    command_id: str | None = None
    _logged: bool = field(default=False, init=False)

    async def done_before(self) -> bool:
        """Whether this very command was carried out already."""
        if self.command_id is None:
            return False
        centre, command = DispatchEventRow.centre_id, DispatchEventRow.command_id
        query = select(DispatchEventRow.event_id).where(centre == self.by.centre_id, command == self.command_id)
        return await self.session.scalar(query) is not None

    async def log(
        self, body: TimelineBody, *, incident_id: str | None = None, call_id: str | None = None,
        unit_id: str | None = None, detail: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Writes what was done; it goes into the logs of the incident's calls."""
        first, self._logged = not self._logged, True
        await self.session.execute(
            insert(DispatchEventRow)
            .inline()
            .values(
                at=self.at,
                centre_id=self.by.centre_id,
                incident_id=incident_id,
                call_id=call_id,
                unit_id=unit_id,
                kind=body.kind,
                actor_person_id=self.by.person_id,
                seat_id=self.by.seat_id,
                command_id=self.command_id if first else None,
                body=body.model_dump(mode="json"),
                detail=dict(detail or {}),
                correlation_id=current_correlation_id(),
            )
        )

    async def audit(self, action: str, kind: str, subject_id: str) -> None:
        """Writes the deed into the audit log."""
        await record(
            self.session,
            AuditEntry(
                at=self.at,
                person_id=self.by.person_id,
                role=self.by.role,
                action=action,
                subject_kind=kind,
                subject_id=subject_id,
                tenant=("centre", self.by.centre_id),
            ),
        )

    def touch(self, row: IncidentRow | UnitRow) -> None:
        """Marks a row as changed, so that consoles are told."""
        row.version += 1
        row.changed_at = self.at
