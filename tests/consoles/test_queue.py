"""A call's line in the queue: at once where somebody has to act on it, else at most once in half a second."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from dispatch.consoles.console import SignedIn, Standing
from dispatch.consoles.floor import Floor
from dispatch.consoles.outbox import Parcel
from dispatch.contract.base import CallId, CentreId, IncidentId, PersonId
from dispatch.contract.console import (
    CallState,
    CallSummary,
    ConsoleAuth,
    Delivery,
    Health,
    QueueChanged,
    SystemState,
)
from dispatch.observability.clock import VirtualClock

pytestmark = pytest.mark.unit

CALL = CallId("call")
CENTRE = CentreId("centre")
FINE = SystemState(
    journal=Health.OK, database=Health.OK, broker=Health.OK, transcription=Health.OK, router=Health.OFF
)  # fmt: skip


class Screen:
    """A console's connection that keeps the lines of the queue."""

    def __init__(self) -> None:
        self.shown: list[tuple[CallState, str]] = []

    def deliver(self, parcel: Parcel) -> None:
        body = Delivery.model_validate_json(parcel.text).body
        if isinstance(body, QueueChanged):
            self.shown.append((body.call.state, body.call.headline))


class Desk:
    """A floor with one console, on a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.screen = Screen()
        calls = {CALL: SimpleNamespace(visible_to=lambda _: True)}
        switchboard: Any = SimpleNamespace(calls=calls, visible_calls=lambda _: [])
        directory: Any = SimpleNamespace(centre=lambda _: None)
        self.floor = Floor(switchboard, directory, self.clock, FINE)
        far = datetime(2100, 1, 1, tzinfo=UTC)
        who = SignedIn(
            PersonId("p"), "Ann", CENTRE, supervisor=False, expires_at=far, standing=lambda: Standing.WELCOME
        )
        screen: Any = self.screen
        self.floor.attach(who, ConsoleAuth(token="t", console_id="c"), screen)

    def change(self, headline: str, state: CallState = CallState.ANSWERED) -> None:
        self.floor.call_changed(
            CallSummary(
                call_id=CALL, incident_id=IncidentId("i"), state=state, category=2, headline=headline,
                started_at=self.clock.now(),
            )
        )  # fmt: skip


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    async with asyncio.TaskGroup() as group:
        sweep = group.create_task(made.floor.sweep())
        yield made
        sweep.cancel()


async def test_words_that_keep_changing_the_line_show_twice_a_second_and_the_newest_is_never_left_out(
    desk: Desk,
) -> None:
    await desk.clock.advance(0.1)
    for number in range(20):
        desk.change(f"headline {number}")
    assert desk.screen.shown == [(CallState.ANSWERED, "headline 0")]
    await desk.clock.advance(0.5)
    assert desk.screen.shown[1:] == [(CallState.ANSWERED, "headline 19")]


async def test_an_ended_call_shows_at_once_however_often_its_line_has_just_changed(desk: Desk) -> None:
    desk.change("first")
    desk.change("second")
    desk.change("second", CallState.ENDED)
    assert desk.screen.shown == [(CallState.ANSWERED, "first"), (CallState.ENDED, "second")]
    await desk.clock.advance(1.0)
    assert len(desk.screen.shown) == 2
