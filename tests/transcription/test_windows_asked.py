"""Which windows a live stream asks an engine for, and how soon: short ones for partials, long ones for finals."""

from dataclasses import replace

import pytest

from bench._virtual_time import run
from tests.transcription.listening import Listener, served
from tests.transcription.sounds import RATE, line, script
from transcription import HeardWord, PartialHeard, ScriptedEngine, ScriptedWord, SpeechStarted

pytestmark = pytest.mark.unit


def one_call(words: list[ScriptedWord], engine: ScriptedEngine) -> Listener:
    return run(served(engine, {"s": line(words)}))[0]["s"]


class Noting(ScriptedEngine):
    """Keeps the length, the beam and the place of every window; loops in short ones if told to."""

    def __init__(self, words: dict[str, list[ScriptedWord]], seconds: float = 0.1, *, loops: bool = False) -> None:
        super().__init__(words, seconds_a_window=seconds)
        self.windows: list[tuple[float, int]] = []
        self.spans: list[tuple[int, int]] = []
        self.drafts: list[str] = []
        self._loops = loops

    async def decode(self, windows):  # type: ignore[no-untyped-def]
        self.windows += [(window.seconds, window.beam) for window in windows]
        self.drafts += [window.draft for window in windows]
        self.spans += [span for window in windows for span in window.spans]
        heard = await super().decode(windows)
        loop = tuple(HeardWord("help", i * 1600, (i + 1) * 1600, 0.99) for i in range(12))
        lost = [self._loops and window.seconds < 8 for window in windows]
        return [replace(one, words=loop) if bad else one for one, bad in zip(heard, lost, strict=True)]


def test_partials_have_short_windows_and_finals_long_ones() -> None:
    words = script("please send help to the high street", probability=0.5)
    engine = Noting({"s": words})
    one_call(words, engine)
    assert engine.windows[0] == (5.0, 1)
    assert engine.windows[-1][0] == 8.0


def test_a_short_window_in_which_the_decoder_loops_is_heard_again_in_a_long_one() -> None:
    words = script("please send help to the high street", probability=0.5)
    engine = Noting({"s": words}, loops=True)
    heard = one_call(words, engine)
    assert heard.stable_text() == heard.final_text() == "please send help to the high street"
    assert [seconds for seconds, _ in engine.windows].count(5.0) == 1
    assert all("help help" not in " ".join(w.text for w in partial.words) for partial in heard.of(PartialHeard))


def test_every_window_carries_what_was_heard_of_its_sound_before_and_nothing_from_before_its_start() -> None:
    words = script("please send help to the high street number nine we are behind the church", probability=0.5)
    engine = Noting({"s": words})
    one_call(words, engine)
    assert engine.drafts[0] == ""
    assert engine.drafts[-1].startswith("please send help to the high street")
    for draft, (start, end) in zip(engine.drafts, engine.spans, strict=True):
        inside = [word.text for word in words if word.start + word.end >= 2 * (start - RATE // 10) and word.end <= end]
        assert draft in " ".join(inside), "what lies before the window was not heard in it"


def test_finals_are_searched_widely_only_while_nobody_waits() -> None:
    words = script("please send help")
    alone, crowded = Noting({"s": words}), Noting({str(i): words for i in range(8)}, 0.3)
    one_call(words, alone)
    run(served(crowded, {str(i): line(words) for i in range(8)}))
    assert alone.windows[-1] == (8.0, 5)
    assert (8.0, 1) in crowded.windows


def test_an_utterance_that_follows_a_cut_is_heard_after_half_a_second_of_it() -> None:
    words = script(" ".join(str(i) for i in range(60)))
    engine = Noting({"s": words})
    cut = one_call(words, engine).of(SpeechStarted)[1].start
    assert min(end - start for start, end in engine.spans if start == cut) < 0.75 * RATE


def test_no_partial_begins_once_the_speaker_pauses() -> None:
    text = "one two three four five six seven eight nine ten"
    words = [replace(word, end=word.start + RATE // 4) for word in script(text, each_s=0.53)]
    engine = Noting({"s": words}, 0.05)
    one_call(words, engine)
    ends = [end for (_, end), (seconds, _) in zip(engine.spans, engine.windows, strict=True) if seconds < 8]
    pauses = [range(word.end + RATE // 8, word.start + RATE // 2) for word in words]
    assert ends
    assert not [end for end in ends if any(end in pause for pause in pauses)]
