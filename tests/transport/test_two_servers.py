"""Two servers on one data folder, as in compose.yaml: one takes the calls; when it goes, they go on at the other."""

import asyncio
import contextlib
import errno
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import socketio

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.audio import Channel
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AddNote, AnswerCall, CallState, Health
from dispatch.contract.http import HealthReport
from dispatch.contract.problems import Problem, ProblemCode
from dispatch.contract.roles import Role
from dispatch.contract.timeline import NoteAdded, SpeechFinal
from dispatch.observability.health import STANDING_BY, serves_its_purpose
from dispatch.observability.supervision import TaskSupervisor
from dispatch.settings import Settings
from dispatch.storage import DataInUse, ServerUrls, StoreRefused
from tests.calls_on_disk import frames_on_disk
from tests.fixtures_node import LOUD, MULAW, SILENT, new_id, node_settings, scripted_transcription, signed_in
from tests.fixtures_process import ROOT, free_port
from tests.transport.scripted_server import WORDS
from transcription import StableHeard, Word

pytestmark = pytest.mark.integration

LIMIT_S = 60
ABSENT = HealthReport(ready=False, version="", parts=())
SLOW_CHECK_S = 0.7
"""Slower than the change-over: for a while the proxy sends everybody to a server that is gone, or stands by."""


class Proxy:
    """Sends every connection to the server that was ready when it last looked, as a proxy with health checks does."""

    def __init__(self) -> None:
        self.servers: list[str] = []
        self.chosen: str | None = None
        self.connections = 0
        self.url = ""

    @contextlib.asynccontextmanager
    async def running(self, *servers: str) -> AsyncIterator[None]:
        self.servers = list(servers)
        async with TaskSupervisor() as tasks:
            await self.look()
            server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            tasks.keep_running("checks", self._check)
            yield
            server.close()

    async def look(self) -> None:
        ready = [url for url in self.servers if (await report_of(url)).ready]
        assert len(ready) < 2, "one server at a time takes calls"
        self.chosen = ready[0] if ready else self.chosen

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(SLOW_CHECK_S)
            await self.look()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        assert self.chosen is not None
        try:
            there = await asyncio.open_connection("127.0.0.1", int(self.chosen.rsplit(":", 1)[1]))
            await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))
        except OSError:
            writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def report_of(url: str) -> HealthReport:
    """What a server says of itself; not ready where nobody answers."""
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{url}/health/ready") as answer:
            report = HealthReport.model_validate_json(await answer.text())
    except aiohttp.ClientError:
        return ABSENT
    assert report.ready == (answer.status == 200)
    return report


@pytest.fixture
def settings(fresh_servers: ServerUrls, tmp_path: Path) -> Settings:
    return node_settings(fresh_servers, tmp_path / "data", stand_by=True)


@pytest.fixture
async def first(settings: Settings) -> AsyncIterator[Node]:
    """The server that takes the calls; it may be stopped by the test."""
    node = server_of(settings, demo=True)
    await node.start()
    yield node
    await node.stop()


def server_of(settings: Settings, *, demo: bool = False) -> Node:
    return Node(settings, demo=demo, transcription=scripted_transcription(WORDS))


@contextlib.asynccontextmanager
async def standing_by(
    node: Node, tasks: TaskSupervisor, *, well: bool = True
) -> AsyncIterator[asyncio.Task[None]]:  # fmt: skip
    """A server that waits for its turn; the task ends when it has taken over."""
    starting = tasks.start("standing by", node.start())
    try:
        async with asyncio.timeout(LIMIT_S):
            while not await stands(node, well=well):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        yield starting
    finally:
        starting.cancel()
        await node.stop()


async def stands(node: Node, *, well: bool) -> bool:
    report = await report_of(node.url) if node.url else ABSENT
    return bool(report.parts) and (serves_its_purpose(report) or not well)


