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
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import click

from ._http_peers import BODY, headers
from .booking import quantile


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
    taken = {(route, who): Taken() for route in ("create", "list") for who in ("ours", "bare")}
    async with aiohttp.ClientSession() as http:
        for number in range(-1, rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            for (route, who), into in taken.items():
                ask = asker(http, route, peers[who], peers["token"])
                await ask_many(ask, requests, connections, Taken() if number < 0 else into)
    ratios = {route: ratio(taken[route, "ours"], taken[route, "bare"]) for route in ("create", "list")}
    figures: dict[str, object] = {f"{route}_{who}": into.figures() for (route, who), into in taken.items()}
    return {"ratio": max(ratios.values()), "ratios": ratios, "statements": peers["statements"]} | figures


def ratio(ours: Taken, bare: Taken) -> float:
    """How many times longer ours takes: the median of the rounds, each against its neighbour."""
    return round(statistics.median(b / o for o, b in zip(ours.per_s, bare.per_s, strict=True)), 2)


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
