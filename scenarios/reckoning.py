"""The reference operator against the library: every script played in real time, several at once, and the figures.

In: a running server, tokens, scripts. Out: figures and a line a script. What the figures mean is in docs/scenarios.md.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dispatch.contract.card import FieldName

from .player import Played, Player
from .reference import ReferenceOperator
from .replay import quantile
from .script import Script

RED: Final = 1
NO_EMERGENCY: Final = 4
"""Gold categories from here on are no emergency."""


@dataclass(frozen=True)
class Result:
    """One script, as the reference operator fared."""

    script: Script
    played: Played | None
    problem: str = ""

    @property
    def flag_found(self) -> bool | None:
        """None for a script without telling words."""
        if not any(turn.red_flag for turn in self.script.turns):
            return None
        return self.played is not None and self.played.flag_s is not None

    @property
    def shown_red(self) -> bool:
        return self.played is not None and self.played.most_urgent == RED


async def reckon(
    url: str, token: str, scripts: Sequence[Script], *, at_once: int, told: Callable[[Result], None]
) -> list[Result]:
    """Plays all scripts, `at_once` of them at a time; `told` hears each result."""
    gate = asyncio.Semaphore(at_once)

    async def one(script: Script) -> Result:
        async with gate:
            result = await _one(url, token, script)
            told(result)
            return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(script)) for script in scripts]
    return [task.result() for task in tasks]


async def _one(url: str, token: str, script: Script) -> Result:
    player = Player(url, token, script)
    operator = ReferenceOperator(url, token, script)

    async def work() -> None:
        await operator.work(await player.opened)

    problem = ""
    try:
        async with asyncio.TaskGroup() as group:
            played = group.create_task(player.play())
            group.create_task(work())
    except* Exception as broken:  # noqa: BLE001 - one broken call is a row that says so; the others go on
        problem = type(first_of(broken)).__name__
    return Result(script, None, problem) if problem else Result(script, played.result())


def first_of(broken: BaseExceptionGroup[Exception]) -> BaseException:
    """The first error inside a group of groups."""
    error: BaseException = broken
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def figures(results: Sequence[Result]) -> dict[str, Any]:
    """The figures over all, and a row a script."""
    played = [result for result in results if result.played is not None]
    flags = [result.flag_found for result in results if result.flag_found is not None]
    seconds = [r.played.flag_s for r in played if r.played is not None and r.played.flag_s is not None]
    quiet = [result for result in results if result.script.gold.category >= NO_EMERGENCY]
    return {
        "scripts": len(results),
        "types": len({result.script.type for result in results}),
        "passed": sum(result.played is not None and result.played.sheet.passed for result in results),
        "category_exact": sum(_final(result) == result.script.gold.category for result in results),
        "category_accepted": sum(bool(r.played and r.played.sheet.category_right) for r in results),
        "red_flags": len(flags),
        "red_flag_found": sum(flags),
        "seconds_to_flag_p50": quantile(seconds, 0.5),
        "seconds_to_flag_p95": quantile(seconds, 0.95),
        "non_emergencies": len(quiet),
        "non_emergency_shown_red": sum(result.shown_red for result in quiet),
        "lost_samples": sum(result.played.lost_samples for result in results if result.played),
        "rows": [row(result) for result in results],
    }


def row(result: Result) -> dict[str, Any]:
    """One script's line."""
    script, played = result.script, result.played
    line: dict[str, Any] = {"id": script.id, "type": script.type.value, "gold": script.gold.category}
    if played is None:
        return {**line, "problem": result.problem}
    sheet = played.sheet
    return {
        **line,
        "category": sheet.category,
        "passed": sheet.passed,
        "score": sheet.score,
        "flag_s": None if played.flag_s is None else round(played.flag_s, 2),
        "flag_said": played.flag_said,
        "most_urgent": played.most_urgent,
        "missed": [line.label for line in sheet.lines if line.verdict.value in ("missed", "broken")],
        "late": [line.label for line in sheet.lines if line.verdict.value == "late"],
        "wrong_fields": [FieldName(name).value for name in sheet.wrong_fields],
        "call_id": played.call_id,
    }


def _final(result: Result) -> int | None:
    return result.played.sheet.category if result.played else None
