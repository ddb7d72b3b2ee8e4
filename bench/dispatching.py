"""Sending units: how soon consoles see a unit move, and how long sending one takes.

In: nothing; it starts a server of its own. Out: one JSON object. `moved_*` is the time from a crew's report of its
position over HTTP to the delivery at a console that another person sits at; `sent_ms_*` from an operator's
`unit.dispatch` to its acknowledgement, when it is in the database. Each is for a call of its own, and stood down.
"""

import asyncio
import statistics
import time
from dataclasses import dataclass, field
from typing import Final

import click

from bench._server import ChildServer
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.audio import AudioFormat
from dispatch.contract.caller import StartCall
from dispatch.contract.console import DeliveryBody
from dispatch.contract.crew import UnitPosition
from dispatch.contract.dispatch_commands import DispatchUnit, StandDown
from dispatch.contract.dispatching import UnitChanged, UnitView
from dispatch.http_client import HttpClient, sign_in

UNIT: Final = "demo-unit-1"
STEP: Final = 0.0005
"""Degrees between two positions, about 50 m."""
BETWEEN_S: Final = 0.13
"""No multiple of the server's own rhythm, so that the reports fall anywhere within it."""
PATIENCE_S: Final = 30


def arguments() -> list[click.Parameter]:
    """The command line of this bench."""
    return [
        click.Option(["--positions"], type=click.IntRange(2, 2000), default=60, show_default=True, help="Reports."),
        click.Option(["--sendings"], type=click.IntRange(2, 200), default=20, show_default=True, help="Calls."),
    ]


def run(positions: int = 60, sendings: int = 20) -> dict[str, object]:
    """Measures on a server process with everything real in it."""
    with ChildServer() as server:
        return asyncio.run(_measured(server, positions, sendings))


@dataclass
class Seen:
    """When a console was told of each position."""

    at_s: dict[float, float] = field(default_factory=dict)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, body: DeliveryBody) -> None:
        if isinstance(body, UnitChanged) and body.unit.unit_id == UNIT and body.unit.latitude is not None:
            self.at_s.setdefault(round(body.unit.latitude, 6), time.monotonic())
            self.more.set()

    async def until(self, latitude: float) -> float:
        async with asyncio.timeout(PATIENCE_S):
            while latitude not in self.at_s:
                self.more.clear()
                await self.more.wait()
        return self.at_s[latitude]


async def _measured(server: ChildServer, positions: int, sendings: int) -> dict[str, object]:
    seen = Seen()
    session = await sign_in(server.url, *server.login("operator"))
    console = ConsoleClient(server.url, session.access_token, on_delivery=seen.take)
    await console.connect()
    try:
        async with HttpClient(server.url, *server.login("paramedic")) as crew:
            moved = [await _moved(crew, seen, number) for number in range(positions)]
        sent = [await _sent(server, console) for _ in range(sendings)]
    finally:
        await console.close()
    return {
        "positions": positions,
        "moved_p50_s": round(statistics.median(moved), 3),
        "moved_p95_s": round(_p95(moved), 3),
        "sendings": sendings,
        "sent_ms_p50": round(statistics.median(sent) * 1000, 1),
        "sent_ms_p95": round(_p95(sent) * 1000, 1),
    }


async def _moved(crew: HttpClient, seen: Seen, number: int) -> float:
    """Seconds from a crew's report to the console."""
    latitude = round(-41.2 - number * STEP, 6)
    started = time.monotonic()
    at = UnitPosition(latitude=latitude, longitude=174.81)
    await crew.ask("PUT", f"/v1/units/{UNIT}/position", UnitView, at)
    took_s = await seen.until(latitude) - started
    await asyncio.sleep(BETWEEN_S)
    return took_s


async def _sent(server: ChildServer, console: ConsoleClient) -> float:
    """Seconds from the command to its acknowledgement."""
    caller = CallerClient(server.url)
    opened = await caller.start(StartCall(format=AudioFormat(), entry="web"))
    try:
        await console.until(lambda view: opened.call_id in view.queue)
        incident_id = console.view.queue[opened.call_id].incident_id
        send = DispatchUnit(command_id=f"send-{opened.call_id}", incident_id=incident_id, unit_ids=(UNIT,))
        started = time.monotonic()
        done = await console.command(send)
        took_s = time.monotonic() - started
        back = StandDown(command_id=f"back-{opened.call_id}", unit_id=UNIT, reason="measured")
        if not (done.ok and (await console.command(back)).ok):
            raise RuntimeError("the server did not send the unit")
        return took_s
    finally:
        await caller.hang_up()
        await caller.close()


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]