class Talk:
    """A caller and the operator who listens, both through the proxy."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.caller = CallerClient(url)
        self.sent = b""

    async def begin(self, email: str, password: str) -> None:
        session = await signed_in(self.url, email, password)
        self.console = ConsoleClient(self.url, session.access_token)
        await self.console.connect()
        self.call_id = (await self.caller.start(StartCall(format=MULAW))).call_id
        await self.console.open_call(self.call_id)
        await self.answer()

    async def answer(self) -> None:
        assert (await self.console.command(AnswerCall(command_id=new_id(), call_id=self.call_id))).ok

    async def speak(self, seconds: float, *, pause_s: float = 0.0, loud: bool = True) -> None:
        for _ in range(round(seconds * 50)):
            audio = LOUD if loud else SILENT
            await self.caller.send(audio, len(self.sent))
            self.sent += audio
            await asyncio.sleep(pause_s)

    async def goes_on(self, data: Path) -> None:
        """The same call is offered to the same console, and nothing that was said is missing or there twice."""
        async with asyncio.timeout(LIMIT_S):
            await self.console.until(lambda view: view.queue[self.call_id].state is CallState.RINGING)
            await self.caller.all_acknowledged()
        frames = frames_on_disk(data, self.call_id)
        assert [frame.seq for frame in frames] == list(range(len(frames)))
        assert b"".join(frame.audio for frame in frames) == self.sent

    async def said(self, words: int) -> None:
        """The console has so many words of the script, each once, and the call's log without holes."""
        wanted = " ".join(WORDS.split()[:words])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIMIT_S):
                await self.console.until(lambda _: self.words() == wanted)
        assert self.words() == wanted
        log = self.console.view.entries[self.call_id]
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))

    def words(self) -> str:
        log = self.console.view.entries.get(self.call_id, [])
        finals = [entry.body.utterance for entry in log if isinstance(entry.body, SpeechFinal)]
        return " ".join(word.text for utterance in finals for word in utterance.words)

    async def end(self) -> None:
        await self.caller.close()
        await self.console.close()


async def test_a_call_goes_on_at_the_other_server_when_the_first_is_told_to_stop(
    settings: Settings, first: Node
) -> None:
    assert first.demo_world is not None
    login = first.demo_world.login(Role.OPERATOR)
    second, third, proxy = server_of(settings), server_of(settings), Proxy()
    async with (
        TaskSupervisor() as tasks,
        standing_by(second, tasks) as taken_over,
        proxy.running(first.url, second.url),
    ):
        talk = Talk(proxy.url)
        await talk.begin(login.email, login.password)
        await talk.speak(3)
        await talk.caller.all_acknowledged()
        speaking = tasks.start("speaking", talk.speak(3, pause_s=0.01))
        await first.drain()
        await first.stop()
        await taken_over
        await speaking
        await talk.goes_on(settings.data_dir)
        assert list(second.switchboard.calls) == [talk.call_id]
        await talk.answer()
        async with standing_by(third, tasks):  # the first server comes back
            proxy.servers[0], connections = third.url, proxy.connections
            await proxy.look()
            await talk.speak(4)
            await talk.speak(2, loud=False)
            await talk.said(20)
            assert (proxy.chosen, proxy.connections) == (second.url, connections)
        await talk.end()


