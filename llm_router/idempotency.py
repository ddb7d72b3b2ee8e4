"""The same question asked twice is answered once.

In: a key and a way to answer. Out: the one answer, shared by everybody who asks with that key while it is under way or
remembered. Bound: the last 256 answers; the oldest is forgotten. A key covers tenant, task and content, so that nobody
gets another's answer by choosing the same key.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

REMEMBERED: Final = 256

Key = tuple[str, str, str, str]
ResultT = TypeVar("ResultT")


class Once:
    """Answers by key, under way or remembered."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, asyncio.Future[Any]] = OrderedDict()

    async def ask(self, key: Key, answer: Callable[[], Awaitable[ResultT]], wait_s: float) -> ResultT | None:
        """The answer for `key`; None when another's answer does not come within `wait_s` seconds."""
        known = self._answers.get(key)
        if known is None:
            return await self._first(key, answer)
        try:
            async with asyncio.timeout(max(wait_s, 0)):
                found: ResultT | None = await asyncio.shield(known)
        except TimeoutError:
            return None
        return found if found is not None else await answer()

    async def _first(self, key: Key, answer: Callable[[], Awaitable[ResultT]]) -> ResultT:
        future = self._answers[key] = asyncio.get_running_loop().create_future()
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        try:
            result = await answer()
        except BaseException:
            future.set_result(None)
            self._answers.pop(key, None)
            raise
        future.set_result(result)
        return result
