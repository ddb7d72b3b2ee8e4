"""A call's append-only log: numbering, the file beside the sound, and everybody who listens.

In: bodies of what happened. Out: numbered entries, in memory at once, on disk within milliseconds, in PostgreSQL when
it is there (the shipper sends them on). Invariants: numbers run from 1 without holes; an operator's command is entered
once however often it comes; entries are never changed. The file is what a restart reads, so the log does not need the
database to survive. Each line is an entry sealed with the call's key.
"""

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import structlog
from pydantic import ValidationError

from dispatch.contract.base import CallId
from dispatch.contract.timeline import Actor, ActorKind, TimelineBody, TimelineEntry
from dispatch.observability.clock import Clock
from dispatch.storage import DataKey, KeyGone

from .disk import GroupCommit

LOG_NAME: Final = "timeline.log"
DAMAGED_NAME: Final = "timeline.log.damaged"
PATIENCE_S: Final = 2.0
SYSTEM: Final = Actor(kind=ActorKind.SYSTEM)
CALLER: Final = Actor(kind=ActorKind.CALLER)

_log = structlog.get_logger(__name__)

Listener = Callable[[TimelineEntry], None]


class Timeline:
    """One call's log. `on_entry` hears every new entry, in order."""

    def __init__(
        self, call_id: CallId, folder: Path, disk: GroupCommit, clock: Clock, on_entry: Listener,
        key: DataKey, entries: Iterable[TimelineEntry] = (),
    ) -> None:  # fmt: skip
        self.call_id = call_id
        self._key = key
        self.entries: list[TimelineEntry] = list(entries)
        self._path = folder / LOG_NAME
        self._disk = disk
        self._clock = clock
        self._on_entry = on_entry
        self.durable_seq = len(self.entries)
        """Everything up to this number is on disk."""
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._commands = {entry.command_id: entry for entry in self.entries if entry.command_id}
        self.started_at = self.entries[0].at if self.entries else clock.now()

    @property
    def call_s(self) -> float:
        """Seconds since the call started."""
        return max(0.0, (self._clock.now() - self.started_at).total_seconds())

    def done(self, command_id: str) -> TimelineEntry | None:
        """The entry that a command made when it came before."""
        return self._commands.get(command_id)

    def after(self, seq: int) -> list[TimelineEntry]:
        """All entries above a number."""
        return self.entries[seq:]

    def append(self, body: TimelineBody, actor: Actor = SYSTEM, *, command_id: str | None = None) -> TimelineEntry:
        """Enters what happened."""
        entry = TimelineEntry(
            call_id=self.call_id,
            seq=len(self.entries) + 1,
            at=self._clock.now(),
            call_s=round(self.call_s, 3),
            actor=actor,
            command_id=command_id,
            body=body,
        )
        self.entries.append(entry)
        if command_id:
            self._commands[command_id] = entry
        self._disk.append(self._path, line_of(entry, self._key), lambda: self._durable(entry.seq), always=True)
        self._on_entry(entry)
        return entry

    async def until_durable(self, seq: int) -> bool:
        """Waits until the entry is on disk; False where a full or failing disk takes longer than `PATIENCE_S`."""
        if seq <= self.durable_seq:
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seq, future))
        try:
            async with asyncio.timeout(PATIENCE_S):
                await future
        except TimeoutError:
            return False
        return True

    def _durable(self, seq: int) -> None:
        self.durable_seq = seq
        for waited_for, future in self._waiting:
            if waited_for <= seq and not future.done():
                future.set_result(None)
        self._waiting = [waiting for waiting in self._waiting if waiting[0] > seq]


def line_of(entry: TimelineEntry, key: DataKey) -> bytes:
    """An entry as a line of the file."""
    return base64.b64encode(key.seal(entry.model_dump_json().encode(), LOG_NAME.encode())) + b"\n"


def take_up_log(folder: Path, key: DataKey) -> list[TimelineEntry]:
    """Reads a log up to its last good line, and removes what a crash left behind that.

    A torn line was never acknowledged. Whole lines behind one that cannot be read are damage: they are set aside.
    """
    path = folder / LOG_NAME
    data = path.read_bytes()
    good = list(_good_lines(data, key))
    end = good[-1][1] if good else 0
    if b"\n" in data[end:]:
        _log.error("log damaged; what follows is set aside", call_id=folder.name)
        with path.with_name(DAMAGED_NAME).open("ab") as aside:
            aside.write(data[end:])
    with path.open("r+b") as file:
        file.truncate(end)
    return [entry for entry, _ in good]


def _good_lines(data: bytes, key: DataKey) -> Iterator[tuple[TimelineEntry, int]]:
    """Entries with the place where their line ends, up to the first that cannot be read or is out of turn."""
    end = 0
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        try:
            entry = TimelineEntry.model_validate_json(key.open(base64.b64decode(line), LOG_NAME.encode()))
        except (ValidationError, KeyGone, ValueError):
            return
        if entry.seq != number:
            return
        end += len(line) + 1
        yield entry, end
