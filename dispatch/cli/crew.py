"""`kiwimesh crew`: crews without people, over the same HTTP API that real ones use."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from dispatch.client import ClientError
from dispatch.contract.crew import Mission, OfferAnswer, OfferList, UnitList, UnitPosition, UnitReport
from dispatch.contract.dispatching import UnitState, UnitView
from dispatch.contract.problems import ProblemCode
from dispatch.dispatching.driving import Pace, next_of
from dispatch.dispatching.ranking import Point
from dispatch.http_client import HttpClient

from .options import data_option, server_url, settings_from, url_option
from .signed_in import demo_password

TICK_S: Final = 1.0
DEMO_LOGIN: Final = "paramedic@demo.example"
HOSPITAL: Final[Point] = (-41.2790, 174.8060)
"""Where the demonstration's ambulances take their patients."""

Say = Callable[[str], None]


@click.group()
def crew() -> None:
    """Crews of units."""


@crew.command()
@url_option
@data_option
@click.option("--email", default=DEMO_LOGIN, show_default=True, help="A paramedic; the demonstration's is known.")
@click.option("--password", envvar="KIWIMESH_CREW_PASSWORD", help="Default: the demonstration's, from the data folder.")
@click.option("--times", default=1.0, show_default=True, help="How many times faster than life.")
def simulate(url: str | None, data_dir: Path | None, email: str, password: str | None, times: float) -> None:
    """Drive every unit of a paramedic's login.

    Takes offers, acknowledges, drives, reports, over the API that real crews use. Ctrl-C ends it.
    """
    settings = settings_from(data_dir=data_dir)
    known = password or demo_password(settings.data_dir, email)
    with asyncio.Runner() as runner:
        try:
            runner.run(drive(url or server_url(settings), email, known, times, click.echo))
        except KeyboardInterrupt:
            click.echo("The crews go home.")


async def drive(
    url: str, email: str, password: str, times: float, say: Say, leave: frozenset[str] = frozenset()
) -> None:  # fmt: skip
    """For ever: every crew does its next step, but those of the call signs in `leave`, whom somebody plays.

    A server that is away, or that is asked too fast, is asked again after a tick of real time.
    """
    async with HttpClient(url, email, password) as client:
        last = time.monotonic()
        while True:
            now = time.monotonic()
            try:
                await one_round(client, times, (now - last) * times, say, leave)
            except (OSError, TimeoutError):
                say("The server does not answer; the crews wait.")
                await asyncio.sleep(TICK_S)
            except ClientError as error:
                if not error.problem.retryable:
                    raise
                say(f"The crews wait: {error.problem.message}")
                await asyncio.sleep(TICK_S)
            else:
                last = now
                await asyncio.sleep(TICK_S / max(times, 1.0))


async def one_round(client: HttpClient, times: float, passed_s: float, say: Say, leave: frozenset[str]) -> None:
    """One step of every crew. A refusal is said, and is no reason to stop: somebody was faster.

    Raises ClientError where the server asks to be asked later.
    """
    units = (await client.ask("GET", "/v1/units?limit=200", UnitList)).units
    for unit in (unit for unit in units if unit.call_sign not in leave):
        try:
            await one_step(client, unit, times, passed_s, say)
        except ClientError as error:
            if error.problem.retryable:
                raise
            if error.problem.code is not ProblemCode.NOT_ALLOWED:
                say(f"{unit.call_sign}: {error.problem.message}")


async def one_step(client: HttpClient, unit: UnitView, times: float, passed_s: float, say: Say) -> None:
    """What one crew does now. Raises ClientError."""
    path = f"/v1/units/{unit.unit_id}"
    if unit.state is UnitState.AVAILABLE:
        for offer in (await client.ask("GET", f"{path}/offers", OfferList)).offers:
            await client.ask("POST", f"{path}/offers/{offer.offer_id}", UnitView, OfferAnswer(accept=True))
            say(f"{unit.call_sign}: takes the offer")
        return
    mission = await client.ask("GET", f"{path}/mission", Mission)
    in_state_s = (time.time() - unit.state_since.timestamp()) * times
    step = next_of(unit, mission.incident, in_state_s, passed_s, HOSPITAL, Pace())
    if step.position:
        at = UnitPosition(latitude=step.position[0], longitude=step.position[1])
        await client.ask("PUT", f"{path}/position", UnitView, at)
    if step.report:
        await client.ask("POST", f"{path}/state", UnitView, UnitReport(state=step.report))
        say(f"{unit.call_sign}: {step.report.value.replace('_', ' ')}")
