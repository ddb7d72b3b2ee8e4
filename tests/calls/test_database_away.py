"""The servers behind us fall in the middle of a call: nobody on either side notices, and nothing is missing after."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
import pytest

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ConsoleClient
from dispatch.contract.base import CallId
from dispatch.contract.caller import StartCall
from dispatch.contract.console import AddNote, AnswerCall, CallState, DisposeCall, Health, HoldCall
from dispatch.contract.timeline import Disposition
from dispatch.storage import EmbeddedServers, ServerUrls, of_centre
from dispatch.storage.embedded_postgres import EmbeddedPostgres
from dispatch.storage.embedded_valkey import EmbeddedValkey
from tests.calls_on_disk import frames_on_disk
from tests.fixtures_node import LOUD, MULAW, SILENT, console_of, new_id, node_settings, scripted_transcription, talk
from tests.fixtures_servers import quick_folder

pytestmark = pytest.mark.integration

WAIT_S = 60


@dataclass
class Servers:
    """A PostgreSQL and a Valkey that a test may break; nobody starts them again but the test."""

    urls: ServerUrls
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey


@pytest.fixture(scope="module")
def breakable() -> Iterator[Servers]:
    folder = quick_folder()
    embedded = EmbeddedServers(folder / "data")
    urls = asyncio.run(embedded.start())
    assert embedded._servers is not None
    try:
        yield Servers(urls, *embedded._servers)
    finally:
        asyncio.run(embedded.stop())
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def node(breakable: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    """A server on them that gives up on an answer, and tries again, sooner than in earnest."""
    monkeypatch.setattr("dispatch.storage.engine.STATEMENT_S", 0.5)
    monkeypatch.setattr("dispatch.storage.engine.CONNECT_S", 0.5)
    monkeypatch.setattr("dispatch.calls.shipper.RETRY_LONGEST_S", 0.5)
    monkeypatch.setattr("dispatch.storage.canary.DEAF_AFTER_S", 1.5)
    monkeypatch.setattr("dispatch.bootstrap.HEALTH_EVERY_S", 0.1)
    made = Node(node_settings(breakable.urls, tmp_path), demo=True, transcription=scripted_transcription())
    await made.start()
    yield made
    await made.stop()


def processes(postgres: EmbeddedPostgres) -> list[psutil.Process]:
    assert postgres._child is not None
    first = psutil.Process(postgres._child.pid)
    return [first, *first.children(recursive=True)]


def kill(postgres: EmbeddedPostgres) -> None:
    for process in processes(postgres):
        process.kill()


def freeze(postgres: EmbeddedPostgres) -> None:
    for process in processes(postgres):
        process.suspend()


async def start_again(postgres: EmbeddedPostgres) -> None:
    await postgres.start()


async def thaw(postgres: EmbeddedPostgres) -> None:
    for process in processes(postgres):
        process.resume()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - other tasks bring it about
            await asyncio.sleep(0.02)


async def ready_and_parts(node: Node) -> tuple[int, dict[str, str]]:
    async with aiohttp.ClientSession() as http, http.get(f"{node.url}/health/ready") as answer:
        report = json.loads(await answer.text())
    return answer.status, {part["name"]: part["state"] for part in report["parts"]}


async def answered_call(node: Node, console: ConsoleClient) -> tuple[CallerClient, CallId]:
    caller = CallerClient(node.url)
    opened = await caller.start(StartCall(format=MULAW))
    await console.open_call(opened.call_id)
    assert (await console.command(AnswerCall(command_id=new_id(), call_id=opened.call_id))).ok
    return caller, opened.call_id


@pytest.mark.parametrize(("break_it", "mend_it"), [(kill, start_again), (freeze, thaw)])
async def test_with_the_database_gone_the_call_goes_on_and_its_log_is_in_the_database_whole_when_it_is_back(
    node: Node, breakable: Servers, break_it: Callable[[EmbeddedPostgres], None],
    mend_it: Callable[[EmbeddedPostgres], Awaitable[None]],
) -> None:  # fmt: skip
    console = await console_of(node, console_id="first")
    caller, call_id = await answered_call(node, console)
    await talk(caller, 1.0)
    await until(lambda: node.shipper.behind == 0)
    break_it(breakable.postgres)
    try:
        await talk(caller, 4.0, first=50)
        await talk(caller, 1.5, first=250, loud=False)
        for command in (
            AddNote(command_id="note", call_id=call_id, text="the gate is locked"),
            HoldCall(command_id="hold", call_id=call_id, on=True),
            HoldCall(command_id="unhold", call_id=call_id, on=False),
        ):
            assert (await console.command(command)).ok
        await until(lambda: console.view.queue[call_id].category == 1)
        await until(lambda: console.view.system is not None and console.view.system.database is Health.DEGRADED)
        status, parts = await ready_and_parts(node)
        assert (status, parts["database"], parts["journal"]) == (200, "degraded", "ok")
        reloaded = ConsoleClient(node.url, console._token, console_id="second")
        await reloaded.connect()
        second = CallerClient(node.url)
        opened = await second.start(StartCall(format=MULAW))
        assert (await reloaded.command(AnswerCall(command_id=new_id(), call_id=opened.call_id))).ok
        await caller.hang_up()
        await until(lambda: console.view.queue[call_id].state is CallState.ENDED)
        dispose = DisposeCall(command_id=new_id(), call_id=call_id, disposition=Disposition.AMBULANCE_SENT)
        assert (await console.command(dispose)).ok
        assert call_id in node.switchboard.calls
    finally:
        await mend_it(breakable.postgres)
    await until(lambda: call_id not in node.switchboard.calls)
    await until(lambda: console.view.system is not None and console.view.system.database is Health.OK)
    centre = of_centre(node.directory.centre_of_entry("web").centre_id)
    kept = await node.timelines.entries(call_id, scope=centre)
    await until(lambda: list(kept) == console.view.entries[call_id])
    frames = frames_on_disk(node.settings.data_dir, call_id)
    assert b"".join(frame.audio for frame in frames) == LOUD * 250 + SILENT * 75
    for client in (caller, second, console, reloaded):
        await client.close()


async def test_with_the_broker_gone_the_call_goes_on_and_health_says_so_until_it_is_back(
    node: Node, breakable: Servers
) -> None:
    console = await console_of(node)
    caller, call_id = await answered_call(node, console)
    await until(lambda: console.view.system is not None and console.view.system.broker is Health.OK)
    assert breakable.valkey._child is not None
    os.kill(breakable.valkey._child.pid, signal.SIGKILL)
    try:
        await until(lambda: console.view.system is not None and console.view.system.broker is Health.DEGRADED)
        status, parts = await ready_and_parts(node)
        assert (status, parts["broker"], parts["database"]) == (200, "degraded", "ok")
        await talk(caller, 5.0)
        assert (await console.command(AddNote(command_id="note", call_id=call_id, text="dog in the yard"))).ok
        await until(lambda: console.view.queue[call_id].category == 1)
        await caller.all_acknowledged()
        await until(lambda: node.shipper.behind == 0)
    finally:
        await breakable.valkey.start()
    await until(lambda: console.view.system is not None and console.view.system.broker is Health.OK)
    await caller.close()
    await console.close()
