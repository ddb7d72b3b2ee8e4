"""Hearing a call again over the API, from any second of it, while it runs or after it.

Invariants: who may read a call may hear it, and every time is in the audit log (the route says so); the sound of an
erased call is gone the moment that the database says so, whatever still lies on the disk; a foreign call is one that
does not exist.
"""

import asyncio
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.api import Answer, Asked, Download
from dispatch.calls.call_key import read_call_key
from dispatch.calls.errors import JournalDamaged
from dispatch.calls.sound import Stretch, call_sound
from dispatch.contract.audio import Channel
from dispatch.contract.problems import ProblemCode, Refused
from dispatch.contract.records import SoundQuery
from dispatch.contract.timeline import ChannelOpened
from dispatch.storage import TenantKeys
from dispatch.storage.tables import CallRow, RecordKeyRow, TimelineEntryRow
from dispatch.storage.timeline_store import entry_from

OPENED: Final = ChannelOpened.model_fields["kind"].default


class SoundApi:
    """Handler of the route of a call's sound. `calls_root` is where this node keeps its calls' folders."""

    def __init__(self, keys: TenantKeys, calls_root: Path) -> None:
        self._keys = keys
        self._root = calls_root

    async def hear(self, asked: Asked[None, SoundQuery], session: AsyncSession) -> Answer:
        """The stretch that was asked for. Raises Refused."""
        call = await session.get(CallRow, asked.path["call_id"])
        if call is None:
            raise Refused(ProblemCode.NOT_FOUND, "There is no such call.")
        opened_s = await self._opened(session, call)
        sides = {side: at for side, at in opened_s.items() if asked.query.side in (None, side)}
        wanted = Stretch(asked.query.start, asked.query.start + asked.query.samples)
        content = await asyncio.to_thread(self._read, call.call_id, sides, wanted)
        file = Download(content, "audio/wav", f"{call.call_id}-{asked.query.start}.wav")
        return Answer(download=file, centre_id=call.centre_id)

    async def _opened(self, session: AsyncSession, call: CallRow) -> dict[Channel, float]:
        """At which second of the call each side's sound begins."""
        kept = await session.get(RecordKeyRow, call.call_id)
        if kept is None or call.erased_at is not None:
            raise Refused(ProblemCode.NOT_FOUND, "The call's records are gone.")
        key = self._keys.open(kept.centre_id, kept.wrapped)
        query = select(TimelineEntryRow).where(TimelineEntryRow.call_id == call.call_id)
        rows = await session.scalars(query.where(TimelineEntryRow.kind == OPENED))
        entries = [entry_from(row, key) for row in rows]
        return {entry.body.channel: entry.call_s for entry in entries if isinstance(entry.body, ChannelOpened)}

    def _read(self, call_id: str, sides: dict[Channel, float], wanted: Stretch) -> bytes:
        folder = self._root / call_id
        if not folder.is_dir():
            raise Refused(ProblemCode.NOT_FOUND, "The call's sound is not on this server, or not any more.")
        try:
            return call_sound(folder, read_call_key(folder, self._keys), sides, wanted)
        except JournalDamaged:
            raise Refused(ProblemCode.NOT_FOUND, "The call's sound cannot be read.") from None
