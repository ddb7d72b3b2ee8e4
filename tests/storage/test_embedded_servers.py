"""Embedded servers: real ones, killed and started again."""

import asyncio
import importlib.util
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from dispatch.observability.clock import SystemClock
from dispatch.storage import DataInUse, EmbeddedServers, ServerNotStarted, ServerUrls
from dispatch.storage import server_account as server_account_module
from dispatch.storage.child_process import ChildProcess, gone, workers_in
from dispatch.storage.data_root import DataRoot
from dispatch.storage.embedded_postgres import find_postgres, server_says_ready
from dispatch.storage.server_account import ServerAccount, choose_account
from tests.fixtures_servers import quick_folder

pytestmark = pytest.mark.integration

CHILD = Path(__file__).with_name("embedded_child.py")
AS_ORDINARY_USER = ServerAccount("namespace", 65534, 65534)


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A data directory after its first start; tests copy it, because making a cluster takes most of a start."""
    folder = quick_folder()
    servers = EmbeddedServers(folder / "data")
    asyncio.run(servers.start())
    asyncio.run(servers.stop())
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an unprivileged account can reach."""
    folder = quick_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(folder: Path, made: Path) -> Path:
    """A data directory of its own for the test, as an earlier run left it."""
    subprocess.run(["cp", "-a", made, folder / "data"], check=True)
    return folder / "data"


def start_child(data: Path, account: ServerAccount | None = None) -> tuple[subprocess.Popen[str], ServerUrls]:
    arguments = [str(CHILD), str(data)]
    command = [sys.executable, *arguments] if account is None else account.launch(9, Path(sys.executable), arguments)
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = child.stdout.readline()
    assert line, child.stderr.read()
    return child, ServerUrls(**json.loads(line))


