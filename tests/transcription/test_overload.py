"""Many calls at once on virtual time: who gets what of an engine that is too slow for all."""

import asyncio

import pytest

from bench._virtual_time import run
from tests.transcription.listening import Listener, opened, play, whole
from tests.transcription.sounds import RATE, line, repeated, script
from transcription import (
    FinalHeard,
    GapHeard,
    Importance,
    ScriptedEngine,
    ScriptedVoice,
    ScriptedWord,
    ServiceStatus,
    StableHeard,
    Tier,
    TierChanged,
    TranscriptionService,
    TranscriptionSettings,
)

pytestmark = pytest.mark.unit


# Many calls


def crowd(count: int, seconds: float) -> dict[str, list[ScriptedWord]]:
    """So many calls that speak most of the time, never all at once."""
    sentence = script("my father is not breathing please send help now", each_s=0.3)
    return {
        f"call-{i}": repeated(
            [ScriptedWord(w.text, w.start + i * 1700, w.end + i * 1700) for w in sentence], int(seconds / 4.5), 4.5
        )
        for i in range(count)
    }


async def crowded(
    scripts: dict[str, list[ScriptedWord]], seconds_a_window: float, critical: int
) -> tuple[dict[str, Listener], ServiceStatus]:
    engine = ScriptedEngine(scripts, seconds_a_window=seconds_a_window)
    service = TranscriptionService(engine, voice=ScriptedVoice(), settings=TranscriptionSettings(finish_limit_s=600.0))
    await service.start()
    listeners = {name: Listener() for name in scripts}
    async with asyncio.TaskGroup() as group:
        for number, (name, words) in enumerate(scripts.items()):
            stream = opened(service, name, listeners[name], tenant=f"t{number % 2}")
            stream.set_importance(Importance.CRITICAL if number < critical else Importance.ROUTINE)
            group.create_task(whole(stream, line(words)))
    status = service.status()
    await service.close()
    return listeners, status


def lateness(listener: Listener) -> list[float]:
    return [
        at - word.end / RATE for at, event in listener.events if isinstance(event, StableHeard) for word in event.words
    ]


def test_forty_calls_at_once_lose_no_word_and_the_critical_ones_keep_their_pace() -> None:
    scripts = crowd(40, 45.0)
    heard, status = run(crowded(scripts, seconds_a_window=0.1, critical=4))
    for name, listener in heard.items():
        assert listener.final_text() == " ".join(word.text for word in scripts[name])
        assert listener.of(GapHeard) == []
    critical = sorted(late for i in range(4) for late in lateness(heard[f"call-{i}"]))
    assert critical[int(0.95 * len(critical))] < 2.5
    assert {change.tier for change in heard["call-9"].of(TierChanged)} >= {Tier.REDUCED, Tier.ESSENTIAL}
    assert status.drops == 0


def test_a_few_calls_never_see_their_service_reduced() -> None:
    heard, _ = run(crowded(crowd(4, 30.0), seconds_a_window=0.1, critical=4))
    assert all(listener.of(TierChanged) == [] for listener in heard.values())


def test_a_small_tenant_is_not_held_up_by_a_large_one() -> None:
    scripts = crowd(24, 30.0)

    async def scene() -> dict[str, Listener]:
        service = TranscriptionService(ScriptedEngine(scripts, seconds_a_window=0.12), voice=ScriptedVoice())
        await service.start()
        listeners = {name: Listener() for name in scripts}
        async with asyncio.TaskGroup() as group:
            for number, (name, words) in enumerate(scripts.items()):
                stream = opened(service, name, listeners[name], tenant="small" if number == 0 else "large")
                group.create_task(whole(stream, line(words)))
        await service.close()
        return listeners

    heard = run(scene())
    small = sorted(lateness(heard["call-0"]))
    large = sorted(late for name, listener in heard.items() if name != "call-0" for late in lateness(listener))
    assert small[len(small) // 2] < large[len(large) // 2]


def test_a_full_backlog_gives_up_the_oldest_of_the_least_important_and_says_so() -> None:
    scripts = crowd(2, 30.0)

    async def scene() -> tuple[dict[str, Listener], int]:
        engine = ScriptedEngine(scripts, seconds_a_window=60.0)
        settings = TranscriptionSettings(backlog_limit_s=12.0, finish_limit_s=1.0)
        service = TranscriptionService(engine, voice=ScriptedVoice(), settings=settings)
        await service.start()
        listeners = {name: Listener() for name in scripts}
        streams = [opened(service, name, listeners[name]) for name in scripts]
        streams[1].set_importance(Importance.ROUTINE)
        async with asyncio.TaskGroup() as group:
            for stream, words in zip(streams, scripts.values(), strict=True):
                group.create_task(play(stream, line(words)))
        drops = service.status().drops
        await service.close()
        return listeners, drops

    heard, drops = run(scene())
    assert drops > 0
    assert heard["call-1"].of(GapHeard) != []
    assert heard["call-0"].of(GapHeard) == []


def test_forty_calls_that_are_all_critical_get_all_their_finals_and_share_the_rest() -> None:
    scripts = crowd(40, 36.0)
    heard, status = run(crowded(scripts, seconds_a_window=0.08, critical=40))
    for name, listener in heard.items():
        assert listener.final_text() == " ".join(word.text for word in scripts[name])
        assert listener.of(GapHeard) == []
    finals = sorted(late for listener in heard.values() for late in final_lateness(listener))
    assert finals[int(0.95 * len(finals))] < 5.0
    settled = sorted(max(lateness(listener)) for listener in heard.values())
    assert settled[-1] < 2 * settled[0] + 2.0
    assert Tier.FINALS in {change.tier for change in heard["call-0"].of(TierChanged)}
    assert status.drops == 0


def test_a_critical_call_keeps_its_pace_among_forty_others() -> None:
    alone, _ = run(crowded(crowd(1, 36.0), seconds_a_window=0.1, critical=1))
    among, _ = run(crowded(crowd(40, 36.0), seconds_a_window=0.1, critical=1))
    quick, busy = (sorted(lateness(heard["call-0"])) for heard in (alone, among))
    assert busy[len(busy) // 2] < quick[len(quick) // 2] + 0.4


def final_lateness(listener: Listener) -> list[float]:
    return [at - final.words[-1].end / RATE for at, final in listener.events if isinstance(final, FinalHeard)]
