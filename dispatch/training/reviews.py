"""Quality review of every real call: its log against its complaint's protocol, worked out when a supervisor asks.

Invariants: exercises are not in it; a call is never marked as passed or failed here, only what was asked, when, and
what was missing; nothing is stored, so that a call that is erased leaves no review behind.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Handler
from dispatch.contract.base import CallId
from dispatch.contract.console import CallState
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.timeline import TimelineEntry
from dispatch.contract.training import ScoreSheet, Verdict
from dispatch.contract.training_runs import Review, ReviewedCall, ReviewPage, ReviewQuery
from dispatch.quality import rubric_for, score
from dispatch.storage import KeyGone, TenantKeys
from dispatch.storage.tables import CallRow

from .logs import call_of, log_of


class Reviews:
    """Handlers of the routes of quality review."""

    def __init__(self, keys: TenantKeys) -> None:
        self._keys = keys

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"list_reviewed_calls": self.list_calls, "review_call": self.review}

    async def list_calls(self, asked: Asked[None, ReviewQuery], session: AsyncSession) -> Answer:
        """A page of closed real calls, newest first, each with what was missing."""
        query = select(CallRow).where(
            CallRow.state == CallState.CLOSED.value, CallRow.exercise.is_(False), CallRow.erased_at.is_(None)
        )
        if asked.after:
            last = await call_of(session, asked.after[0])
            query = query.where(CallRow.started_at < last.started_at)
        found = await session.scalars(query.order_by(CallRow.started_at.desc()).limit(asked.query.limit + 1))
        rows, cursor = asked.page(found.all(), lambda row: (row.call_id,))
        calls = [call for row in rows if (call := await self._line(session, row))]
        return Answer(ReviewPage(calls=tuple(calls), next_cursor=cursor))

    async def review(self, asked: Asked[None, None], session: AsyncSession) -> Answer:
        """One call, line by line."""
        call = await call_of(session, asked.path["call_id"])
        if call.exercise:
            raise Refused(ProblemCode.NOT_FOUND, "There is no such call; an exercise is a training run.")
        sheet = await self._sheet(session, call)
        return Answer(Review(**facts(call, sheet), sheet=sheet), centre_id=call.centre_id)

    async def _line(self, session: AsyncSession, call: CallRow) -> ReviewedCall | None:
        """None for a call whose records or key are gone: the others are reviewed all the same."""
        try:
            return ReviewedCall(**facts(call, await self._sheet(session, call)))
        except (KeyGone, Refused):
            return None

    async def _sheet(self, session: AsyncSession, call: CallRow) -> ScoreSheet:
        return await asyncio.to_thread(reviewed, await log_of(session, self._keys, call))


def reviewed(entries: Sequence[TimelineEntry]) -> ScoreSheet:
    """The sheet of a real call."""
    return score(rubric_for(entries), entries)


def facts(call: CallRow, sheet: ScoreSheet) -> dict[str, Any]:
    """A reviewed call's line."""
    return {
        "call_id": CallId(call.call_id),
        "started_at": call.started_at,
        "state": CallState(call.state),
        "category": sheet.category,
        "protocol": sheet.rubric_id,
        "score": sheet.score,
        "missing": tuple(line.label for line in sheet.lines if line.verdict is Verdict.MISSED),
    }
