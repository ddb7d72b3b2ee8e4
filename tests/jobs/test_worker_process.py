"""A worker in a process of its own, by the command that people use."""

import os
import signal
import subprocess
import sys

import pytest

from dispatch.jobs import NewJob
from dispatch.storage import Database, ServerUrls

from .conftest import Shop

pytestmark = pytest.mark.acceptance


async def test_the_worker_command_carries_jobs_out_and_stops_cleanly(fresh_servers: ServerUrls) -> None:
    database = Database(fresh_servers.database_url)
    shop = Shop(database)
    environment = os.environ | {"DATABASE_URL": fresh_servers.database_url}
    process = subprocess.Popen([sys.executable, "-m", "dispatch", "worker"], env=environment)  # noqa: ASYNC220
    try:
        await shop.ask(NewJob("jobs.clean", "now"))

        async def cleaned() -> bool:
            return next(row.state for row in await shop.rows() if row.idempotency_key == "now") == "done"

        await shop.until(cleaned)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        await database.close()
