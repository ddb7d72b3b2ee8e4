"""The real recogniser beside the scripted one: the port's contract for both, and real speech, silence and noise."""

import asyncio
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import av
import ctranslate2
import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from bench._line_sounds import KINDS, on_the_line
from bench._virtual_time import run as virtual_run
from bench.noise import guarded, listen, loops, random_cut
from tests.transcription.sounds import line, script
from transcription import (
    Encoding,
    Engine,
    EngineLost,
    EngineLostError,
    EngineRestarted,
    FinalHeard,
    ModelError,
    ModelStore,
    ScriptedEngine,
    SileroVoice,
    SpeechStarted,
    StableHeard,
    StreamFormat,
    TranscriptEvent,
    TranscriptionService,
    WhisperEngine,
    WhisperOptions,
    Window,
)
from transcription.guards import believable
from transcription.voice import HOP, VoiceState
from transcription.whisper import Recogniser, refusal
from transcription.windows import bucket

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

CALL = Path(__file__).parents[2] / "scenarios" / "library" / "cut-finger-bread-knife.caller.wav"
SAID = {"finger", "bread", "knife", "stitches", "bleeding", "stopped"}
WORDS = script("please send help")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ModelStore(tmp_path_factory.mktemp("models")).get("base")


@pytest.fixture(scope="module")
def recogniser(weights: Path) -> Recogniser:
    return Recogniser({"directory": str(weights), "device": "cpu", "compute_type": "int8", "threads": 1})


