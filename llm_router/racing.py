"""Asking models in order, with a second one asked when the first takes longer than it should.

In: the eligible targets in order and a way to ask one. Out: the first usable answer, or none. At most two questions are
in flight: the leader's, awaited in place, and a chaser's in a task. The chaser starts when the leader's own patience is
over and the hedge budget allows it, or leads on at once when the leader fails. When the budget is used up the leader is
given up at half of the time left, or as soon as its breaker has opened. Losers are cancelled and closed before the
answer is given. Chasers go only to targets of the same plan, so no hedge can leave the lane.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from .asking import Run
from .breaker import BreakerState
from .lanes import Target

WonT = TypeVar("WonT")

FIRST_HEDGES: Final = 2
"""Hedges that are free at the start, so that the first stall is met at once; the first calls pay for them."""
MOST_HEDGES: Final = 4
"""Hedges that can be saved up."""


class HedgeBudget:
    """Keeps hedges at a share of all calls: each call earns a part of a hedge."""

    def __init__(self, share: float) -> None:
        self.share = share
        self._saved = float(FIRST_HEDGES)
        self._debt = float(FIRST_HEDGES)

    def call(self) -> None:
        """A call was made."""
        if self._debt > 0:
            self._debt -= self.share
        else:
            self._saved = min(self._saved + self.share, MOST_HEDGES)

    def take(self) -> bool:
        """Takes one hedge if there is one."""
        if self.share == 0 or self._saved < 1:
            return False
        self._saved -= 1
        return True


class Race(Generic[WonT]):
    """One race for one request."""

    def __init__(
        self,
        run: Run[Any],
        targets: Sequence[Target],
        ask: Callable[[Target, bool], Awaitable[WonT | None]],
        budget: HedgeBudget,
        clock_name: str,
    ) -> None:
        self.waiting = deque(targets)
        """Targets that have not been asked yet."""
        self.spare: list[WonT] = []
        """Answers that came at the very moment when another one had won."""
        self._run = run
        self._ask = ask
        self._budget = budget
        self._clock_name = clock_name
        self._won: WonT | None = None
        self._chaser: asyncio.Task[None] | None = None
        self._leader: asyncio.Timeout | None = None

    async def first(self) -> WonT | None:
        """The first usable answer before the floor takes over, or None."""
        if not self.waiting:
            return None
        self._budget.call()
        try:
            async with asyncio.timeout(max(self._run.left_s, 0)), asyncio.TaskGroup() as group:
                await self._lead(group)
                if self._chaser is not None:
                    self._chaser.cancel()
        except TimeoutError:
            pass
        return self._won

    async def _lead(self, group: asyncio.TaskGroup) -> None:
        while self._won is None and self.waiting:
            target = self.waiting.popleft()
            self._leader = asyncio.timeout(self._run.left_s / 2 if self.waiting else None)
            clock = self._start_clock(target, group)
            try:
                async with self._leader:
                    self._settle(await self._ask(target, False))
            except TimeoutError:
                continue
            finally:
                clock.cancel()
                self._leader = None
        if self._won is None and self._chaser is not None:
            await self._chaser

    def _start_clock(self, target: Target, group: asyncio.TaskGroup) -> "_Clock":
        times = target.times_of(self._run.plan.request.task, self._clock_name)
        patience_s = times.patience_s(self._run.left_s, *self._run.plan.hedge_s)
        return _Clock(patience_s, lambda: self._patience_over(target, group))

    def _patience_over(self, target: Target, group: asyncio.TaskGroup) -> bool:
        """Whether to look again after as long a time."""
        if not self.waiting:
            return False
        if target.breaker.state(self._run.clock()) is BreakerState.OPEN:
            self._cut_leader()
            return False
        if self._chaser is not None and not self._chaser.done():
            return True
        if not self._budget.take():
            return True
        self._chaser = group.create_task(self._chase())
        return True

    async def _chase(self) -> None:
        while self._won is None and self.waiting:
            target = self.waiting.popleft()
            self._settle(await self._ask(target, True))
        if self._won is not None:
            self._cut_leader()

    def _settle(self, answer: WonT | None) -> None:
        if answer is None:
            return
        if self._won is None:
            self._won = answer
        else:
            self.spare.append(answer)

    def _cut_leader(self) -> None:
        if self._leader is not None and not self._leader.expired():
            self._leader.reschedule(0)


class _Clock:
    """Calls back after a time, and again after as long while the answer is True."""

    def __init__(self, every_s: float, tick: Callable[[], bool]) -> None:
        self._every_s = every_s
        self._tick = tick
        self._loop = asyncio.get_running_loop()
        self._handle = self._loop.call_later(every_s, self._fire)

    def _fire(self) -> None:
        if self._tick():
            self._handle = self._loop.call_later(self._every_s, self._fire)

    def cancel(self) -> None:
        self._handle.cancel()
