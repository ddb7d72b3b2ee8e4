"""A call's line in the queue: at once where somebody has to act on it, else at most once in half a second."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from dispatch.consoles.console import SignedIn, Standing
from dispatch.consoles.floor import Floor
from dispatch.consoles.outbox import Parcel
from dispatch.contract.audio import Channel
from dispatch.contract.base import CallId, CentreId, IncidentId, PersonId, UtteranceId
from dispatch.contract.console import (
    CallPartial,
    CallState,
    CallSummary,
    ConsoleAuth,
    Delivery,
    Health,
    QueueChanged,
    SystemState,
)
from dispatch.contract.transcript import Partial
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
        self.words = 0

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            body = Delivery.model_validate_json(parcel.text).body
            self.words += isinstance(body, CallPartial)
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
        self._attach("c", self.screen)

    def another(self, number: int) -> Screen:
        """One more console of the same person."""
        self._attach(f"c{number}", screen := Screen())
        return screen

    def _attach(self, console_id: str, screen: Any) -> None:
        far = datetime(2100, 1, 1, tzinfo=UTC)
        who = SignedIn(
            PersonId("p"), "Ann", CENTRE, supervisor=False, expires_at=far, standing=lambda: Standing.WELCOME
        )
        self.floor.attach(who, ConsoleAuth(token="t", console_id=console_id), screen)

    def follow(self, console_id: str) -> None:
        """A console has the call open."""
        for console in self.floor.consoles.values():
            if console.console_id == console_id:
                console.open_calls.add(CALL)

    def say(self) -> None:
        """Somebody on the call says something."""
        self.floor.partial_heard(CALL, Partial(channel=Channel.CALLER, utterance_id=UtteranceId("u"), words=()))

    def change(self, headline: str, state: CallState = CallState.ANSWERED) -> None:
        self.floor.call_changed(
            CallSummary(
                call_id=CALL, incident_id=IncidentId("i"), state=state, category=2, headline=headline,
                started_at=self.clock.now(),
            )
        )  # fmt: skip


async def turns(count: int = 50) -> None:
    """Lets everything that is ready have its turn; no time passes."""
    for _ in range(count):
        await asyncio.sleep(0)


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
    desk.change("first")
    await desk.clock.advance(0.1)
    for number in range(20):
        desk.change(f"headline {number}")
    await desk.clock.advance(0.5)
    assert desk.screen.shown == [(CallState.ANSWERED, "first"), (CallState.ANSWERED, "headline 19")]
    for number in range(40):
        desk.change(f"later {number}")
        await desk.clock.advance(0.05)
    assert 3 <= len(desk.screen.shown[2:]) <= 5


async def test_an_ended_call_shows_at_once_however_often_its_line_has_just_changed(desk: Desk) -> None:
    desk.change("first")
    await turns()
    desk.change("second")
    desk.change("second", CallState.ENDED)
    await turns()
    assert desk.screen.shown == [(CallState.ANSWERED, "first"), (CallState.ENDED, "second")]
    await desk.clock.advance(1.0)
    assert len(desk.screen.shown) == 2


async def test_words_of_a_call_reach_who_follows_it_before_everybody_has_been_told_of_the_queue(desk: Desk) -> None:
    others = [desk.another(number) for number in range(200)]
    follower = desk.another(1000)
    desk.follow("c1000")
    desk.change("first")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    told = sum(bool(screen.shown) for screen in others)
    assert 0 < told < len(others)
    desk.say()
    assert follower.words == 1
    await turns()
    assert all(screen.shown == [(CallState.ANSWERED, "first")] for screen in [*others, follower])


async def test_consoles_are_swept_one_after_the_other_and_each_has_the_newest_line_within_half_a_second() -> None:
    desk = Desk()
    screens = [desk.screen] + [desk.another(number) for number in range(40)]
    async with asyncio.TaskGroup() as group:
        sweep = group.create_task(desk.floor.sweep())
        await desk.clock.advance(0.01)
        desk.change("first")
        await turns()
        desk.change("second")
        assert all(screen.shown == [(CallState.ANSWERED, "first")] for screen in screens)
        have: list[int] = []
        for _ in range(10):
            await desk.clock.advance(0.05)
            have.append(sum(len(screen.shown) == 2 for screen in screens))
        sweep.cancel()
    assert have[-1] == len(screens)
    assert max(after - before for before, after in pairwise([0, *have])) < len(screens) / 2
