"""What a broken or hostile client sends to the callers' door: each gets its coded problem, and nobody else notices."""

import asyncio
import contextlib
import itertools
import json
import socket as network
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from dispatch.bootstrap import Node
from dispatch.client import CallerClient
from dispatch.contract.caller import StartCall
from dispatch.contract.problems import Problem, ProblemCode
from dispatch.settings import Settings
from dispatch.storage import ServerUrls
from dispatch.transport.listening import listening_socket
from dispatch.transport.sockets import MAX_UNREAD, BoundedServer
from tests.calls_on_disk import frames_on_disk
from tests.fixtures_node import FRAME, LOUD, MULAW, node_settings, scripted_transcription, talk
from tests.transport.raw_socket import FORMAT, RawSocket, raw

pytestmark = pytest.mark.integration

MARK = "zebra7261"
"""Stands in what a client sends, and must never come back."""
FAR_TOO_BIG = b"x" * (2 * 1024 * 1024)
MORE_THAN_FITS = 20_000
"""Answers; some hundreds fill all that lies between a server's queue and a client that does not read."""

BAD_STARTS: dict[str, tuple[tuple[object, ...], ProblemCode]] = {
    "unknown codec": (({"format": {"encoding": MARK, "sample_rate": 8000}},), ProblemCode.UNKNOWN_CODEC),
    "unknown rate": (({"format": {"encoding": "pcm16", "sample_rate": 44100}},), ProblemCode.UNKNOWN_CODEC),
    "format of another kind": (({"format": MARK},), ProblemCode.INVALID_MESSAGE),
    "the operator's side": (({"format": FORMAT, "channel": "operator"},), ProblemCode.CHANNEL_NOT_ALLOWED),
    "unknown field": (({"format": FORMAT, MARK: 1},), ProblemCode.INVALID_MESSAGE),
    "unknown field of the format": (({"format": {**FORMAT, MARK: 1}},), ProblemCode.INVALID_MESSAGE),
    "latitude not a number": (({"position": {"latitude": float("nan"), "longitude": 0}},), ProblemCode.INVALID_MESSAGE),
    "endless longitude": (({"position": {"latitude": 0, "longitude": float("inf")}},), ProblemCode.INVALID_MESSAGE),
    "endless error": (
        ({"position": {"latitude": 0, "longitude": 0, "accuracy_m": float("-inf")}},), ProblemCode.INVALID_MESSAGE,
    ),
    "letters for a number": (({"phone": MARK},), ProblemCode.INVALID_MESSAGE),
    "enormous number": (({"phone": "5" * 60_000},), ProblemCode.INVALID_MESSAGE),
    "enormous entry": (({"entry": MARK * 6000},), ProblemCode.INVALID_MESSAGE),
    "short secret": (({"request_id": "x"},), ProblemCode.INVALID_MESSAGE),
    "a list": (([MARK],), ProblemCode.INVALID_MESSAGE),
    "a text": ((MARK,), ProblemCode.INVALID_MESSAGE),
    "null": ((None,), ProblemCode.INVALID_MESSAGE),
    "nothing": ((), ProblemCode.INVALID_MESSAGE),
    "two objects": (({"format": FORMAT}, {"format": FORMAT}), ProblemCode.INVALID_MESSAGE),
}  # fmt: skip

