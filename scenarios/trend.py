"""A trainee's earlier runs, for the report of a call that was just played.

In: somebody signed in, the log of the call. Out: what the report's trend shows, oldest first. A server that keeps no
runs, or does not let this person see them, gives an empty trend: the report is about this call.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol
from urllib.parse import urlencode

from pydantic import ValidationError

from dispatch.client import ClientError
from dispatch.contract.timeline import CallAnswered, TimelineEntry
from dispatch.contract.training_runs import RunPage

RUNS: Final = 10
WAIT_S: Final = 10.0

Trend = tuple[tuple[str, str, float, bool], ...]
"""When, scenario, percent, passed."""


class Asks(Protocol):
    """The part of the HTTP client that is needed here."""

    async def ask(self, method: str, path: str, answer: type[RunPage]) -> RunPage: ...


async def trend_of(asks: Asks, entries: Sequence[TimelineEntry]) -> Trend:
    """The last runs of whoever answered the call."""
    trainee = next((e.actor.person_id for e in entries if isinstance(e.body, CallAnswered)), None)
    if trainee is None:
        return ()
    query = urlencode({"trainee_id": trainee, "limit": RUNS})
    try:
        async with asyncio.timeout(WAIT_S):
            page = await asks.ask("GET", f"/v1/training/runs?{query}", RunPage)
    except (ClientError, ConnectionError, TimeoutError, ValidationError):
        return ()
    return tuple((f"{run.at:%Y-%m-%d}", run.title, run.score, run.passed) for run in reversed(page.runs))