@pytest.fixture(scope="module")
def call() -> NDArray[np.int16]:
    """The recorded caller, as the line brings it: 8 kHz."""
    with av.open(str(CALL)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


@pytest.fixture(params=["scripted", "whisper"])
def make(request: pytest.FixtureRequest) -> Callable[[], Engine]:
    if request.param == "scripted":
        return lambda: ScriptedEngine({"s": WORDS})
    weights = request.getfixturevalue("weights")
    return lambda: WhisperEngine(WhisperOptions("base", weights, workers=1))


def windows() -> list[Window]:
    sound = line(WORDS)
    return [
        Window(sound, bucket(len(sound)), "en", key="s", spans=((0, len(sound)),)),
        Window(np.zeros(8000, np.int16), bucket(8000), "en", key="silence", spans=((0, 8000),)),
    ]


async def test_every_engine_keeps_the_ports_contract(make: Callable[[], Engine]) -> None:
    engine = make()
    with pytest.raises(EngineLostError):
        await engine.decode(windows())
    await engine.start()
    heard = await engine.decode(windows())
    await engine.start()
    again = await engine.decode(windows()[:1])
    await engine.close()
    await engine.close()
    with pytest.raises(EngineLostError):
        await engine.decode(windows())
    assert [len(heard), len(again)] == [2, 1]
    assert heard[0].words == again[0].words
    assert heard[0].language == "en"
    assert believable(heard[1]) == ()
    for window, hypothesis in zip(windows(), heard, strict=True):
        places = [place for word in hypothesis.words for place in (word.start, word.end)]
        assert places == sorted(places)
        assert all(0 <= place <= window.bucket for place in places)
        assert all(0 <= word.probability <= 1 for word in hypothesis.words)
    assert engine.capabilities.max_batch >= 1
    assert engine.capabilities.slots >= 1


def plain(events: list[TranscriptEvent]) -> set[str]:
    texts = " ".join(event.text for event in events if isinstance(event, FinalHeard))
    return {word.strip(".,!?").lower() for word in texts.split()}


async def test_a_recorded_call_survives_the_death_of_its_engine(weights: Path, call: NDArray[np.int16]) -> None:
    engine = WhisperEngine(WhisperOptions("base", weights, workers=1))
    service = TranscriptionService(engine)
    await service.start()
    events: list[TranscriptEvent] = []
    stream = service.open("s", StreamFormat(Encoding.PCM16, 8000), call_id="c", tenant="t", on_event=events.append)
    for offset in range(0, len(call), 1600):
        stream.feed(call[offset : offset + 1600].tobytes(), offset)
        if offset == 4 * 1600 * 10:
            os.kill(engine.pids[0], signal.SIGKILL)
        await asyncio.sleep(0.05)
    await stream.settle()
    await service.close()
    assert {EngineLost, EngineRestarted, StableHeard} <= {type(event) for event in events}
    assert plain(events) >= SAID
    started = [event.utterance_id for event in events if isinstance(event, SpeechStarted)]
    assert started == [event.utterance_id for event in events if isinstance(event, FinalHeard)]


@pytest.mark.parametrize("kind", list(KINDS))
async def test_what_is_on_a_line_when_nobody_speaks_is_no_voice(kind: str) -> None:
    sound = on_the_line(kind, 10.0)
    (chances,) = await SileroVoice().listen([(VoiceState(), sound[: len(sound) // HOP * HOP])])
    assert np.mean(np.array(chances) > 0.3) < 0.01


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_minute_without_speech_has_no_words(weights: Path, kind: str) -> None:
    words, _ = virtual_run(listen(weights, "base", kind, 1.0))
    assert words == 0


def test_a_language_that_this_model_has_no_token_for_is_detected(
    recogniser: Recogniser, call: NDArray[np.int16]
) -> None:
    heard = recogniser.decode([Window(call[: 2 * 16000], 8 * 16000, "yue")])[0]
    assert heard.detected != "yue"
    assert heard.language_probability < 1.0


def test_random_cuts_of_speech_never_make_the_decoder_loop(recogniser: Recogniser, call: NDArray[np.int16]) -> None:
    sound = soxr.resample(call.astype(np.float32), 8000, 16000).astype(np.int16)
    chance = random.Random(7)
    for _ in range(10):
        cut = random_cut(sound, chance)
        (heard,) = recogniser.decode([Window(cut, bucket(len(cut)), "en")])
        assert not loops(guarded(heard), len(cut))


def test_real_words_have_their_place_and_their_batch_does_not_change_them(
    recogniser: Recogniser, call: NDArray[np.int16]
) -> None:
    sound = soxr.resample(call.astype(np.float32), 8000, 16000).astype(np.int16)
    early, late = sound[int(2.3 * 16000) : int(7.7 * 16000)], sound[(9 * 16000) : (14 * 16000)]
    both = [Window(part, bucket(len(part)), "en") for part in (early, late)]
    apart = [recogniser.decode([window])[0] for window in both]
    together = recogniser.decode(both)
    for one, other in zip(apart, together, strict=True):
        assert [word.text for word in one.words] == [word.text for word in other.words]
    stitches = next(word for word in apart[0].words if word.text.startswith("stitch"))
    assert 3.5 < stitches.start / 16000 < 5.0


@pytest.mark.parametrize(
    ("device", "numbers", "gpus", "code"),
    [
        ("cpu", "int8", 0, None),
        ("cuda", "int8_float16", 1, None),
        ("cuda", "float16", 0, "device_missing"),
        ("cpu", "float16", 0, "device_unfit"),
    ],
)
def test_a_device_or_numbers_that_are_not_to_be_had_are_refused_by_name(
    device: str, numbers: str, gpus: int, code: str | None
) -> None:
    able = {"cpu": {"int8", "float32"}, "cuda": {"float16", "int8_float16"}}
    told = refusal({"device": device, "compute_type": numbers}, lambda: gpus, able.__getitem__)
    assert (told or {}).get("code") == code


async def test_a_gpu_that_is_not_there_is_told_at_the_start(weights: Path) -> None:
    if ctranslate2.get_cuda_device_count():
        pytest.skip("this machine has one")
    engine = WhisperEngine(WhisperOptions("base", weights, device="cuda", compute_type="float16", workers=1))
    with pytest.raises(ModelError) as caught:
        await engine.start()
    assert caught.value.code == "device_missing"
