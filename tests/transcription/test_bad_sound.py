"""Whatever a client sends: a coded error or no harm, and the calls beside it notice nothing."""

import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from bench._virtual_time import run
from tests.transcription.listening import FRAME, Listener, opened, whole
from tests.transcription.sounds import RATE, line, script
from transcription import (
    AudioError,
    Encoding,
    GapHeard,
    ScriptedEngine,
    ScriptedVoice,
    ServiceStatus,
    StreamFormat,
    TranscriptionService,
)

pytestmark = pytest.mark.unit


def wav_file(sound: NDArray[np.int16]) -> bytes:
    return b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00" + sound.tobytes()


@pytest.mark.parametrize(
    ("encoding", "payloads", "codes"),
    [
        (Encoding.PCM16, [b"\1"] * 3, {"audio_truncated"}),
        (Encoding.PCM16, [b""] * 3, {"audio_empty"}),
        (Encoding.PCM16, [bytes(2 * RATE * 600)] * 3, {"audio_too_long"}),
        (Encoding.OPUS, [wav_file(line(script("help me"))[:4000])] * 3, {"audio_corrupt", "audio_too_long"}),
        (Encoding.OPUS, [b"OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0"] * 3, {"audio_corrupt", "audio_too_long"}),
        (Encoding.PCM16, [np.full(FRAME, np.nan, "<f4").tobytes()] * 3, set()),
        (Encoding.MULAW, [wav_file(line(script("help me")))] * 3, set()),
        (Encoding.PCM16, [np.full(RATE, 20000, "<i2").tobytes()] * 3, set()),
        (Encoding.ALAW, [bytes([0xAA, 0x2A]) * FRAME] * 3, set()),
    ],
    ids=[
        "half samples",
        "empty",
        "ten minutes",
        "WAV as Opus",
        "Opus head",
        "NaN",
        "WAV as mu-law",
        "offset",
        "clipped",
    ],
)
def test_bad_sound_is_a_coded_error_or_harmless_and_the_other_call_hears_nothing_of_it(
    encoding: Encoding, payloads: list[bytes], codes: set[str]
) -> None:
    words = script("my father is not breathing")

    async def scene() -> tuple[Listener, set[str], ServiceStatus]:
        service = TranscriptionService(ScriptedEngine({"good": words}), voice=ScriptedVoice())
        await service.start()
        good, found = Listener(), set()
        bad = service.open("bad", StreamFormat(encoding, RATE), call_id="b", tenant="t", on_event=Listener())
        async with asyncio.TaskGroup() as group:
            group.create_task(whole(opened(service, "good", good), line(words)))
            for number, payload in enumerate(payloads):
                await asyncio.sleep(0.5)
                try:
                    bad.feed(payload, number * 10 * RATE)
                except AudioError as error:
                    found.add(error.code)
            await bad.settle()
        status = service.status()
        await service.close()
        return good, found, status

    good, found, status = run(scene())
    assert found <= codes
    assert bool(found) == bool(codes)
    assert good.final_text() == "my father is not breathing"
    assert good.of(GapHeard) == []
    assert (status.loop_failures, status.drops) == (0, 0)


def test_frames_of_a_single_sample_are_heard_like_any_others() -> None:
    words = script("help me")

    async def scene() -> Listener:
        service = TranscriptionService(ScriptedEngine({"s": words}), voice=ScriptedVoice())
        await service.start()
        listener, sound = Listener(), line(words)
        stream = opened(service, "s", listener)
        for offset in range(len(sound)):
            stream.feed(sound[offset : offset + 1].tobytes(), offset)
            if offset % 1600 == 0:
                await asyncio.sleep(0.1)
        await stream.settle()
        await service.close()
        return listener

    heard = run(scene())
    assert heard.final_text() == "help me"
    assert heard.of(GapHeard) == []
