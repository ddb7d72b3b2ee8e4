"""What is measured of live transcription: arrivals, histograms, and what a service says of its calls."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._virtual_time import run
from tests.transcription.sounds import RATE, line, script
from transcription import (
    BUCKETS_S,
    Encoding,
    Histogram,
    Importance,
    ScriptedEngine,
    ScriptedVoice,
    ServiceStatus,
    StreamFormat,
    TranscriptionService,
)
from transcription.lanes import Kind, Lanes, Ticket, batch_limit, lane
from transcription.lateness import Arrivals

pytestmark = pytest.mark.unit


def test_a_place_arrived_when_the_frame_came_that_holds_it() -> None:
    arrivals = Arrivals()
    assert arrivals.at(0) is None
    for frame in range(1, 11):
        arrivals.arrived(frame * RATE, 100.0 + frame)
    assert arrivals.at(3 * RATE) == 103.0
    assert arrivals.at(3 * RATE + 1) == 104.0


def test_sound_older_than_what_is_remembered_counts_as_come_in_real_time() -> None:
    arrivals = Arrivals()
    for tenth in range(1, 1000):
        arrivals.arrived(tenth * RATE // 10, tenth / 10)
    assert arrivals.at(RATE) == pytest.approx(1.0, abs=0.1)


def test_a_histogram_counts_each_latency_once() -> None:
    counts = Histogram()
    for seconds in (-1.0, 0.25, 0.26, 3.9, 1000.0):
        counts.add(seconds)
    assert counts.cumulative()[0] == 2
    assert counts.cumulative()[BUCKETS_S.index(4.0)] == 4
    assert counts.cumulative()[-1] == 5


def test_slots_share_what_waits_and_never_take_more_than_a_batch() -> None:
    assert [batch_limit(waiting, 2, 4) for waiting in (1, 2, 3, 8, 40)] == [1, 1, 2, 4, 4]


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.sampled_from(list(Importance))), min_size=1, max_size=30))
def test_a_batch_holds_one_lane_and_no_more_than_a_slots_share_of_it(waiting: list[tuple[Kind, Importance]]) -> None:
    lanes = Lanes()
    tickets = [Ticket(str(i), kind, importance, "t", 0.0, 1.0) for i, (kind, importance) in enumerate(waiting)]
    for ticket in tickets:
        lanes.put(ticket)
    batch = lanes.take(0.5, lambda count: batch_limit(count, 2, 4), lambda _: "alike")
    first = min(lane(ticket) for ticket in tickets)
    assert {lane(ticket) for ticket in batch} == {first}
    assert len(batch) == batch_limit(sum(lane(ticket) == first for ticket in tickets), 2, 4)
    assert len(lanes) == len(tickets) - len(batch)


def test_a_second_look_waits_while_words_are_late_but_not_for_ever() -> None:
    lanes = Lanes()
    lanes.put(Ticket("a", Kind.REVISION, Importance.CRITICAL, "t", since=0.0, deadline=10.0))
    lanes.put(Ticket("b", Kind.PARTIAL, Importance.CRITICAL, "t", since=4.5, deadline=5.0))
    assert lanes.spare(4.9)
    assert not lanes.spare(5.1)
    assert not lanes.spare(19.9)
    assert lanes.spare(20.1)
    lanes.drop("b")
    assert lanes.spare(5.1)


def test_a_service_says_of_each_call_how_late_its_words_are_and_what_they_cost() -> None:
    words = script("my father is not breathing")

    async def scene() -> ServiceStatus:
        service = TranscriptionService(ScriptedEngine({"s": words}, seconds_a_window=0.2), voice=ScriptedVoice())
        await service.start()
        form = StreamFormat(Encoding.PCM16, RATE)
        stream = service.open("s", form, call_id="c", tenant="t", on_event=lambda _: None)
        stream.set_importance(Importance.URGENT)
        sound = line(words)
        for offset in range(0, len(sound), RATE // 10):
            stream.feed(sound[offset : offset + RATE // 10].tobytes(), offset + RATE * (offset > 3 * RATE))
            await asyncio.sleep(0.1)
        await asyncio.sleep(2.0)
        status = service.status()
        await service.close()
        return status

    status = run(scene())
    (call,) = status.calls
    assert (call.call_id, call.importance) == ("c", Importance.URGENT)
    assert call.latencies.stable.cumulative()[-1] == len(words)
    assert call.latencies.stable.cumulative()[BUCKETS_S.index(2.5)] == len(words)
    assert call.latencies.final.cumulative()[-1] >= 1
    assert status.latencies.stable.counts == call.latencies.stable.counts
    assert call.engine_s >= 0.4
    assert call.heard_s > 3.0
    assert call.gap_s == status.gap_s == 1.0