PLACEHOLDER = '{"seq":0,"offset":0,"audio":{"_placeholder":true,"num":%s}}'
UNREADABLE: dict[str, tuple[str | bytes, ...]] = {
    "an event of no name": ("42/caller,[]",),
    "an event of a number": ("42/caller,[7]",),
    "an event of a list": ('42/caller,[["call.start"],{}]',),
    "an event of an object": ('42/caller,{"call.start":{}}',),
    "an event of nothing": ("42/caller,",),
    "an event that is not JSON": (f"42/caller,{MARK}",),
    "an event for a namespace that was not joined": (f'42["call.start",{{"{MARK}":1}}]',),
    "a connection played from inside": (f'42/caller,["connect","{MARK}",{{}}]',),
    "an end played from inside": ('42/caller,["disconnect"]',),
    "an unknown kind of packet": ("49/caller,",),
    "a packet that servers send": ('44/caller,{"message":"no"}',),
    "a packet of nothing": ("4",),
    "an endless acknowledgement id": (f'42/caller,{"9" * 300}["call.start"]',),
    "a number of many digits": (f'42/caller,["call.end",{{"next_seq":{"9" * 6000}}}]',),
    "many attachments": ('451000000-/caller,["audio.frame",{}]',),
    "two attachments": ('452-/caller,["audio.frame",{}]',),
    "an attachment with no number": ('450-/caller,["audio.frame",{}]', b"sound"),
    "an attachment beyond the last": (f'451-/caller,["audio.frame",{PLACEHOLDER % 7}]', b"sound"),
    "an attachment with a name": (f'451-/caller,["audio.frame",{PLACEHOLDER % json.dumps(MARK)}]', b"sound"),
    "an attachment that nothing announced": (MARK.encode(),),
    "deep JSON": ('42/caller,["call.start",' + "[" * 60_000,),
    "deep JSON below Socket.IO": ("4" + "[" * 60_000,),
    "a text that is no packet": (MARK,),
    "an empty text": ("",),
    "a packet of an unknown transport": ("7",),
    "a digit of another script": ("४2/caller,[]",),
    "broken base64": ("b!!!",),
    "a handshake again": ('0{"sid":"x"}',),
    "an upgrade again": ("5",),
    "a ping from the wrong side": ("2",),
}


def assert_no_echo(socket: RawSocket) -> None:
    assert not [text for text in socket.said if MARK in text]


async def refused(socket: RawSocket, name: str, *args: object) -> Problem:
    told = Problem.model_validate(await socket.ask(name, *args))
    assert told.way_out
    return told


async def test_a_call_that_cannot_be_opened_is_refused_with_a_code_and_the_same_connection_may_try_again(
    node: Node,
) -> None:
    for about, (args, code) in BAD_STARTS.items():
        async with raw(node.url) as socket:
            assert (await refused(socket, "call.start", *args)).code is code, about
            assert_no_echo(socket)
            assert (await socket.start()).next_seq == 0, about
            second = await refused(socket, "call.start", {"format": FORMAT})
            assert second.code is ProblemCode.CALL_ALREADY_OPEN


async def test_a_frame_that_cannot_be_taken_is_refused_with_a_code_and_the_call_goes_on(node: Node) -> None:
    async with raw(node.url) as socket:
        await socket.frame(0, 0)
        assert (await socket.problem()).code is ProblemCode.NO_CALL
        call = await socket.start(format={"encoding": "pcm16", "sample_rate": 16000})
        await socket.frame(0, 100, b"ab" * 320)
        for audio, code in (
            (b"x" * 321, ProblemCode.BAD_AUDIO),
            (b"", ProblemCode.INVALID_MESSAGE),
            (b"x" * 32 * 1024 + b"xx", ProblemCode.FRAME_TOO_LARGE),
        ):
            await socket.frame(1, 420, audio)
            assert (await socket.problem()).code is code
        for body in (
            {"seq": 1, "offset": 420, "audio": MARK},
            {"seq": 1, "offset": 420},
            {"seq": -1, "offset": 0, "audio": MARK},
            {"seq": 2**32, "offset": 420, "audio": MARK},
            {"seq": 1.5, "offset": 420, "audio": MARK},
            {"seq": 1, "offset": 2**60, "audio": MARK},
        ):
            await socket.emit("audio.frame", body)
            assert (await socket.problem()).code is ProblemCode.INVALID_MESSAGE
        await socket.frame(1, 419, b"ab")
        assert (await socket.problem()).code is ProblemCode.OFFSET_BACKWARDS
        await socket.emit(f"{MARK}.event", {})
        assert (await socket.problem()).code is ProblemCode.UNKNOWN_EVENT
        await socket.frame(1, 420, b"cd" * 320)
        await socket.acknowledged(2)
        assert_no_echo(socket)
    frames = frames_on_disk(node.settings.data_dir, call.call_id)
    assert [(frame.seq, frame.offset, frame.audio) for frame in frames] == [
        (0, 100, b"ab" * 320),
        (1, 420, b"cd" * 320),
    ]


