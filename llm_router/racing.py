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
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from .asking import Run
from .breaker import BreakerState
from .lanes import Target

WonT = TypeVar("WonT")

FIRST_HEDGES: Final = 2
"""Hedges that are free at the start, so that the first stall is met at once; the first calls pay for them."""
LEAST_LOOK_S: Final = 0.001
"""Between two looks at a leader; a timer may fire this much early."""
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
        self._leader: _Leader | None = None
        self._tick: asyncio.TimerHandle

    async def first(self) -> WonT | None:
        """The first usable answer before the floor takes over, or None."""
        if not self.waiting:
            return None
        self._budget.call()
        async with asyncio.TaskGroup() as group:
            while self._won is None and self.waiting and self._run.left_s > 0:
                await self._lead(self.waiting.popleft(), group)
            if self._chaser is not None:
                await self._last_chance(self._chaser)
        return self._won

    async def _lead(self, target: Target, group: asyncio.TaskGroup) -> None:
        """Asks one target in place, under a clock that may start a chaser or cut this attempt."""
        left_s = self._run.left_s
        times = target.times_of(self._run.plan.request.task, self._clock_name)
        give_up_at = self._run.clock() + (left_s / 2 if self.waiting else left_s)
        leader = _Leader(target, times.patience_s(left_s, *self._run.hedge_s), give_up_at, asyncio.timeout(None))
        clock = asyncio.get_running_loop().call_later
        self._leader = leader
        self._tick = clock(leader.patience_s, self._look, leader, group)
        try:
            async with leader.timer:
                self._settle(await self._ask(target, False))
        except TimeoutError:
            return
        finally:
            self._tick.cancel()
            self._leader = None

    async def _last_chance(self, chaser: asyncio.Task[None]) -> None:
        """Waits for a chaser when nobody else is left; one that lost is cancelled."""
        if self._won is None:
            await asyncio.wait((chaser,), timeout=max(self._run.left_s, 0))
        chaser.cancel()

    def _look(self, leader: "_Leader", group: asyncio.TaskGroup) -> None:
        """The leader's patience is over: start a chaser, give the leader up, or look again later."""
        now = self._run.clock()
        if now >= leader.give_up_at - LEAST_LOOK_S or (
            self.waiting and leader.target.breaker.state(now) is BreakerState.OPEN
        ):
            self._cut_leader()
            return
        if self.waiting and (self._chaser is None or self._chaser.done()) and self._budget.take():
            self._chaser = group.create_task(self._chase())
        again_s = min(max(leader.patience_s, LEAST_LOOK_S), leader.give_up_at - now)
        self._tick = asyncio.get_running_loop().call_later(again_s, self._look, leader, group)

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
        if self._leader is not None and not self._leader.timer.expired():
            self._leader.timer.reschedule(0)


@dataclass(slots=True)
class _Leader:
    """The attempt that is awaited in place."""

    target: Target
    patience_s: float
    give_up_at: float
    timer: asyncio.Timeout