async def answer(urls: ServerUrls, query: str) -> object:
    connection = await asyncpg.connect(urls.superuser_url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def cluster_of(data: Path) -> Path:
    return data / "postgres" / f"cluster-{find_postgres().major}"


async def until_gone(data: Path) -> bool:
    places = (("postgres", cluster_of(data)), ("valkey-server", data / "valkey"))
    return await gone(lambda: not any(any(workers_in(*place)) for place in places), SystemClock())


async def test_both_servers_answer_and_their_data_survive_a_restart(data):
    async with EmbeddedServers(data) as urls:
        assert await answer(urls, "SHOW data_checksums") == "on"
        await answer(urls, "CREATE TABLE kept AS SELECT 1 AS n")
        broker = redis.asyncio.Redis.from_url(urls.redis_url)
        await broker.set("kept", "yes")
        await broker.aclose()
    async with EmbeddedServers(data) as urls:
        assert await answer(urls, "SELECT n FROM kept") == 1
        broker = redis.asyncio.Redis.from_url(urls.redis_url)
        assert await broker.get("kept") == b"yes"
        await broker.aclose()
    assert await until_gone(data)


async def test_a_killed_process_takes_its_servers_with_it_and_the_next_one_finds_its_data(data):
    child, urls = start_child(data)
    await answer(urls, "CREATE TABLE kept AS SELECT 1 AS n")
    child.send_signal(signal.SIGKILL)
    child.communicate()
    async with EmbeddedServers(data) as urls:
        assert await answer(urls, "SELECT n FROM kept") == 1
    assert "database system was not properly shut down" not in (data / "logs" / "postgres.log").read_text()
    assert await until_gone(data)


async def test_a_killed_process_leaves_no_server_behind(data):
    child, _ = start_child(data)
    assert any(workers_in("postgres", cluster_of(data)))
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert await until_gone(data)


async def test_a_second_process_on_the_same_data_fails_with_one_line_that_names_the_first(data):
    async with EmbeddedServers(data):
        second = await asyncio.create_subprocess_exec(sys.executable, CHILD, data, stdout=PIPE, stderr=PIPE)
        output, errors = await second.communicate()
    assert (second.returncode, output) == (1, b"")
    (line,) = errors.decode().strip().splitlines()
    assert line.startswith("data_in_use:")
    assert f"process {os.getpid()}" in line


async def test_data_under_a_closed_home_are_served_too(folder):
    folder.chmod(0o700)
    async with EmbeddedServers(folder / "data") as urls:
        assert await answer(urls, "SELECT 1") == 1


async def test_an_ordinary_user_is_served_too(folder):
    folder.chmod(0o700)
    child, urls = start_child(folder / "data", AS_ORDINARY_USER if os.geteuid() == 0 else None)
    assert await answer(urls, "SELECT 1") == 1
    child.communicate()
    assert child.returncode == 0


async def test_servers_killed_outright_with_their_files_left_behind_start_again(data):
    child, urls = start_child(data)
    await answer(urls, "CREATE TABLE kept AS SELECT 1 AS n")
    postmaster = int((cluster_of(data) / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    (cluster_of(data) / "postmaster.pid").write_text(f"{os.getpid()}\nready\n")
    async with EmbeddedServers(data) as urls:
        assert await answer(urls, "SELECT n FROM kept") == 1


async def test_a_fallen_server_is_started_again_under_the_same_address(data):
    servers = EmbeddedServers(data)
    async with servers as urls, asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(servers.watch())
        postmaster = int((cluster_of(data) / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
        for _ in range(500):
            if await answer_or_none(urls, "SELECT 1") == 1:
                break
            await asyncio.sleep(0.02)
        assert int((cluster_of(data) / "postmaster.pid").read_text().splitlines()[0]) != postmaster
        watching.cancel()


async def answer_or_none(urls: ServerUrls, query: str) -> object:
    try:
        return await answer(urls, query)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None


def test_a_postgresql_of_the_machine_serves_where_none_is_bundled(data, monkeypatch):
    if shutil.which("postgres") is None:
        programs = find_postgres().folder
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    folder = Path(shutil.which("postgres")).resolve().parent
    assert find_postgres().folder == folder


async def test_a_cluster_whose_making_was_interrupted_is_made_anew(folder):
    unfinished = folder / "data" / "postgres" / "unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    async with EmbeddedServers(folder / "data") as urls:
        assert await answer(urls, "SELECT 1") == 1


async def test_a_long_path_does_not_keep_the_servers_from_starting(folder, data):
    deep = folder / ("long-" * 20)
    deep.mkdir(mode=0o755)
    async with EmbeddedServers(data.rename(deep / "data")) as urls:
        assert await answer(urls, "SELECT 1") == 1


async def test_the_data_directory_is_closed_to_others_and_no_password_shows(data):
    async with EmbeddedServers(data) as urls:
        assert stat.S_IMODE(data.stat().st_mode) & 0o007 == 0
        assert stat.S_IMODE(cluster_of(data).stat().st_mode) == 0o700
        assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (data / "secrets").iterdir())
        assert "password" not in repr(urls)
        assert urls.database_url not in repr(urls)


async def test_the_servers_listen_on_no_network_address(data):
    async with EmbeddedServers(data) as urls:
        assert await answer(urls, "SHOW listen_addresses") == ""
        broker = redis.asyncio.Redis.from_url(urls.redis_url)
        assert (await broker.config_get("port")) == {"port": "0"}
        await broker.aclose()


def test_a_stale_file_of_an_older_server_does_not_count_as_ready(tmp_path):
    (tmp_path / "postmaster.pid").write_text("\n".join(["4711", *["x"] * 6, "ready   "]))
    assert not server_says_ready(tmp_path, 4712)
    assert server_says_ready(tmp_path, 4711)


def test_a_data_directory_has_one_holder(tmp_path):
    with DataRoot(tmp_path / "data"), pytest.raises(DataInUse, match=f"process {os.getpid()}"):
        DataRoot(tmp_path / "data").hold()
    with DataRoot(tmp_path / "data"):
        pass


def test_data_keep_the_account_that_they_were_made_under(tmp_path, monkeypatch):
    monkeypatch.setattr(server_account_module.os, "geteuid", lambda: 0)
    existing = tmp_path / "valkey"
    existing.mkdir()
    kind = "account" if existing.stat().st_uid == 65534 else "namespace"
    assert choose_account(tmp_path, existing, []).kind == kind


def test_root_that_cannot_step_down_is_told_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(server_account_module.os, "geteuid", lambda: 0)
    monkeypatch.setattr(server_account_module, "namespace_allowed", lambda account: False)
    monkeypatch.setattr(server_account_module, "open_to_others", lambda path: False)
    with pytest.raises(ServerNotStarted, match="DATABASE_URL"):
        choose_account(tmp_path, tmp_path / "valkey", [])


async def test_a_program_that_does_not_start_is_named_with_its_log(tmp_path):
    child = ChildProcess("Nothing", [sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "log", tmp_path)
    with pytest.raises(ServerNotStarted, match="Nothing ended while starting"):
        await child.until_ready(lambda: False, SystemClock())
