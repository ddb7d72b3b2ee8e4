"""A trainee's earlier runs, for the report of a call that was just played.

In: a server, a token, the log of the call. Out: what the report's trend shows, oldest first. A server that keeps no
runs, or does not let this person see them, gives an empty trend: the report is about this call.
"""

from collections.abc import Sequence
from typing import Final

import aiohttp
from pydantic import ValidationError

from dispatch.contract.timeline import CallAnswered, TimelineEntry
from dispatch.contract.training_runs import RunPage

RUNS: Final = 10
WAIT_S: Final = 10.0

Trend = tuple[tuple[str, str, float, bool], ...]
"""When, scenario, percent, passed."""


async def trend_of(url: str, token: str, entries: Sequence[TimelineEntry]) -> Trend:
    """The last runs of whoever answered the call."""
    trainee = next((e.actor.person_id for e in entries if isinstance(e.body, CallAnswered)), None)
    if trainee is None:
        return ()
    query = {"trainee_id": trainee, "limit": str(RUNS)}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=WAIT_S)) as http,
            http.get(f"{url}/v1/training/runs", params=query, headers={"Authorization": f"Bearer {token}"}) as answer,
        ):
            page = RunPage.model_validate_json(await answer.text())
    except (aiohttp.ClientError, TimeoutError, ValidationError):
        return ()
    return tuple((f"{run.at:%Y-%m-%d}", run.title, run.score, run.passed) for run in reversed(page.runs))
