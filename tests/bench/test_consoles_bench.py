"""`kiwimesh bench consoles`: everything arrives once, through storms and stalled readers. Counts, no times."""

import pytest

from bench.consoles import measure
from dispatch.storage import ServerUrls

pytestmark = pytest.mark.load


async def test_a_floor_that_loses_its_connections_and_stops_reading_misses_no_line_and_gets_none_twice(
    servers: ServerUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", servers.database_url)
    monkeypatch.setenv("KIWIMESH_DATABASE_OWNER_URL", servers.owner_url)
    monkeypatch.setenv("REDIS_URL", servers.redis_url)
    figures = await measure(consoles=30, calls=2, seconds=3.0, storm=0.4, flood_s=0.1)
    assert (figures["lost"], figures["duplicated"], figures["lost_in_flood"]) == (0, 0, 0)
    assert int(str(figures["reconnected"])) >= 12
    assert int(str(figures["stalled"])) >= 1
    assert int(str(figures["lines"])) > 50
    assert set(figures) >= {"deliveries_per_s", "p50_ms", "p99_ms", "rss_mb", "ratio"}
