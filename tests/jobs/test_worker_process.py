"""A worker in a process of its own, by the command that people use."""

import os
import signal
import subprocess
import sys

import httpx
import pytest

from dispatch.jobs import NewJob
from dispatch.storage import Database, ServerUrls
from tests.fixtures_process import free_port

from .conftest import Shop

pytestmark = pytest.mark.acceptance

SLOW_START_S = 90.0
"""A process that imports everything takes a while where all cores are busy."""


async def test_the_worker_command_works_says_how_it_is_and_stops_cleanly(
    fresh_servers: ServerUrls,
) -> None:
    database = Database(fresh_servers.database_url)
    shop = Shop(database)
    port = free_port()
    environment = os.environ | {"DATABASE_URL": fresh_servers.database_url, "KIWIMESH_WORKER_PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "dispatch", "worker"], env=environment)  # noqa: ASYNC220
    try:
        await shop.ask(NewJob("jobs.clean", "now"))

        async def cleaned() -> bool:
            return next(row.state for row in await shop.rows() if row.idempotency_key == "now") == "done"

        await shop.until(cleaned, SLOW_START_S)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            report, figures = await http.get("/health/ready"), await http.get("/metrics")
            assert (await http.get("/v1/me")).status_code == 404
        assert report.status_code == 200
        assert [part["name"] for part in report.json()["parts"]] == ["database"]
        assert 'kiwimesh_job_tries_total{kind="jobs.clean",outcome="done"}' in figures.text
        assert 'kiwimesh_pool_size{pool="jobs"}' in figures.text
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        await database.close()
