"""Live transcription on the metrics page: whole, call by call, and without a word about whose call it is."""

import pytest

from dispatch.observability.metrics import SPEECH, exposition, samples
from dispatch.observability.speech import Slots, call_figures, percentile
from transcription import EngineState, Histogram, Importance, Latencies, ServiceStatus, StreamStatus, Tier

pytestmark = pytest.mark.unit


def late(*seconds: float) -> Histogram:
    counts = Histogram()
    for one in seconds:
        counts.add(one)
    return counts


def stream(name: str, call: str, *seconds: float, importance: Importance = Importance.ROUTINE) -> StreamStatus:
    return StreamStatus(name, call, importance, Latencies(late(*seconds), late()), 10.0, 2.0, 0.5, 1.0, 1)


def status(*streams: StreamStatus) -> ServiceStatus:
    return ServiceStatus(
        EngineState.UP, "base", Tier.REDUCED, len(streams), {"final": 3}, 1.5, 0.3, 0.9, 1600, 5, 5, 2, 1, 0, 0, 0.5,
        Latencies(late(0.6, 1.1), late(0.7)), streams,
    )  # fmt: skip


def test_the_page_shows_all_calls_and_each_call_under_a_number() -> None:
    SPEECH.watch(lambda: status(stream("secret.caller", "secret", 0.6), stream("other.caller", "other", 1.1, 3.0)))
    page = exposition().decode()
    SPEECH.watch(None)
    assert "secret" not in page
    shown = {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples(page)}
    assert shown["kiwimesh_speech_tier", (("tier", "reduced"),)] == 1
    assert shown["kiwimesh_speech_drops_total", ()] == 2
    assert shown["kiwimesh_speech_queue_depth", (("kind", "final"),)] == 3
    assert shown["kiwimesh_speech_stable_latency_seconds_count", ()] == 2
    assert shown["kiwimesh_speech_call_stable_latency_seconds_bucket", (("le", "2.0"), ("slot", "1"))] == 1
    assert shown["kiwimesh_speech_call_stable_latency_seconds_bucket", (("le", "+Inf"), ("slot", "1"))] == 2


def test_nothing_is_shown_of_a_server_that_transcribes_nothing() -> None:
    SPEECH.watch(None)
    assert "kiwimesh_speech" not in exposition().decode()


def test_both_sides_of_a_call_are_one_line() -> None:
    streams = (stream("c.caller", "c", 0.6), stream("c.operator", "c", 0.7, importance=Importance.CRITICAL))
    (call,) = call_figures(streams, Slots())
    assert (call.slot, call.importance, call.heard_s, call.queued) == (0, 0, 20.0, 2)
    assert call.stable.cumulative()[-1] == 2


def test_a_call_keeps_its_slot_and_leaves_it_to_the_next() -> None:
    slots = Slots(2)
    assert slots.place(["a", "b", "c"]) == {"a": 0, "b": 1}
    assert slots.place(["b", "c"]) == {"b": 1, "c": 0}
    assert slots.place(["d", "b"]) == {"b": 1, "d": 0}


def test_a_percentile_lies_between_the_bounds_of_its_bucket() -> None:
    assert percentile([1.0, 2.0], [0, 10, 10], 50) == 1.5
    assert percentile([1.0, 2.0], [10, 10, 10], 95) == pytest.approx(0.95)
    assert percentile([1.0, 2.0], [0, 0, 4], 50) == 2.0
    assert percentile([1.0, 2.0], [0, 0, 0], 50) is None
