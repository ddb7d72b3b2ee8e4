"""Live streams on virtual time: what a caller's words become, under load, under failure, for everybody at once."""

import asyncio
import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from bench._virtual_time import run
from tests.transcription.listening import FORMAT, FRAME, Listener, opened, play, served, whole
from tests.transcription.sounds import RATE, line, repeated, script
from transcription import (
    EngineLost,
    EngineLostError,
    EngineRestarted,
    EngineState,
    FinalHeard,
    GapHeard,
    Hypothesis,
    LanguageDetected,
    PartialHeard,
    Revised,
    ScriptedEngine,
    ScriptedVoice,
    ScriptedWord,
    SpeechStarted,
    StableHeard,
    TranscriptEvent,
    TranscriptionService,
    TranscriptionSettings,
    Translated,
    Window,
)

pytestmark = pytest.mark.unit

ENGLISH = "my father no longer breathes well"


def one_call(words: list[ScriptedWord], engine: ScriptedEngine | None = None) -> Listener:
    made = engine or ScriptedEngine({"s": words}, seconds_a_window=0.1)
    return run(served(made, {"s": line(words)}))[0]["s"]


def test_a_spoken_sentence_becomes_partial_then_stable_then_final_words() -> None:
    heard = one_call(script("my father is not breathing please send help", probability=0.5))
    kinds = [type(event) for _, event in heard.events]
    assert kinds[0] is SpeechStarted
    assert PartialHeard in kinds
    assert kinds[-1] is FinalHeard
    assert heard.stable_text() == heard.final_text() == "my father is not breathing please send help"


def test_words_are_stable_while_the_caller_still_speaks() -> None:
    words = script("one two three four five six seven eight nine ten eleven twelve")
    heard = one_call(words)
    for at, event in heard.events:
        if isinstance(event, StableHeard):
            assert all(at - word.end / RATE < 2.0 for word in event.words)
    first_stable = next(at for at, event in heard.events if isinstance(event, StableHeard))
    assert first_stable < words[-1].start / RATE


def test_the_final_comes_within_a_second_of_the_end_of_the_utterance() -> None:
    words = script("he is cold")
    heard = one_call(words)
    final_at = next(at for at, event in heard.events if isinstance(event, FinalHeard))
    assert final_at - words[-1].end / RATE < 1.0


def test_utterances_are_numbered_and_keep_the_order_in_which_they_were_spoken() -> None:
    heard = one_call(repeated(script("help me please"), 5, 3.0))
    finals = heard.of(FinalHeard)
    assert [final.utterance_id for final in finals] == ["u-1", "u-2", "u-3", "u-4", "u-5"]
    assert all(before.end <= after.start for before, after in itertools.pairwise(finals))


def test_silence_gives_no_words_and_no_utterance() -> None:
    engine = ScriptedEngine({"s": script("never said")})
    heard = run(served(engine, {"s": np.zeros(20 * RATE, np.int16)}))[0]["s"]
    assert heard.events == []
    assert engine.decodes == 0


def test_a_voice_that_nobody_understands_gets_an_empty_final() -> None:
    words = script("mumble mumble mumble")
    heard = run(served(ScriptedEngine({}), {"s": line(words)}))[0]["s"]
    assert [final.words for final in heard.of(FinalHeard)] == [()]


def test_lost_frames_show_as_a_gap_and_the_words_after_it_keep_their_place() -> None:
    words = repeated(script("please send help"), 2, 4.0)
    sound = line(words)

    async def scene() -> Listener:
        service = TranscriptionService(ScriptedEngine({"s": words}), voice=ScriptedVoice())
        await service.start()
        listener = Listener()
        stream = opened(service, "s", listener)
        await play(stream, sound, skip=range(28, 45))
        await stream.settle()
        await service.close()
        return listener

    heard = run(scene())
    assert [(gap.start, gap.end) for gap in heard.of(GapHeard)] == [(28 * FRAME, 45 * FRAME)]
    assert [word.start for word in heard.of(FinalHeard)[1].words] == [word.start for word in words[3:]]


