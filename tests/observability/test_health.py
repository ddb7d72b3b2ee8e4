"""Who asks a server how it is learns whether to send calls there, and operators learn what they cannot rely on."""

import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.bootstrap import Node
from dispatch.contract.console import Health, ModelSide, ModelsState
from dispatch.observability.clock import VirtualClock
from dispatch.observability.health import (
    DRAINING,
    PARTS,
    STANDING_BY,
    HealthDesk,
    serves_its_purpose,
    standing_by,
)
from dispatch.observability.supervision import TaskSupervisor
from dispatch.settings import Settings

pytestmark = pytest.mark.unit

NO_MODELS = ModelsState(self_hosted=ModelSide.OFF, cloud=ModelSide.OFF, floor_only=True)


def desk(*broken: str) -> HealthDesk:
    def probe(part: str) -> tuple[Health, str]:
        return (Health.DEGRADED, f"{part} is away") if part in broken else (Health.OK, "")

    return HealthDesk("1", {part: lambda part=part: probe(part) for part in PARTS}, lambda: NO_MODELS)  # type: ignore[misc]


def test_only_a_disk_that_keeps_no_sound_sends_calls_elsewhere() -> None:
    assert [part for part in PARTS if not desk(part).report().ready] == ["journal"]
    assert desk("database", "broker").system().messages == ("database is away", "broker is away")


def test_a_server_that_is_about_to_stop_is_not_ready_and_tells_its_operators() -> None:
    health = desk()
    assert health.report().ready
    health.drain()
    report = health.report()
    assert not report.ready
    assert DRAINING in report.parts
    assert health.system().messages == (DRAINING.message,)


async def test_a_server_serves_on_for_as_long_as_a_proxy_needs_to_notice(tmp_path: Path) -> None:
    node, clock = Node(Settings(data_dir=tmp_path, drain_s=15)), VirtualClock()
    node.health, node._clock = desk(), clock
    async with TaskSupervisor() as tasks:
        draining = tasks.start("drain", node.drain())
        await clock.advance(14)
        assert not node.health.report().ready
        assert not draining.done()
        await clock.advance(1)
        await draining


async def test_without_a_proxy_a_server_stops_at_once(tmp_path: Path) -> None:
    node = Node(Settings(data_dir=tmp_path))
    node.health = desk()
    await node.drain()
    assert node.health.report().ready


def test_a_server_that_stands_by_is_never_ready_and_says_whether_it_could_take_over() -> None:
    well = standing_by("1", {"journal": lambda: (Health.OK, ""), "router": lambda: (Health.OFF, "")})
    ill = standing_by("1", {"journal": lambda: (Health.DEGRADED, "no room")})
    assert [well.ready, ill.ready] == [False, False]
    assert serves_its_purpose(well)
    assert not serves_its_purpose(ill)
    assert [part.name for part in ill.parts] == ["journal", STANDING_BY]


def test_a_server_that_hangs_ends_itself_so_that_another_may_have_its_data() -> None:
    hangs = """
import asyncio, time
from dispatch.observability.clock import SystemClock
from dispatch.observability.watchdog import stay_alive

async def serve():
    watched = asyncio.ensure_future(stay_alive(SystemClock(), hangs_after_s=1.5, turn_s=0.05))
    await asyncio.sleep(0.5)
    print("alive", flush=True)
    time.sleep(60)

asyncio.run(serve())
"""
    ended = subprocess.run([sys.executable, "-c", hangs], capture_output=True, timeout=90, check=False)
    assert (ended.returncode, ended.stdout) == (1, b"alive\n")
    assert b"in serve" in ended.stderr
