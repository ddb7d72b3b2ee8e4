"""The reference operator against the library: every script played in real time, several at once, and the figures.

In: a running server, a way to sign in, scripts. Out: a row a script as soon as it is played, and figures over all rows.
What the figures mean is in docs/scenarios.md. Invariants: a script that fails is a row that says so, and the others go
on; rows are plain JSON, so that a run that was broken off goes on from those it has written.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dispatch.contract.card import FieldName

from .player import Played, Player
from .reference import ReferenceOperator
from .replay import quantile
from .script import Script

RED: Final = 1
NO_EMERGENCY: Final = 4
"""Gold categories from here on are no emergency."""
PATIENCE_S: Final = 240.0
"""A call that goes on for so long after its script's own limit is given up: ringing, the last words, the closing."""

Row = dict[str, Any]
SignIn = Callable[[], Awaitable[str]]
"""A token that is good now: a run takes longer than one lasts."""


@dataclass(frozen=True)
class Result:
    """One script, as the reference operator fared."""

    script: Script
    played: Played | None
    problem: str = ""
    seconds: float = 0.0
    """What playing it took."""


async def reckon(
    url: str, signed_in: SignIn, scripts: Sequence[Script], *, at_once: int, told: Callable[[Result], None]
) -> list[Result]:
    """Plays all scripts, `at_once` of them at a time, each signed in anew; `told` hears each result."""
    gate = asyncio.Semaphore(at_once)

    async def one(script: Script) -> Result:
        async with gate:
            result = await _one(url, signed_in, script)
            told(result)
            return result

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(script)) for script in scripts]
    return [task.result() for task in tasks]


async def _one(url: str, signed_in: SignIn, script: Script) -> Result:
    problem, began = "", time.monotonic()
    played: Played | None = None
    try:
        async with asyncio.timeout(script.limit_s + PATIENCE_S):
            played = await _played(url, await signed_in(), script)
    except* Exception as broken:  # noqa: BLE001 - one broken call is a row that says so; the others go on
        problem = type(first_of(broken)).__name__
    return Result(script, played, problem, time.monotonic() - began)


async def _played(url: str, token: str, script: Script) -> Played:
    player = Player(url, token, script)
    operator = ReferenceOperator(url, token, script)

    async def work() -> None:
        await operator.work(await player.opened)

    async with asyncio.TaskGroup() as group:
        played = group.create_task(player.play())
        group.create_task(work())
    return played.result()


def first_of(broken: BaseExceptionGroup[Exception]) -> BaseException:
    """The first error inside a group of groups."""
    error: BaseException = broken
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """The figures over all, and the rows."""
    played = [row for row in rows if "problem" not in row]
    flags = [row.get("flag_found", False) for row in rows if row["telling"]]
    seconds = [row["flag_s"] for row in played if row["flag_s"] is not None]
    quiet = [row for row in rows if row["gold"] >= NO_EMERGENCY]
    return {
        "scripts": len(rows),
        "played": len(played),
        "types": len({row["type"] for row in rows}),
        "passed": sum(row["passed"] for row in played),
        "category_exact": sum(row["category"] == row["gold"] for row in played),
        "category_accepted": sum(row["accepted"] for row in played),
        "red_flags": len(flags),
        "red_flag_found": sum(flags),
        "seconds_to_flag_p50": quantile(seconds, 0.5),
        "seconds_to_flag_p95": quantile(seconds, 0.95),
        "non_emergencies": len(quiet),
        "non_emergency_shown_red": sum(row.get("most_urgent") == RED for row in quiet),
        "lost_samples": sum(row["lost_samples"] for row in played),
        "rows": list(rows),
    }


def row(result: Result) -> Row:
    """One script's line."""
    script, played = result.script, result.played
    telling = any(turn.red_flag for turn in script.turns)
    line: Row = {
        "id": script.id, "type": script.type.value, "gold": script.gold.category, "telling": telling,
        "seconds": round(result.seconds, 1),
    }  # fmt: skip
    if played is None:
        return {**line, "problem": result.problem}
    sheet = played.sheet
    return {
        **line,
        "category": sheet.category,
        "accepted": sheet.category_right,
        "passed": sheet.passed,
        "score": sheet.score,
        "flag_s": None if played.flag_s is None else round(played.flag_s, 2),
        "flag_found": played.flag_s is not None,
        "flag_said": played.flag_said,
        "most_urgent": played.most_urgent,
        "lost_samples": played.lost_samples,
        "missed": [line.label for line in sheet.lines if line.verdict.value in ("missed", "broken")],
        "late": [line.label for line in sheet.lines if line.verdict.value == "late"],
        "wrong_fields": [FieldName(name).value for name in sheet.wrong_fields],
        "call_id": played.call_id,
    }


def kept_rows(path: Path, scripts: Sequence[Script]) -> list[Row]:
    """Rows of these scripts that an earlier run has written and that need not be played again: the newest of each."""
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    newest = {row["id"]: row for row in rows if "problem" not in row}
    return [newest[script.id] for script in scripts if script.id in newest]
