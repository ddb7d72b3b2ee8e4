"""Booking create and list over HTTP, against a bare aiohttp and asyncpg handler that executes the same SQL.

Both servers run in one child process with one database, asked in turns by this one over some connections at once; the
medians of the rounds are compared. `ratio` is how many times longer ours takes than the bare one, the worse of the two
routes.
"""

import asyncio
import json
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import click

from ._http_peers import BODY, headers
from .booking import quantile

ROUTES: Final = ("create", "list")


@dataclass
class Taken:
    """What asking took."""

    per_s: list[float] = field(default_factory=list)
    """One a round."""
    ms: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        return {"per_s": round(statistics.median(self.per_s), 1), "p99_ms": quantile(self.ms, 0.99)}


def arguments() -> list[click.Parameter]:
    """What the command takes."""
    return [
        click.Option(["--rows"], type=click.IntRange(0), default=100_000, show_default=True, help="Bookings stored."),
        click.Option(["--requests"], type=click.IntRange(10), default=200, show_default=True, help="In each round."),
        click.Option(["--rounds"], type=click.IntRange(1), default=7, show_default=True, help="In turn."),
        click.Option(["--connections"], type=click.IntRange(1), default=8, show_default=True, help="At once."),
    ]


def run(rows: int, requests: int, rounds: int, connections: int) -> dict[str, object]:
    """Start both servers and ask them in turns; see the module's docstring."""
    command = [sys.executable, "-m", "bench._http_peers", str(rows)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as servers:
        assert servers.stdout is not None
        assert servers.stdin is not None
        peers = json.loads(servers.stdout.readline())
        try:
            return asyncio.run(_measure(peers, requests, rounds, connections)) | {"rows": rows}
        finally:
            servers.stdin.close()


async def _measure(peers: dict[str, Any], requests: int, rounds: int, connections: int) -> dict[str, object]:
    taken = {(route, who): Taken() for route in ROUTES for who in ("ours", "bare")}
    async with aiohttp.ClientSession() as http:
        for number in range(-1, rounds):
            for (route, who), into in taken.items():
                ask = asker(http, route, peers[who], peers["token"])
                await ask_many(ask, requests, connections, Taken() if number < 0 else into)
            print(f"round {number + 1} of {rounds}: {round_ratios(taken)}", file=sys.stderr)
    of_rounds = round_ratios(taken)
    ratios = {route: round(statistics.median(each), 2) for route, each in of_rounds.items()}
    figures: dict[str, object] = {f"{route}_{who}": into.figures() for (route, who), into in taken.items()}
    told = {"ratio": max(ratios.values()), "ratios": ratios, "rounds": of_rounds, "statements": peers["statements"]}
    return told | figures


def round_ratios(taken: Mapping[tuple[str, str], Taken]) -> dict[str, list[float]]:
    """How many times longer ours takes, by route: of each round so far, ours against its neighbour."""
    pairs = {route: zip(taken[route, "ours"].per_s, taken[route, "bare"].per_s, strict=True) for route in ROUTES}
    return {route: [round(bare / ours, 2) for ours, bare in pair] for route, pair in pairs.items()}


def asker(http: aiohttp.ClientSession, route: str, url: str, token: str) -> Callable[[], Any]:
    """One request of a route."""
    if route == "list":
        return lambda: http.get(f"{url}/v1/bookings", headers=headers(token, secrets.token_hex(12)))
    return lambda: http.post(f"{url}/v1/bookings", json=BODY, headers=headers(token, secrets.token_hex(12)))


async def ask_many(ask: Callable[[], Any], requests: int, connections: int, into: Taken) -> None:
    """All requests, some at once."""
    numbers = iter(range(requests))

    async def lane() -> None:
        for _ in numbers:
            asked = time.perf_counter()
            async with ask() as answer:
                assert answer.status < 300, await answer.text()
                await answer.read()
            into.ms.append((time.perf_counter() - asked) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(connections)))
    into.per_s.append(requests / (time.perf_counter() - began))
