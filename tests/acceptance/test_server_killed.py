"""The server dies in the middle of a call: what was acknowledged is there, and the call goes on."""

import asyncio
from pathlib import Path

import pytest

from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.base import CallId
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AddNote, AnswerCall, CallState
from dispatch.contract.dispatch_commands import DispatchUnit
from dispatch.contract.dispatching import UnitMoved
from dispatch.contract.timeline import CallRecovered, NoteAdded, SpeechFinal, TimelineEntry
from dispatch.http_client import sign_in
from dispatch.sound_files import SoundFile, read_sound
from tests.calls_on_disk import frames_on_disk
from tests.fixtures_node import new_id
from tests.fixtures_process import LIBRARY, ServerProcess

pytestmark = pytest.mark.acceptance

RECORDING = LIBRARY / "cardiac-arrest-kitchen.caller.wav"
PACE = 4.0
CUT_AT_S = 26.0
"""Behind the words that make the call red."""


async def console_on(server: ServerProcess) -> ConsoleClient:
    session = await sign_in(server.url, *server.login("operator"))
    console = ConsoleClient(server.url, session.access_token)
    await console.connect()
    return console


async def speak(caller: CallerClient, sound: SoundFile, first_s: float, last_s: float) -> None:
    rate = sound.format.sample_rate
    for offset, audio in sound.frames():
        if first_s <= offset / rate < last_s:
            await caller.send(audio, offset)
            await asyncio.sleep(len(audio) / rate / PACE)


def journalled(data_dir: Path, call_id: CallId) -> bytes:
    frames = frames_on_disk(data_dir, call_id)
    assert [frame.seq for frame in frames] == list(range(len(frames)))
    return b"".join(frame.audio for frame in frames)


@pytest.mark.timeout(240)
async def test_after_kill_9_every_acknowledged_sample_is_there_and_the_call_is_offered_back(
    server: ServerProcess,
) -> None:
    sound = read_sound(RECORDING)
    console = await console_on(server)
    caller = CallerClient(server.url)
    opened = await caller.start(StartCall(format=sound.format))
    call_id = opened.call_id
    await console.open_call(call_id)
    assert (await console.command(AnswerCall(command_id=new_id(), call_id=call_id))).ok
    await speak(caller, sound, 0, CUT_AT_S)
    async with asyncio.timeout(60):
        await console.until(lambda view: view.queue[call_id].category == 1)
    note = await console.command(AddNote(command_id=new_id(), call_id=call_id, text="key is under the mat"))
    assert note.ok
    send = DispatchUnit(command_id=new_id(), incident_id=console.view.queue[call_id].incident_id)
    assert (await console.command(send)).ok
    acknowledged = caller.acked.next_offset
    assert acknowledged > 0
    await asyncio.to_thread(server.kill)
    assert journalled(server.data_dir, call_id)[:acknowledged] == sound.payload[:acknowledged]
    await console.close()

    speaking = asyncio.ensure_future(speak(caller, sound, CUT_AT_S, sound.seconds))
    await asyncio.to_thread(server.start)
    again = await console_on(server)
    async with asyncio.timeout(60):
        await again.until(lambda view: call_id in view.queue)
        await speaking
        await caller.all_acknowledged()
    assert again.view.queue[call_id].state is CallState.RINGING
    assert again.view.queue[call_id].category == 1
    await again.open_call(call_id)
    async with asyncio.timeout(60):
        await again.until(lambda view: _has(view.entries.get(call_id, []), CallRecovered))
    log = again.view.entries[call_id]
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    assert any(isinstance(entry.body, NoteAdded) and entry.seq == note.seq for entry in log)
    assert (await again.command(AnswerCall(command_id=new_id(), call_id=call_id))).ok
    assert (await again.command(send)).ok
    assert sum(isinstance(entry.body, UnitMoved) for entry in again.view.entries[call_id]) == 1
    recovered = next(entry.seq for entry in log if isinstance(entry.body, CallRecovered))
    async with asyncio.timeout(60):
        await caller.hang_up()
        await again.until(lambda view: _words_after(view.entries[call_id][recovered:]))
    assert journalled(server.data_dir, call_id) == sound.payload
    await caller.close()
    await again.close()


def _words_after(entries: list[TimelineEntry]) -> bool:
    return any(isinstance(e.body, SpeechFinal) and e.body.utterance.words for e in entries)


def _has(entries: list[TimelineEntry], kind: type) -> bool:
    return any(isinstance(entry.body, kind) for entry in entries)