async def test_a_server_that_stops_in_the_middle_of_a_word_reports_no_error(
    first: Node, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = CallerClient(first.url)
    call_id = (await caller.start(StartCall(format=MULAW))).call_id
    path, log = first.switchboard.calls[call_id].path, first.switchboard.calls[call_id].timeline
    stream, ship_all, late = path.channels[Channel.CALLER].stream, first.shipper.ship_all, []
    monkeypatch.setattr(path, "show_card", lambda: first.tasks.start("look-up", asyncio.sleep(0)))

    async def words_come_after_the_tasks_have_ended() -> None:
        late.append(len(log.entries))
        stream.report(StableHeard(stream.identity.stream_id, "u-1", (Word("help", 0, 8000, 0.9),)))
        late.append(len(log.entries))
        await ship_all()

    monkeypatch.setattr(first.shipper, "ship_all", words_come_after_the_tasks_have_ended)
    await first.stop()
    await caller.close()
    assert late[0] == late[1] > 0, "who takes the call up hears it anew"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_call_goes_on_at_the_other_server_when_the_first_is_killed(settings: Settings) -> None:
    with server_process(settings) as (first, url):
        login = json.loads((settings.data_dir / "secrets" / "demo-logins.json").read_text())
        second = server_of(settings)
        proxy = Proxy()
        async with TaskSupervisor() as tasks, standing_by(second, tasks) as taken_over, proxy.running(url, second.url):
            talk = Talk(proxy.url)
            await talk.begin("operator@demo.example", login["operator@demo.example"])
            await talk.speak(3)
            note = await talk.console.command(AddNote(command_id=new_id(), call_id=talk.call_id, text="third floor"))
            speaking = tasks.start("speaking", talk.speak(7, pause_s=0.004))
            await asyncio.sleep(0.2)
            first.kill()
            await taken_over
            await speaking
            await talk.goes_on(settings.data_dir)
            await talk.speak(2, loud=False)
            await talk.said(20)
            kept = [e.seq for e in talk.console.view.entries[talk.call_id] if isinstance(e.body, NoteAdded)]
            assert kept == [note.seq]
            await talk.end()


@contextlib.contextmanager
def server_process(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server that can be killed, with its address; it is ready."""
    port = free_port()
    given = settings.model_dump(mode="json", include={"data_dir", "stand_by"}) | {"port": port}
    given |= {
        name: getattr(settings, name).get_secret_value() for name in ("database_url", "database_owner_url", "redis_url")
    }
    command = [sys.executable, "-m", "tests.transport.scripted_server", "--demo"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    try:
        assert any(line.startswith(b"Kiwimesh is ready") for line in process.stdout)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def test_a_server_that_stands_by_answers_nobody_and_writes_nothing(settings: Settings, first: Node) -> None:
    before, second = files_of(settings.data_dir), server_of(settings)
    async with TaskSupervisor() as tasks, standing_by(second, tasks) as starting:
        report = await report_of(second.url)
        assert (report.ready, report.parts[-1].name, report.parts[-1].state) == (False, STANDING_BY, Health.OK)
        caller = CallerClient(second.url)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await caller.start(StartCall(format=MULAW))
        await caller.close()
        async with aiohttp.ClientSession() as http:
            alive = await http.get(f"{second.url}/health/live")
            socket = await http.get(f"{second.url}/socket.io/?EIO=4&transport=websocket")
            refused = await http.post(f"{second.url}/v1/auth/sign-in", json={})
            told = Problem.model_validate_json(await refused.text())
        assert (alive.status, socket.status, refused.status, refused.headers["Retry-After"]) == (200, 503, 503, "1")
        assert (told.code, told.retryable) == (ProblemCode.UNAVAILABLE, True)
        assert files_of(settings.data_dir) == before
        assert not starting.done()
    assert (await report_of(first.url)).ready


async def test_a_new_version_that_cannot_migrate_says_so_while_the_old_one_has_the_calls(
    settings: Settings, first: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(owner_url: str) -> None:
        raise StoreRefused(owner_url)

    monkeypatch.setattr("dispatch.standing_by.migrate", refused)
    second = server_of(settings)
    async with TaskSupervisor() as tasks, standing_by(second, tasks, well=False):
        parts = {part.name: part for part in (await report_of(second.url)).parts}
        assert parts[STANDING_BY].state is Health.DEGRADED
        assert "not yet as this version needs it" in parts["database"].message
        assert (await report_of(first.url)).ready


async def test_a_full_disk_keeps_no_server_from_taking_over(
    settings: Settings, first: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    second = server_of(settings)
    async with TaskSupervisor() as tasks, standing_by(second, tasks) as taken_over:
        for module in ("storage.data_root", "storage.keys", "tenancy.directory"):
            monkeypatch.setattr(f"dispatch.{module}.write_secret", full)
        await first.stop()
        await taken_over
        assert (await report_of(second.url)).ready


async def test_without_the_setting_a_second_server_refuses_to_start(settings: Settings, first: Node) -> None:
    with pytest.raises(DataInUse, match="Stop it"):
        await server_of(settings.model_copy(update={"stand_by": False})).start()
    assert (await report_of(first.url)).ready


def files_of(data: Path) -> dict[Path, int]:
    """All files with the time of their last change."""
    return {path: path.stat().st_mtime_ns for path in data.rglob("*")}
