"""Logs go on to the database one call after the other, and what is wrong with one of them holds up no other."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dispatch.calls.call import LiveCall
from dispatch.calls.shipper import Shipper
from dispatch.contract.console import CallState
from dispatch.contract.timeline import TimelineEntry
from dispatch.observability.clock import VirtualClock

pytestmark = pytest.mark.unit


class Store:
    """Remembers whose entries came."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    async def append(self, entries: Sequence[TimelineEntry]) -> None:
        self.kept += [entry.call_id for entry in entries]


def closed(call_id: str) -> LiveCall:
    """A closed call with one entry."""
    entries: list[Any] = [SimpleNamespace(call_id=call_id, seq=1)]
    timeline = SimpleNamespace(entries=entries, after=lambda seq: entries[seq:])
    status, path = SimpleNamespace(state=CallState.CLOSED), SimpleNamespace(settled=True)
    return cast(LiveCall, SimpleNamespace(call_id=call_id, timeline=timeline, status=status, path=path, shipped_seq=0))


async def test_a_closed_call_that_cannot_be_marked_on_disk_holds_up_no_other(tmp_path: Path) -> None:
    calls, store, forgotten = [closed("full"), closed("next")], Store(), []
    (tmp_path / "full").symlink_to("/dev/full/no-folder")  # nothing can be made in it
    (tmp_path / "next").mkdir()
    shipper = Shipper(store, VirtualClock(), lambda: calls, tmp_path, forgotten.append)
    await shipper.ship_all()
    assert store.kept == ["full", "next"]
    assert [call.call_id for call in forgotten] == ["full", "next"]
    assert (tmp_path / "next" / "shipped").exists()
