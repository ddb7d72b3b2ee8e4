"""Dispatching's notices as jobs: asked for in the transaction that decided on them."""

import secrets
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.dispatching import Notice
from dispatch.jobs import NewJob, Priority, enqueue


async def enqueue_notices(session: AsyncSession, notices: Sequence[Notice]) -> None:
    """An urgent job for each notice."""
    for notice in notices:
        key = f"{notice.incident_id}:{notice.to}:{secrets.token_hex(4)}"
        payload = {"to": notice.to, "kind": notice.kind, "incident_id": notice.incident_id}
        await enqueue(
            session, NewJob("notify.notice", key, payload, priority=Priority.URGENT, exercise=notice.exercise)
        )
