"""The wire client of benches, scenarios and the command line: it does not give up where a browser would not."""

import asyncio
import json
from typing import Any

import pytest

from dispatch.bootstrap import Node
from dispatch.client import ANSWER_S as USUAL_S
from dispatch.client import CallerClient
from dispatch.contract.base import Message
from dispatch.contract.caller import CallOpened, ResumeCall, StartCall
from dispatch.transport.caller import CallerConnection, CallerNamespace
from dispatch.transport.namespace import Namespace
from tests.calls_on_disk import frames_on_disk
from tests.fixtures_node import LOUD, MULAW, console_of, talk

pytestmark = pytest.mark.integration

WAIT_S = 60


async def test_a_resumption_that_is_never_answered_is_asked_for_again_on_another_connection(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    resume, asked, over = CallerNamespace._resume, [], asyncio.Event()

    async def deaf_at_first(self: CallerNamespace, connection: CallerConnection, request: ResumeCall) -> CallOpened:
        asked.append(request)
        if len(asked) == 1:
            monkeypatch.setattr("dispatch.client.ANSWER_S", USUAL_S)  # the next answer may take as long as it takes
            await over.wait()
        return await resume(self, connection, request)

    monkeypatch.setattr(CallerNamespace, "_resume", deaf_at_first)
    caller = CallerClient(node.url)
    opened = await caller.start(StartCall(format=MULAW))
    await talk(caller, 0.5)
    monkeypatch.setattr("dispatch.client.ANSWER_S", 0.5)
    caller.cut()
    await talk(caller, 0.5, first=25)
    async with asyncio.timeout(WAIT_S):
        await caller.all_acknowledged()
    assert len(asked) == 2
    frames = frames_on_disk(node.settings.data_dir, opened.call_id)
    assert b"".join(frame.audio for frame in frames) == LOUD * 50
    over.set()
    await caller.close()


def of_tomorrow(value: Any) -> Any:
    """The same as a newer server says it: with one more field in every object."""
    if isinstance(value, dict):
        return {key: of_tomorrow(part) for key, part in value.items()} | {"since_tomorrow": {"more": [1]}}
    return [of_tomorrow(part) for part in value] if isinstance(value, list) else value


async def test_a_client_of_today_loses_nothing_of_what_a_newer_server_says(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Namespace._event

    def newer_parts(namespace: str, event: str, body: Message | str) -> tuple[str]:
        said = json.loads(body if isinstance(body, str) else body.model_dump_json())
        return (f'2{namespace},["{event}",{json.dumps(of_tomorrow(said))}]',)

    async def newer_answer(*asked: Any) -> Any:
        return of_tomorrow(await answer(*asked))

    monkeypatch.setattr("dispatch.transport.sockets._parts", newer_parts)
    monkeypatch.setattr(Namespace, "_event", newer_answer)
    caller, console = CallerClient(node.url), await console_of(node)
    opened = await caller.start(StartCall(format=MULAW))
    assert (await console.open_call(opened.call_id)).ok
    await talk(caller, 0.5)
    async with asyncio.timeout(WAIT_S):
        await caller.all_acknowledged()
        await console.until(lambda view: len(view.entries.get(opened.call_id, ())) >= 2)
        await console.until(lambda view: opened.call_id in view.queue)
    assert console.duplicates == 0
    await console.close()
    await caller.close()
