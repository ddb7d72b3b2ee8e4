"""Streams: a stall is switched before the first piece, restarted after it, and never spliced."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from bench._router_kit import House, on_virtual_time, plain_request
from llm_router import CallText, Delta, Finished, Restarted, errors, redact
from llm_router.providers.port import Finish
from llm_router.providers.scripted import Line

pytestmark = pytest.mark.unit

TEXT = "keep pressing hard in the middle of the chest"
OTHER = "a second model says it in other words"
SECOND = "own_two"


def ask(**fields: Any) -> Any:
    return plain_request("extract", CallText("what now"), **fields)


async def events_of(house: House, asked: Any = None) -> list[Any]:
    return [event async for event in house.router.stream(asked or ask())]


def shown_at_the_end(events: list[Any]) -> str:
    """What a reader sees who clears the page at every restart."""
    page = ""
    for event in events:
        page = "" if isinstance(event, Restarted) else page + event.text if isinstance(event, Delta) else page
    return page


def well_formed(events: list[Any]) -> bool:
    ends = [event for event in events if isinstance(event, Finished)]
    return len(ends) == 1 and events[-1] is ends[0] and shown_at_the_end(events) == ends[0].outcome.result


def test_a_healthy_stream_comes_in_pieces_and_ends_once() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(TEXT, gap_s=0.01)], SECOND: [Line(OTHER)]})
        events = await events_of(house)
        assert [event.kind for event in events] == ["delta"] * 9 + ["finished"]
        assert well_formed(events)
        assert events[-1].outcome.decision.attempts[0].first_token_ms is not None

    on_virtual_time(scenario)


def test_a_stream_that_never_starts_is_switched_without_the_reader_noticing() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(TEXT)] * 8 + [Line(TEXT, delay_s=9999)], SECOND: [Line(OTHER)]})
        for _ in range(8):
            await events_of(house)
        started = house.clock()
        events = await events_of(house)
        assert house.clock() - started == pytest.approx(0.2, abs=0.01)
        assert not any(isinstance(event, Restarted) for event in events)
        assert shown_at_the_end(events) == OTHER

    on_virtual_time(scenario)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (Line(TEXT, gap_s=0.002, stall_after=4), "stalled"),
        (Line(TEXT, gap_s=0.06), "stalled"),
        (Line(TEXT, gap_s=0.002, cut_after=4), "unreachable"),
        (Line(TEXT, finish=Finish.REFUSAL), "refused"),
    ],
    ids=["stalls", "drips", "is cut", "is refused at the end"],
)
def test_a_stream_that_breaks_later_is_restarted_from_the_first_word(line: Line, reason: str) -> None:
    async def scenario() -> None:
        house = House({"own": [Line(TEXT, gap_s=0.002)] * 8 + [line], SECOND: [Line(OTHER)]})
        for _ in range(8):
            await events_of(house)
        started = house.clock()
        events = await events_of(house)
        assert house.clock() - started < 0.4
        assert [event.reason for event in events if isinstance(event, Restarted)] == [reason]
        assert shown_at_the_end(events) == OTHER == events[-1].outcome.result
        assert events[-1].outcome.decision.restarts == 1
        assert house.ports["own"].open == 0

    on_virtual_time(scenario)


def test_when_every_stream_breaks_the_floor_has_the_last_word() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(TEXT, stall_after=2)], SECOND: [Line(error=errors.ServerFaultError())]})
        events = await events_of(house)
        assert shown_at_the_end(events) == "floor says this"
        assert events[-1].outcome.source == "floor"

    on_virtual_time(scenario)


def test_a_reader_who_is_slow_does_not_make_the_stream_stall() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(TEXT, gap_s=0.002)], SECOND: [Line(OTHER)]})
        events = []
        async for event in house.router.stream(ask(deadline=house.router.deadline_in(60))):
            await asyncio.sleep(1)
            events.append(event)
        assert well_formed(events)
        assert shown_at_the_end(events) == TEXT

    on_virtual_time(scenario)


def test_a_reader_who_leaves_closes_the_stream_behind_them() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(TEXT, gap_s=0.002)], SECOND: [Line(OTHER)]})
        async with aclosing(house.router.stream(ask())) as events:
            async for _ in events:
                break
        assert house.ports["own"].open == 0
        assert house.router.health().models[0].in_flight == 0

    on_virtual_time(scenario)


def test_a_stream_over_redacted_text_shows_the_real_words_again() -> None:
    async def scenario() -> None:
        redacted = redact("Ann fell at home", {"PERSON": ["Ann"]})
        house = House({"own": [Line("is [[PERSON_1]] awake now", gap_s=0.001)], SECOND: [Line(OTHER)]})
        events = await events_of(house, plain_request("extract", redacted))
        assert shown_at_the_end(events) == "is Ann awake now" == events[-1].outcome.result
        assert "Ann" not in house.ports["own"].asked[0].turns[0].text

    on_virtual_time(scenario)