async def test_bytes_that_are_no_message_cost_a_strike_each_and_neither_the_call_nor_the_server(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    for about, parts in UNREADABLE.items():
        async with raw(node.url) as socket:
            await socket.start()
            for part in parts:
                await (socket.binary(part) if isinstance(part, bytes) else socket.text(part))
            assert (await socket.problem()).code is ProblemCode.INVALID_MESSAGE, about
            await socket.frame(0, 0)
            await socket.acknowledged(1)
            assert_no_echo(socket)
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_thousand_broken_events_end_their_connection_and_no_other(node: Node) -> None:
    other = CallerClient(node.url)
    opened = await other.start(StartCall(format=MULAW))
    await talk(other, 0.5)
    async with raw(node.url) as socket:
        for number in range(1000):
            await socket.emit(f"no.such.event.{number}", {})
        codes = [(await socket.problem()).code]
        while codes[-1] is not ProblemCode.STRUCK_OUT:
            codes.append((await socket.problem()).code)
        await socket.closed()
        assert not [name for name, _ in socket.events if name == "problem"]
    assert 15 < len(codes) < 40
    await talk(other, 0.5, first=25)
    await other.all_acknowledged()
    assert not other.problems
    frames = frames_on_disk(node.settings.data_dir, opened.call_id)
    assert b"".join(frame.audio for frame in frames) == LOUD * 50
    await other.close()


async def test_attachments_of_two_megabytes_are_refused_until_the_connection_is_closed(node: Node) -> None:
    async with raw(node.url) as socket:
        call = await socket.start()
        await socket.frame(0, 0, FAR_TOO_BIG)
        assert (await socket.problem()).code is ProblemCode.MESSAGE_TOO_LARGE
        await socket.frame(0, 0)
        await socket.acknowledged(1)
        for number in range(25):
            await socket.frame(1 + number, 160, FAR_TOO_BIG)
        while (await socket.problem()).code is not ProblemCode.STRUCK_OUT:
            pass
        await socket.closed()
    async with raw(node.url) as again:
        resumed = await again.ask("call.resume", {"call_id": call.call_id, "resume_token": call.resume_token})
        assert resumed["next_seq"] == 1


async def test_a_caller_on_a_bad_network_is_never_struck_out_and_loses_and_doubles_nothing(node: Node) -> None:
    async with raw(node.url) as socket:
        call = await socket.start()
    back = {"call_id": call.call_id, "resume_token": call.resume_token}
    taken = 0
    for attempt in range(100):
        async with raw(node.url) as socket:
            taken = (await socket.ask("call.resume", back))["next_seq"]
            for seq in (taken - 1, taken, taken, taken + 4, taken + 2, taken + 1, max(0, taken - 9), taken):
                if seq >= 0:
                    await socket.frame(seq, seq * FRAME, bytes([seq % 251]) * FRAME)
            told = await socket.problem()
            assert (told.code, told.expected_seq) == (ProblemCode.FRAME_OUT_OF_ORDER, taken + 1), attempt
            if attempt % 3:
                await socket.acknowledged(taken + 2)
            socket.wire.transport.abort()
    async with raw(node.url) as socket:
        taken = (await socket.ask("call.resume", back))["next_seq"]
        for _ in range(300):
            await socket.frame(taken + 50, 0)
            await socket.frame(0, 0)
        await socket.frame(taken, taken * FRAME, bytes([taken % 251]) * FRAME)
        await socket.acknowledged(taken + 1)
        assert not [text for text in socket.said if "struck" in text]
    frames = frames_on_disk(node.settings.data_dir, call.call_id)
    assert [frame.seq for frame in frames] == list(range(taken + 1))
    assert [frame.audio for frame in frames] == [bytes([seq % 251]) * FRAME for seq in range(taken + 1)]


async def test_who_does_not_know_a_calls_token_can_neither_speak_in_it_nor_end_it(node: Node) -> None:
    caller = CallerClient(node.url)
    opened = await caller.start(StartCall(format=MULAW))
    async with raw(node.url) as thief:
        resume = {"call_id": opened.call_id, "resume_token": "a guess"}
        assert (await refused(thief, "call.resume", resume)).code is ProblemCode.WRONG_RESUME_TOKEN
        await thief.frame(0, 0, b"x" * FRAME)
        assert (await thief.problem()).code is ProblemCode.NO_CALL
        assert (await refused(thief, "call.end", {"next_seq": 0})).code is ProblemCode.NO_CALL
    await talk(caller, 0.1)
    await caller.all_acknowledged()
    frames = frames_on_disk(node.settings.data_dir, opened.call_id)
    assert b"".join(frame.audio for frame in frames) == LOUD * 5
    assert node.switchboard.calls[opened.call_id].open
    await caller.close()


async def test_a_client_that_asks_and_never_reads_the_answers_is_let_go(
    thin_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    depths = watch_depths(monkeypatch)
    async with raw(thin_node.url, receive_buffer=4096) as socket:
        socket.wire.transport.pause_reading()
        await ask_in_vain(socket, lambda asked: max(depths, default=0) > MAX_UNREAD or asked == MORE_THAN_FITS)
        with contextlib.suppress(ConnectionClosed):
            await ask_in_vain(socket, lambda asked: asked == MAX_UNREAD)
        socket.wire.transport.resume_reading()
        await socket.closed()
    assert MAX_UNREAD < max(depths) <= MAX_UNREAD + 2, "what it asks after that is not even looked at"


async def test_a_client_that_takes_in_nothing_for_so_long_is_cut_off(
    thin_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.transport.sockets.SEND_S", 0.3)
    async with raw(thin_node.url, receive_buffer=4096) as socket:
        socket.wire.transport.pause_reading()
        with pytest.raises(ConnectionClosed):
            await ask_in_vain(socket, lambda asked: False)


async def ask_in_vain(socket: RawSocket, enough: Callable[[int], bool]) -> None:
    """Asks without waiting for the answers until it is enough, by how often it has asked."""
    resume = json.dumps(["call.resume", {"call_id": "call-x", "resume_token": "a guess"}])
    for number in itertools.takewhile(lambda asked: not enough(asked), itertools.count()):
        await socket.text(f"42/caller,{number}{resume}")
        await asyncio.sleep(0)


@pytest.fixture
async def thin_node(servers: ServerUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    """A server whose kernel keeps next to nothing for a client that does not read."""

    def thin(settings: Settings) -> network.socket:
        listening = listening_socket(settings)
        listening.setsockopt(network.SOL_SOCKET, network.SO_SNDBUF, 4096)
        return listening

    monkeypatch.setattr("dispatch.bootstrap.listening_socket", thin)
    made = Node(node_settings(servers, tmp_path), demo=True, transcription=scripted_transcription())
    await made.start()
    yield made
    await made.stop()


def watch_depths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What waits in a connection's own queue, each time that a message of its client has been dealt with."""
    depths: list[int] = []
    read = BoundedServer._read

    async def watched(server: BoundedServer, eio_sid: str, data: object) -> None:
        await read(server, eio_sid, data)
        depths.append(server.eio.sockets[eio_sid].queue.qsize())

    monkeypatch.setattr(BoundedServer, "_read", watched)
    return depths
