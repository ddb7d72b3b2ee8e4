"""The drill with calls: backed up, destroyed, put back elsewhere; then a call is heard and read as before."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.bootstrap import Node
from dispatch.calls.shipper import MARKER
from dispatch.contract.base import CallId
from dispatch.contract.console import Health
from dispatch.identity import Role
from dispatch.storage import ServerUrls
from dispatch.storage.backup import backup
from dispatch.storage.backup_folder import BackupFolder, name_of
from dispatch.storage.context import LEDGER
from dispatch.storage.data_root import DataRoot
from dispatch.storage.whole_backup import make, restore_whole
from tests.api.test_guarded_routes import token_of
from tests.fixtures_node import node_settings, scripted_transcription
from tests.fixtures_servers import execute
from tests.transport.test_two_servers import report_of

from .test_sound import WAIT_S, answered_and_closed, calling, hear

pytestmark = pytest.mark.integration


async def closed_call(node: Node) -> CallId:
    """A call that was answered, ended and told to the database whole."""
    caller, call_id, _ = await calling(node)
    console = await answered_and_closed(node, caller, call_id)
    await console.close()
    await caller.close()
    await told(node, call_id)
    return call_id


async def told(node: Node, call_id: CallId) -> None:
    async with asyncio.timeout(WAIT_S):
        while call_id in node.switchboard.calls:  # noqa: ASYNC110 - the shipper brings it about
            await asyncio.sleep(0.02)


def node_on(servers: ServerUrls, data: Path) -> Node:
    """A server that has no broker: it needs none."""
    settings = node_settings(servers, data, redis_url=None)
    return Node(settings, demo=True, transcription=scripted_transcription())


async def as_told(node: Node, call_id: CallId) -> tuple[object, list[int]]:
    """A call's log and its sound, as a supervisor gets them."""
    token = await token_of(node, Role.SUPERVISOR)
    record = await node.timelines.entries(call_id, scope=LEDGER)
    assert record
    status, sound = await hear(node, token, f"/v1/calls/{call_id}/sound")
    assert status == 200
    return record, sound.tolist()


async def test_calls_are_heard_and_read_after_backup_destruction_and_restore(
    fresh_servers: ServerUrls, tmp_path: Path
) -> None:
    data, elsewhere, backups = tmp_path / "data", tmp_path / "elsewhere", tmp_path / "backups"
    node = node_on(fresh_servers, data)
    await node.start()
    first = await closed_call(node)
    name = name_of(datetime.now(UTC))
    backups.mkdir()
    await backup(fresh_servers.superuser_url, BackupFolder(backups).dump(name))
    second = await closed_call(node)
    await make(fresh_servers.superuser_url, data, backups, name, 0)
    before = [await as_told(node, call_id) for call_id in (first, second)]
    await node.stop()

    elsewhere.mkdir(mode=0o700)
    (data / "secrets").rename(elsewhere / "secrets")
    shutil.rmtree(data)
    await execute(fresh_servers.superuser_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    with DataRoot(elsewhere):
        done = await restore_whole(fresh_servers.superuser_url, backups, name, elsewhere, MARKER)
    assert done.told_again >= 1, "the second call was closed after the dump, which knows nothing of it"
    again = node_on(fresh_servers, elsewhere)
    await again.start()
    await told(again, second)
    assert [await as_told(again, call_id) for call_id in (first, second)] == before
    report = await report_of(again.url)
    assert {part.name: part.state for part in report.parts}["broker"] is Health.OFF
    assert not list(elsewhere.glob("postgres*")), "no embedded database is started beside a real one"
    await again.stop()
