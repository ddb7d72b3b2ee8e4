"""Who asks a server how it is learns whether to send calls there, and operators learn what they cannot rely on."""

from pathlib import Path

import pytest

from dispatch.bootstrap import Node
from dispatch.contract.console import Health, ModelSide, ModelsState
from dispatch.observability.clock import VirtualClock
from dispatch.observability.health import DRAINING, PARTS, HealthDesk
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
