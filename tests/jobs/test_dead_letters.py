"""Dead letters as administrators see them: over HTTP and on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from dispatch.bootstrap import Node
from dispatch.cli.jobs import jobs
from dispatch.identity import Role
from dispatch.jobs import NewJob, Tenant, enqueue
from dispatch.storage import Database, ServerUrls
from dispatch.storage.context import WORKER
from dispatch.storage.tables import JobRow
from tests.api.test_guarded_routes import ask, token_of

pytestmark = pytest.mark.integration


async def bury(database: Database, key: str) -> str:
    """A dead letter; its id."""
    async with database.transaction(WORKER) as session:
        await enqueue(session, NewJob("test.buried", key, {"id": "x"}, Tenant("hospital", "h1"), correlation_id="c-1"))
        dead = update(JobRow).where(JobRow.idempotency_key == key).values(state="dead", error_code="boom", attempts=8)
        return str(await session.scalar(dead.returning(JobRow.job_id)))


async def test_an_administrator_sees_dead_letters_and_tries_one_again(node: Node) -> None:
    job_id = await bury(node.database, "over-http")
    token = await token_of(node, Role.SUPER_ADMIN)
    _, page = await ask(node, token, "/v1/jobs?kind=test.buried")
    (found,) = [job for job in page["jobs"] if job["job_id"] == job_id]
    assert (found["state"], found["error_code"], found["tenant_id"], found["correlation_id"]) == (
        "dead", "boom", "h1", "c-1",
    )  # fmt: skip
    status, job = await ask(node, token, f"/v1/jobs/{job_id}/requeue", "POST")
    assert (status, job["state"], job["attempts"]) == (200, "waiting", 0)
    assert (await ask(node, token, f"/v1/jobs/{job_id}/requeue", "POST"))[0] == 404


@pytest.mark.parametrize("job_id", ["0", "x", "9" * 30])
async def test_a_job_that_is_not_there_is_not_found(node: Node, job_id: str) -> None:
    token = await token_of(node, Role.SUPER_ADMIN)
    assert (await ask(node, token, f"/v1/jobs/{job_id}/requeue", "POST"))[0] == 404


async def test_others_see_nothing_of_it(node: Node) -> None:
    assert (await ask(node, await token_of(node, Role.HOSPITAL_ADMIN), "/v1/jobs"))[0] == 403


def test_the_command_line_lists_dead_letters_and_tries_one_again(
    fresh_servers: ServerUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    async def prepare() -> str:
        database = Database(fresh_servers.superuser_url)
        job_id = await bury(database, "on-the-command-line")
        await database.close()
        return job_id

    monkeypatch.setenv("DATABASE_URL", fresh_servers.superuser_url)
    job_id = asyncio.run(prepare())
    listed = json.loads(CliRunner().invoke(jobs, ["list", "--json"]).output)["jobs"]
    assert [job["job_id"] for job in listed] == [job_id]
    assert "test.buried" in CliRunner().invoke(jobs, ["list"]).output
    assert json.loads(CliRunner().invoke(jobs, ["requeue", job_id, "--json"]).output)["ok"]
    assert CliRunner().invoke(jobs, ["requeue", job_id]).exit_code == 1
    assert "No job is dead" in CliRunner().invoke(jobs, ["list"]).output


def test_dead_letters_of_a_kind_are_tried_again_together_and_stale_ones_laid_aside(
    fresh_servers: ServerUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    async def prepare() -> list[str]:
        database = Database(fresh_servers.superuser_url)
        ids = [await bury(database, f"number-{number}") for number in range(3)]
        await database.close()
        return ids

    def done(*arguments: str) -> dict[str, object]:
        told: dict[str, object] = json.loads(CliRunner().invoke(jobs, [*arguments, "--json"]).output)
        return told

    def listed(state: str) -> list[object]:
        return [job["job_id"] for job in done("list", "--state", state)["jobs"]]  # type: ignore[attr-defined]

    monkeypatch.setenv("DATABASE_URL", fresh_servers.superuser_url)
    first, *others = asyncio.run(prepare())
    assert done("drop", first) == {"ok": True, "jobs": 1}
    assert CliRunner().invoke(jobs, ["drop", first]).exit_code == 1
    assert listed("done") == [first]
    assert done("requeue", "--kind", "test.buried") == {"ok": True, "jobs": 2}
    assert sorted(map(str, listed("waiting"))) == sorted(others)
    for wrong in (["requeue"], ["requeue", first, "--kind", "x"], ["drop", "--kind", "test.buried"]):
        assert CliRunner().invoke(jobs, wrong).exit_code == 1
