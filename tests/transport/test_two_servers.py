"""Two servers on one database, as in compose.yaml: what goes on at the other when the first is gone, and what not."""

import shutil
from pathlib import Path

import pytest

from dispatch.bootstrap import Node
from dispatch.client import CallerClient, ClientError, ConsoleClient
from dispatch.contract.caller import ResumeCall, StartCall
from dispatch.contract.problems import ProblemCode
from dispatch.contract.roles import Role
from dispatch.storage import ServerUrls
from tests.calls.test_calls_over_the_wire import until
from tests.fixtures_node import MULAW, node_settings, scripted_transcription, signed_in, talk

pytestmark = pytest.mark.integration


async def test_who_lost_a_server_signs_in_nowhere_again_and_callers_are_told_to_call_again(
    fresh_servers: ServerUrls, tmp_path: Path
) -> None:
    first = Node(node_settings(fresh_servers, tmp_path / "a"), demo=True, transcription=scripted_transcription())
    await first.start()
    assert first.demo_world is not None
    login = first.demo_world.login(Role.OPERATOR)
    session = await signed_in(first.url, login.email, login.password)
    caller = CallerClient(first.url)
    opened = await caller.start(StartCall(format=MULAW))
    await talk(caller, 1.0)
    await caller.all_acknowledged()
    shutil.copytree(tmp_path / "a" / "secrets", tmp_path / "b" / "secrets")
    second = Node(node_settings(fresh_servers, tmp_path / "b"), transcription=scripted_transcription())
    await second.start()
    await caller.close()
    await first.stop()
    try:
        console = ConsoleClient(second.url, session.access_token)
        await console.connect()
        again = CallerClient(second.url)
        with pytest.raises(ClientError) as refused:
            await resume(again, ResumeCall(call_id=opened.call_id, resume_token=opened.resume_token))
        assert refused.value.problem.code is ProblemCode.WRONG_RESUME_TOKEN
        new = await again.start(StartCall(format=MULAW))
        await until(lambda: new.call_id in console.view.queue)
        await console.close()
        await again.close()
    finally:
        await second.stop()


async def resume(caller: CallerClient, request: ResumeCall) -> None:
    """As a client does whose connection broke."""
    await caller._wire.connect()
    await caller._wire.ask("call.resume", request)
