"""The wire client of benches, scenarios and the command line: it does not give up where a browser would not."""

import asyncio

import pytest

from dispatch.bootstrap import Node
from dispatch.client import ANSWER_S as USUAL_S
from dispatch.client import CallerClient
from dispatch.contract.caller import CallOpened, ResumeCall, StartCall
from dispatch.transport.caller import CallerConnection, CallerNamespace
from tests.calls_on_disk import frames_on_disk
from tests.fixtures_node import LOUD, MULAW, talk

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
