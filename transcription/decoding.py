"""The queue's end: takes the next work of all streams, has the engine decode it, brings the answers back.

Keeps the engine alive: when it is lost, the work that it had is queued again, the engine is started with growing
pauses, and both are reported. A window over which the engine died `ATTEMPTS` times is given up, so that one
stretch of sound cannot keep the engine down for everybody.
"""

import asyncio
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from .clock import Clock
from .engine import Engine
from .errors import EngineLostError
from .lanes import Kind, Lanes, Ticket, batch_limit
from .status import EngineState, Meter
from .stream import Stream, Work
from .supervision import Crew

ATTEMPTS: Final = 3
_BACK_OFF_S: Final = (0.0, 0.5, 1.0, 2.0, 5.0)


class Desk(Protocol):
    """Who is told about the engine, and knows how much may be asked of it."""

    def has_room(self) -> bool:
        """Whether second looks may be made now."""

    def spent(self, stream: Stream, seconds: float) -> None:
        """The stream had so many seconds of the engine: its share of a batch."""

    def engine_lost(self, code: str) -> None:
        """It went down; `code` is the EngineLostError's."""

    def engine_restarted(self) -> None:
        """It is up again, all that was lost is queued."""


@dataclass(frozen=True, slots=True)
class _Job:
    ticket: Ticket
    stream: Stream
    work: Work


class Decoding:
    """One engine, its queue, and the loops between them."""

    def __init__(
        self, engine: Engine, clock: Clock, meter: Meter, find: Callable[[str], Stream | None], desk: Desk
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._meter = meter
        self._find = find
        self._desk = desk
        self._attempts: dict[tuple[str, Kind], int] = {}
        self._failed_starts = 0
        self._wanted = asyncio.Event()
        self._up = asyncio.Event()
        self._down = asyncio.Event()
        self.lanes = Lanes()
        self.state = EngineState.STARTING

    def run(self, crew: Crew) -> None:
        """Add the loops: one for each of the engine's slots, and the one that brings it back."""
        for slot in range(self._engine.capabilities.slots):
            crew.run(f"decode-{slot}", lambda: self._work(patient=False))
        for slot in range(self._engine.capabilities.patient_slots):
            crew.run(f"decode-patiently-{slot}", lambda: self._work(patient=True))
        crew.run("revive", self._revive)

    def queue(self, ticket: Ticket) -> None:
        """Ask for a turn."""
        self.lanes.put(ticket)
        self._wanted.set()

    def forget(self, stream_id: str) -> None:
        """A stream is over."""
        self.lanes.drop(stream_id)
        for key in [key for key in self._attempts if key[0] == stream_id]:
            del self._attempts[key]

    async def bring_up(self) -> None:
        """Start the engine; on failure it stays down and is tried again by the loop. Raises ModelError."""
        self._down.clear()
        try:
            await self._engine.start()
        except EngineLostError:
            self._failed_starts += 1
            self._go_down()
        except BaseException:
            self._failed_starts += 1
            self._go_down()
            raise
        else:
            self._failed_starts = 0
            self.state = EngineState.UP
            self._up.set()

    async def close(self) -> None:
        """Stop the engine for good."""
        self.state = EngineState.DOWN
        await self._engine.close()

    def check(self) -> None:
        """From time to time: has the engine died in its sleep, and is there room again for what waits?"""
        if self._up.is_set() and not self._engine.alive:
            self._fail(EngineLostError.code)
        self._wanted.set()

    async def _work(self, patient: bool) -> None:
        while True:
            await self._up.wait()
            batch = self._next_batch(self._kinds(patient), patient)
            if batch:
                await self._decode(batch)
            else:
                self._wanted.clear()
                await self._wanted.wait()

    async def _revive(self) -> None:
        while True:
            await self._down.wait()
            await self._clock.sleep(_BACK_OFF_S[min(self._failed_starts, len(_BACK_OFF_S) - 1)])
            await self.bring_up()
            if self.state is EngineState.UP:
                self._meter.restarts += 1
                self._desk.engine_restarted()

    def _kinds(self, patient: bool) -> Collection[Kind]:
        """What a loop takes: the patient one second looks alone, while there is room for them; the others the rest."""
        room = self._desk.has_room() and self.lanes.spare(self._clock.monotonic())
        second_looks = {Kind.REVISION} if room else set()
        if patient:
            return second_looks
        return set(Kind) - {Kind.REVISION} | (set() if self._engine.capabilities.patient_slots else second_looks)

    def _next_batch(self, kinds: Collection[Kind], patient: bool) -> list[_Job]:
        """The first work in order and whatever may share its batch; tickets with nothing left to do fall away."""
        can = self._engine.capabilities
        slots = can.patient_slots if patient else can.slots
        limit = partial(batch_limit, slots=slots, most=can.max_batch)
        while self.lanes.count(kinds):
            ready: dict[str, _Job] = {}
            tickets = self.lanes.take(self._clock.monotonic(), limit, self._shape, kinds)
            if not tickets:
                return []
            for ticket in tickets:
                stream = self._find(ticket.stream_id)
                work = stream.work(ticket.kind) if stream is not None else None
                if stream is not None and work is not None:
                    ready[f"{ticket.stream_id} {ticket.kind}"] = _Job(ticket, stream, work)
            if ready:
                return list(ready.values())
        return []

    def _shape(self, ticket: Ticket) -> Hashable | None:
        """Work of equal shape shares a batch; what has failed before goes alone, to spare the others."""
        stream = self._find(ticket.stream_id)
        if stream is None or self._attempts.get((ticket.stream_id, ticket.kind)):
            return None
        return stream.shape(ticket.kind)

    async def _decode(self, batch: list[_Job]) -> None:
        began = self._clock.monotonic()
        try:
            heard = await self._engine.decode([job.work.window for job in batch])
        except EngineLostError as error:
            self._lost(batch, error.code)
            return
        except BaseException:
            self._put_back(batch)
            raise
        now = self._clock.monotonic()
        self._meter.decoded(now, now - began, len(batch))
        for job, hypothesis in zip(batch, heard, strict=True):
            self.lanes.charge(job.ticket.tenant, (now - began) / len(batch))
            self._desk.spent(job.stream, (now - began) / len(batch))
            self._attempts.pop((job.ticket.stream_id, job.ticket.kind), None)
            job.stream.answered(job.work, hypothesis)

    def _lost(self, batch: list[_Job], code: str) -> None:
        for job in batch:
            key = (job.ticket.stream_id, job.ticket.kind)
            self._attempts[key] = self._attempts.get(key, 0) + 1
        self._put_back(batch)
        self._fail(code)

    def _put_back(self, batch: list[_Job]) -> None:
        for job in batch:
            key = (job.ticket.stream_id, job.ticket.kind)
            if self._attempts.get(key, 0) >= ATTEMPTS:
                del self._attempts[key]
                self._meter.drops += job.ticket.kind is Kind.FINAL
                job.stream.give_up(job.work)
            else:
                job.stream.lost(job.work)
                self.queue(job.ticket)

    def _fail(self, code: str) -> None:
        if self._up.is_set():
            self._go_down()
            self._desk.engine_lost(code)

    def _go_down(self) -> None:
        self.state = EngineState.DOWN
        self._up.clear()
        self._down.set()