def test_a_jump_of_an_hour_costs_nothing_and_moves_the_clock() -> None:
    hour = 3600 * RATE
    early = script("please send help")
    late = [ScriptedWord(w.text, w.start + hour, w.end + hour, w.probability) for w in early]

    async def scene() -> Listener:
        service = TranscriptionService(ScriptedEngine({"s": [*early, *late]}), voice=ScriptedVoice())
        await service.start()
        listener = Listener()
        stream = opened(service, "s", listener)
        await play(stream, line(early))
        for offset in range(0, len(line(early)), FRAME):
            stream.feed(line(early)[offset : offset + FRAME].tobytes(), hour + offset)
        await stream.settle()
        await service.close()
        return listener

    heard = run(scene())
    assert heard.final_text() == "please send help please send help"
    assert [word.start for word in heard.of(FinalHeard)[1].words] == [word.start for word in late]
    assert heard.of(GapHeard)[0].end == hour


def test_frames_sent_twice_are_heard_once() -> None:
    words = script("help me please")
    sound = line(words)

    async def scene() -> Listener:
        service = TranscriptionService(ScriptedEngine({"s": words}), voice=ScriptedVoice())
        await service.start()
        listener = Listener()
        stream = opened(service, "s", listener)
        for offset in range(0, len(sound), FRAME):
            back = max(0, offset - 2 * FRAME)
            stream.feed(sound[back : offset + FRAME].tobytes(), back)
            await asyncio.sleep(0.1)
        await stream.settle()
        await service.close()
        return listener

    heard = run(scene())
    assert heard.final_text() == "help me please"
    assert heard.of(GapHeard) == []


def test_a_call_that_goes_on_after_a_restart_keeps_its_clock_and_its_numbers() -> None:
    start = 100 * RATE
    words = [ScriptedWord(w.text, w.start + start, w.end + start) for w in script("still here")]

    async def scene() -> Listener:
        service = TranscriptionService(ScriptedEngine({"s": words}), voice=ScriptedVoice())
        await service.start()
        listener = Listener()
        stream = service.open(
            "s", FORMAT, call_id="c", tenant="t", on_event=listener, start_sample=start, first_utterance=7, prefix="c"
        )
        sound = line(script("still here"))
        for offset in range(0, len(sound), FRAME):
            stream.feed(sound[offset : offset + FRAME].tobytes(), start + offset)
        await stream.finish()
        await service.close()
        return listener

    heard = run(scene())
    assert heard.of(FinalHeard)[0].utterance_id == "c-7"
    assert heard.of(FinalHeard)[0].words[0].start == words[0].start
    assert heard.of(GapHeard) == []


def test_sound_fed_all_at_once_is_heardwhole() -> None:
    words = repeated(script("please send help"), 20, 3.0)

    async def scene() -> Listener:
        service = TranscriptionService(ScriptedEngine({"s": words}, seconds_a_window=0.1), voice=ScriptedVoice())
        await service.start()
        listener = Listener()
        stream = opened(service, "s", listener)
        sound = line(words)
        for offset in range(0, len(sound), 10 * RATE):
            stream.feed(sound[offset : offset + 10 * RATE].tobytes(), offset)
        await stream.finish()
        await service.close()
        return listener

    assert run(scene()).final_text() == " ".join(word.text for word in words)


def second_look(script_then: list[ScriptedWord]) -> Listener:
    """Three utterances; the second look at them hears another script."""
    words = repeated(script("please send help", probability=0.5), 3, 3.0)

    class Otherwise(ScriptedEngine):
        async def decode(self, windows):  # type: ignore[no-untyped-def]
            if windows[0].patient:
                self._script = {"s": script_then}
            return await super().decode(windows)

    return one_call(words, Otherwise({"s": words}))


def test_a_second_look_replaces_the_finals_that_it_reads_otherwise() -> None:
    heard = second_look(repeated(script("please sand help"), 3, 3.0))
    revised = heard.of(Revised)[0]
    assert revised.replaces == ("u-1", "u-2", "u-3")
    assert [utterance.text for utterance in revised.utterances] == ["please sand help"] * 3


def test_a_second_look_that_loses_a_callers_words_is_not_believed() -> None:
    assert second_look(script("please")).of(Revised) == []


def test_a_second_look_that_changes_nothing_is_not_reported() -> None:
    assert one_call(repeated(script("please send help"), 3, 3.0)).of(Revised) == []


