"""Engine processes: whatever they do, the server gets an answer or a coded error, and none outlives it."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from transcription import EngineLostError, ModelError, WhisperEngine, WhisperOptions, Window

pytestmark = pytest.mark.integration

FAKE = (sys.executable, "-m", "tests.transcription.fake_child")
ROOT = Path(__file__).parents[2]


def engine(mode: str, workers: int = 1, limit_s: float = 20.0, background: bool = False) -> WhisperEngine:
    options = WhisperOptions(mode, Path("unused"), workers=workers, decode_limit_s=limit_s, background=background)
    return WhisperEngine(options, entry=FAKE)


def window(peak: int = 1000, bucket: int = 128000) -> Window:
    return Window(np.full(16000, peak, np.int16), bucket, "en")


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


async def test_windows_go_out_and_words_come_back_in_order() -> None:
    made = engine("well")
    await made.start()
    heard = await made.decode([window(100, 128000), window(200, 192000)])
    await made.close()
    assert [(one.words[0].text, one.words[0].end) for one in heard] == [("128000", 100), ("192000", 200)]


async def test_two_workers_take_two_batches_at_once_and_a_third_waits() -> None:
    made = engine("well", workers=2)
    await made.start()
    answers = await asyncio.gather(*(made.decode([window(peak)]) for peak in (1, 2, 3)))
    pids = made.pids
    await made.close()
    assert [answer[0].words[0].end for answer in answers] == [1, 2, 3]
    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_second_looks_have_a_process_of_their_own_at_the_lowest_priority() -> None:
    made = engine("well", background=True)
    await made.start()
    (usual,) = made.pids
    os.kill(usual, signal.SIGSTOP)
    heard = await made.decode([replace(window(), patient=True)])
    os.kill(usual, signal.SIGCONT)
    background = next(pid for pid in made.pids if pid != usual)
    niceness = psutil.Process(background).nice() - psutil.Process(usual).nice()
    await made.close()
    assert len(heard) == 1
    assert niceness > 0


@pytest.mark.parametrize(
    ("mode", "code"),
    [("crashes", "engine_lost"), ("nonsense", "engine_lost"), ("short", "engine_lost"), ("hangs", "engine_hung")],
)
async def test_a_process_that_misbehaves_is_a_coded_error_and_is_replaced(mode: str, code: str) -> None:
    made = engine(mode, limit_s=0.5 if mode == "hangs" else 20.0)
    await made.start()
    before = made.pids
    with pytest.raises(EngineLostError) as caught:
        await made.decode([window()])
    assert caught.value.code == code
    assert made.pids == []
    await made.start()
    assert made.pids not in ([], before)
    await made.close()


async def test_a_process_killed_from_outside_is_noticed() -> None:
    made = engine("well")
    await made.start()
    os.kill(made.pids[0], signal.SIGKILL)
    with pytest.raises(EngineLostError):
        await made.decode([window()])
    await made.start()
    assert len(await made.decode([window()])) == 1
    await made.close()


async def test_a_process_that_does_not_start_is_a_coded_error() -> None:
    with pytest.raises(EngineLostError) as caught:
        await engine("dead-on-arrival").start()
    assert caught.value.code == "engine_start_failed"


async def test_a_machine_that_cannot_run_the_model_as_asked_says_why() -> None:
    made = engine("refuses", workers=2)
    with pytest.raises(ModelError) as caught:
        await made.start()
    assert (caught.value.code, str(caught.value)) == ("device_missing", "no such device")
    assert made.pids == []
    await made.close()


def test_no_engine_process_outlives_a_server_that_is_killed() -> None:
    program = textwrap.dedent("""
        import asyncio
        from tests.transcription.test_engine_processes import engine
        async def main():
            made = engine("well")
            await made.start()
            print(made.pids[0], flush=True)
            await asyncio.sleep(3600)
        asyncio.run(main())
    """)
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert server.stdout is not None
    child = int(server.stdout.readline())
    assert psutil.pid_exists(child)
    server.kill()
    server.wait()
    server.stdout.close()
    for _ in range(500):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.01)
    pytest.fail("the engine process lives on")
