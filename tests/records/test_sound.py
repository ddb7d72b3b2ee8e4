"""Hearing a call again over HTTP, from the very second: while it runs, after it, by whom, and not after its erasure."""

import asyncio
import io
import secrets
import wave
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import numpy as np
import pytest

from dispatch.bootstrap import Node
from dispatch.calls.disk import GroupCommit
from dispatch.calls.journal import AudioJournal, JournalFrame, audio_path
from dispatch.calls.sound import Stretch, call_sound, has_sound
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.audio import AudioFormat, Channel, Encoding
from dispatch.contract.base import CallId
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AnswerCall, DisposeCall
from dispatch.contract.timeline import Disposition
from dispatch.identity import Role
from dispatch.observability.clock import SystemClock
from dispatch.records import Archivist
from tests.api.test_guarded_routes import ask, token_of
from tests.calls_on_disk import ANY_KEY
from tests.fixtures_node import MULAW, console_of, new_id, talk

pytestmark = pytest.mark.integration

HZ = 16000
WAIT_S = 60


async def hear(node: Node, token: str, path: str) -> tuple[int, np.ndarray]:
    """Status and samples of a stretch."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as http, http.get(f"{node.url}{path}", headers=headers) as answer:
        content = await answer.read()
        return answer.status, samples_of(content) if answer.status == 200 else np.zeros(0)


def samples_of(content: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (HZ, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def loudness(samples: np.ndarray, start_s: float, end_s: float) -> float:
    piece = samples[round(start_s * HZ) : round(end_s * HZ)]
    return float(np.abs(piece.astype(float)).mean())


async def calling(node: Node) -> tuple[CallerClient, CallId, str]:
    """A call with a second of silence, a second of sound, and a second of silence on the disk."""
    caller = CallerClient(node.url)
    await caller.start(StartCall(format=MULAW))
    after = await talk(caller, 1, loud=False)
    after = await talk(caller, 1, first=after)
    await talk(caller, 1, first=after, loud=False)
    assert caller.opened is not None
    call_id = caller.opened.call_id
    async with asyncio.timeout(WAIT_S):
        while caller.acked.next_seq < 150 or node.shipper.behind:  # noqa: ASYNC110 - the server brings it about
            await asyncio.sleep(0.02)
    return caller, call_id, f"/v1/calls/{call_id}/sound"


async def test_any_second_of_a_running_call_is_heard_again_and_every_time_is_in_the_audit_log(node: Node) -> None:
    caller, call_id, path = await calling(node)
    token = await token_of(node, Role.OPERATOR)
    status, whole = await hear(node, token, path)
    assert status == 200
    assert 2.9 * HZ < len(whole) < 3.2 * HZ, "as long as the call so far"
    assert loudness(whole, 0.1, 0.9) < 100 < loudness(whole, 1.2, 1.8)
    _, second = await hear(node, token, f"{path}?start={HZ}&samples={HZ}&side=caller")
    assert len(second) == HZ
    assert np.abs(second[1600:-1600].astype(int) - whole[HZ + 1600 : 2 * HZ - 1600]).max() < 300
    assert len((await hear(node, token, f"{path}?start={100 * HZ}"))[1]) == 0, "behind the end there is nothing"
    assert len((await hear(node, token, f"{path}?side=operator"))[1]) == 0, "nobody has answered"
    _, log = await ask(node, await token_of(node, Role.SUPERVISOR), f"/v1/audit?subject_id={call_id}")
    assert [line["action"] for line in log["entries"]] == ["hear_call"] * 4
    await caller.close()


async def test_sound_is_for_those_who_may_read_the_call(node: Node) -> None:
    caller, _, path = await calling(node)
    assert (await hear(node, await token_of(node, Role.SUPERVISOR), path))[0] == 200
    assert (await hear(node, await token_of(node, Role.NURSE), path))[0] == 403
    assert (await hear(node, await token_of(node, Role.TRAINER), path))[0] == 404, "no exercise, none of a trainer's"
    assert (await hear(node, "", path))[0] == 401
    operator = await token_of(node, Role.OPERATOR)
    assert (await hear(node, operator, "/v1/calls/call-of-nobody/sound"))[0] == 404
    for wrong in ("start=-1", "samples=0", f"samples={61 * HZ}", "side=everybody", "from=3"):
        assert (await hear(node, operator, f"{path}?{wrong}"))[0] == 400
    await caller.close()


async def answered_and_closed(node: Node, caller: CallerClient, call_id: CallId) -> ConsoleClient:
    """Somebody answers, the caller hangs up, and the call is closed."""
    console = await console_of(node)
    assert (await console.command(AnswerCall(command_id=new_id(), call_id=call_id))).ok
    await caller.hang_up()
    reason = DisposeCall(command_id=new_id(), call_id=call_id, disposition=Disposition.ADVICE_GIVEN)
    assert (await console.command(reason)).ok
    return console


async def test_a_closed_call_is_heard_until_it_is_erased(node: Node) -> None:
    caller, call_id, path = await calling(node)
    console = await answered_and_closed(node, caller, call_id)
    token = await token_of(node, Role.SUPERVISOR)
    async with asyncio.timeout(WAIT_S):
        while call_id in node.switchboard.calls:  # noqa: ASYNC110 - the shipper brings it about
            await asyncio.sleep(0.02)
    assert len((await hear(node, token, path))[1]) > 2.9 * HZ
    key = {"Idempotency-Key": secrets.token_hex(16)}
    body = {"reason": "asked by the caller"}
    erasure = f"/v1/records/calls/{call_id}/erasure"
    assert (await ask(node, token, erasure, "POST", headers=key, json=body))[0] == 202
    archivist = Archivist(node.database, SystemClock(), node.calls_root, 30)
    await archivist.erase_due()
    assert (await hear(node, token, path))[0] == 404, "gone at once, not only when the folder goes"
    await archivist.sweep_folders()
    assert (await hear(node, token, path))[0] == 404
    await console.close()
    await caller.close()


# --- the sound by itself ---------------------------------------------------------------------------------------------


async def journalled(folder: Path, side: Channel, form: AudioFormat, frames: Sequence[JournalFrame]) -> None:
    disk = GroupCommit(asyncio.get_running_loop())
    journal = AudioJournal(disk, folder, side, form, ANY_KEY)
    for frame in frames:
        assert journal.append(frame, lambda: None)
    await disk.close()


def pcm(value: int, count: int) -> bytes:
    return np.full(count, value, "<i2").tobytes()


async def test_both_sides_lie_where_they_were_said_and_a_hole_is_silence(tmp_path: Path) -> None:
    mine = [JournalFrame(0, 0, pcm(3000, 1600)), JournalFrame(1, 8000, pcm(3000, 1600))]
    await journalled(tmp_path, Channel.CALLER, AudioFormat(), mine)
    await journalled(tmp_path, Channel.OPERATOR, AudioFormat(), [JournalFrame(0, 0, pcm(5000, 1600))])
    sound = samples_of(call_sound(tmp_path, ANY_KEY, {Channel.CALLER: 0.0, Channel.OPERATOR: 0.55}, Stretch(0, HZ)))
    assert len(sound) == round(0.65 * HZ)
    for at_s, value in ((0.05, 3000), (0.3, 0), (0.52, 3000), (0.58, 8000), (0.63, 5000)):
        assert abs(int(sound[round(at_s * HZ)]) - value) < 5, at_s


async def test_a_frame_that_is_being_written_and_what_is_damaged_are_left_out(tmp_path: Path) -> None:
    frames = [JournalFrame(number, number * 160, b"\x10" * 160) for number in range(50)]
    form = AudioFormat(encoding=Encoding.MULAW, sample_rate=8000)
    await journalled(tmp_path, Channel.CALLER, form, frames)
    path = audio_path(tmp_path, Channel.CALLER)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    cut = samples_of(call_sound(tmp_path, ANY_KEY, {Channel.CALLER: 0.0}, Stretch(0, 10 * HZ)))
    assert len(cut) == 49 * 320
    path.write_bytes(whole[: len(whole) // 2] + b"\x00" * 4 + whole[len(whole) // 2 + 4 :])
    damaged = samples_of(call_sound(tmp_path, ANY_KEY, {Channel.CALLER: 0.0}, Stretch(0, 10 * HZ)))
    assert 0 < len(damaged) < 30 * 320
    path.write_bytes(b"")
    assert not has_sound(path)