def test_another_language_is_detected_and_put_into_english_beside_the_original() -> None:
    words = [
        ScriptedWord(word.text, word.start, word.end, 0.9, english)
        for word, english in zip(script("mein Vater atmet nicht mehr richtig"), ENGLISH.split(), strict=True)
    ]
    engine = ScriptedEngine({"s": words}, language="de")
    heard = one_call(words, engine)
    assert heard.of(LanguageDetected)[0].language == "de"
    assert heard.of(FinalHeard)[0].language == "de"
    assert heard.final_text() == "mein Vater atmet nicht mehr richtig"
    assert [one.text for one in heard.of(Translated)] == [ENGLISH]


def test_a_listener_that_fails_harms_nobody() -> None:
    words = script("help me please")

    async def scene() -> tuple[Listener, int]:
        service = TranscriptionService(ScriptedEngine({"a": words, "b": words}), voice=ScriptedVoice())
        await service.start()
        listener = Listener()

        def broken(_event: TranscriptEvent) -> None:
            raise RuntimeError("a bug elsewhere")

        bad = service.open("a", FORMAT, call_id="a", tenant="t", on_event=broken)
        good = opened(service, "b", listener)
        async with asyncio.TaskGroup() as group:
            group.create_task(whole(bad, line(words)))
            group.create_task(whole(good, line(words)))
        failures = service.status().listener_failures
        await service.close()
        return listener, failures

    listener, failures = run(scene())
    assert listener.final_text() == "help me please"
    assert failures > 0


# The engine fails


def lost_at(*decodes: int):  # type: ignore[no-untyped-def]
    def check(count: int) -> None:
        if count in decodes:
            raise EngineLostError("killed by the test")

    return check


def test_an_engine_that_dies_in_mid_call_costs_no_word() -> None:
    words = repeated(script("please send help"), 4, 3.0)
    engine = ScriptedEngine({"s": words}, seconds_a_window=0.1, before_decode=lost_at(3, 6, 7))
    heard = one_call(words, engine)
    assert heard.final_text() == " ".join(word.text for word in words)
    assert heard.of(EngineLost)[0].code == "engine_lost"
    assert heard.of(EngineRestarted)[-1].restarts == 3


def test_a_stretch_of_sound_that_kills_the_engine_each_time_is_given_up_visibly() -> None:
    poison = script("poison")
    fine = script("please send help")

    class Fragile(ScriptedEngine):
        async def decode(self, windows):  # type: ignore[no-untyped-def]
            if any(window.key == "bad" for window in windows):
                self._up = False
                raise EngineLostError("choked")
            return await super().decode(windows)

    engine = Fragile({"bad": poison, "good": fine})
    heard, status = run(served(engine, {"bad": line(poison), "good": line(fine)}))
    assert heard["good"].final_text() == "please send help"
    assert [final.words for final in heard["bad"].of(FinalHeard)] == [()]
    assert heard["bad"].of(GapHeard) != []
    assert status.drops == 1


def test_an_engine_that_never_starts_leaves_calls_running_without_words() -> None:
    class Dead(ScriptedEngine):
        async def start(self) -> None:
            self.starts += 1
            raise EngineLostError("no engine here", code="engine_start_failed")

    async def scene() -> tuple[Listener, EngineState, int, float]:
        engine = Dead({})
        service = TranscriptionService(engine, voice=ScriptedVoice())
        await service.start()
        listener = Listener()
        stream = opened(service, "s", listener)
        await play(stream, line(script("help me please")))
        state = service.status().engine
        began = asyncio.get_running_loop().time()
        await stream.finish()
        waited = asyncio.get_running_loop().time() - began
        await service.close()
        return listener, state, engine.starts, waited

    heard, state, starts, waited = run(scene())
    assert heard.of(SpeechStarted) != []
    assert state is EngineState.DOWN
    assert starts > 3
    assert waited <= TranscriptionSettings().finish_limit_s


def test_finals_that_are_sure_already_are_not_looked_at_again() -> None:
    words = repeated(script("please send help", probability=0.99), 3, 3.0)
    engine = ScriptedEngine({"s": words})
    one_call(words, engine)
    assert engine.most_joined == 1


def test_a_second_look_holds_up_no_other_call() -> None:
    """It takes 20 s of the engine's time beside the finals of a caller who speaks on."""
    early = repeated(script("please send help", probability=0.5), 2, 2.5)
    late = [ScriptedWord(w.text, w.start + 12 * RATE, w.end + 12 * RATE) for w in script("he is not breathing")]

    class Slow(ScriptedEngine):
        async def decode(self, windows):  # type: ignore[no-untyped-def]
            await asyncio.sleep(20.0 if windows[0].patient else 0.1)
            return await super().decode(windows)

    heard = one_call([*early, *late], Slow({"s": [*early, *late]}, patient_slots=1))
    final_at = max(at for at, event in heard.events if isinstance(event, FinalHeard))
    assert final_at - late[-1].end / RATE < 1.0


def test_an_engine_that_dies_in_its_sleep_is_started_before_anybody_speaks() -> None:
    async def scene() -> tuple[int, EngineState]:
        engine = ScriptedEngine({})
        service = TranscriptionService(engine, voice=ScriptedVoice())
        await service.start()
        engine._up = False
        await asyncio.sleep(2.0)
        state = service.status().engine
        await service.close()
        return engine.starts, state

    assert run(scene()) == (2, EngineState.UP)


# Looks ahead


def timed(words: list[ScriptedWord], engine: ScriptedEngine) -> tuple[Listener, list[float]]:
    """The call, and how long after its voice ended each final came."""
    heard = one_call(words, engine)
    finals = [(at, event) for at, event in heard.events if isinstance(event, FinalHeard)]
    return heard, [at - event.words[-1].end / RATE for at, event in finals if event.words]


def test_a_final_is_there_when_the_pause_is_over_and_takes_no_pass_of_its_own() -> None:
    words = script("please send help")
    engine = ScriptedEngine({"s": words}, seconds_a_window=0.2)
    heard, late = timed(words, engine)
    assert heard.stable_text() == heard.final_text() == "please send help"
    assert late == [pytest.approx(0.5, abs=0.15)]


def test_a_look_ahead_that_takes_longer_than_the_pause_still_gives_the_final() -> None:
    words = script("please send help")
    heard, late = timed(words, ScriptedEngine({"s": words}, seconds_a_window=0.6))
    assert heard.final_text() == "please send help"
    assert len(late) == len(heard.of(FinalHeard)) == 1
    assert late[0] < 1.5


def test_a_speaker_who_goes_on_after_a_breath_loses_no_word() -> None:
    early = script("please send help")
    late = [
        ScriptedWord(w.text, w.start + 6080, w.end + 6080, w.probability)
        for w in script("he is not breathing", start_s=early[-1].end / RATE)
    ]
    heard = one_call([*early, *late], ScriptedEngine({"s": [*early, *late]}, seconds_a_window=0.1))
    assert [final.text for final in heard.of(FinalHeard)] == ["please send help he is not breathing"]
    assert heard.stable_text() == heard.final_text()


@pytest.mark.parametrize("dies_at", range(1, 8))
def test_an_engine_that_dies_over_a_look_ahead_costs_no_word(dies_at: int) -> None:
    words = repeated(script("please send help"), 2, 3.0)
    engine = ScriptedEngine({"s": words}, seconds_a_window=0.15, before_decode=lost_at(dies_at))
    heard = one_call(words, engine)
    assert heard.final_text() == "please send help please send help"
    assert heard.of(GapHeard) == []


def test_a_look_ahead_does_not_wait_for_a_partial_that_is_still_on_its_way() -> None:
    words = script("please send help")
    engine = ScriptedEngine({"s": words}, seconds_a_window=0.45, slots=2)
    heard, late = timed(words, engine)
    assert heard.stable_text() == heard.final_text() == "please send help"
    assert late == [pytest.approx(0.25 + 0.45, abs=0.2)]


def test_a_partial_that_comes_after_a_look_ahead_takes_none_of_its_words_back() -> None:
    early = script("please send help", probability=0.3)
    later = script("he is not breathing", start_s=early[-1].end / RATE + 0.38, probability=0.3)
    words = [*early, *later]

    class SlowPartials(ScriptedEngine):
        async def decode(self, windows: Sequence[Window]) -> list[Hypothesis]:
            await asyncio.sleep(0.7 if windows[0].seconds < 8 else 0.0)
            return await super().decode(windows)

    heard = one_call(words, SlowPartials({"s": words}, seconds_a_window=0.05, slots=2))
    shown = [event for _, event in heard.events if isinstance(event, StableHeard | PartialHeard)]
    reached = [max(word.end for word in event.words) for event in shown if event.words]
    assert len(reached) > 2
    assert reached == sorted(reached)
    assert heard.final_text() == "please send help he is not breathing"
