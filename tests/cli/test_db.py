"""`kiwimesh db`: a backup brings everything back, on your own server and on the embedded ones."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from dispatch.cli import run
from dispatch.storage import ServerUrls

pytestmark = pytest.mark.integration

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that an unprivileged account reaches."""
    folder = Path(tempfile.mkdtemp(prefix="kiwimesh-db-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def ask(url: str, query: str) -> object:
    """One value from the database."""

    async def value() -> object:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(value())


def test_a_backup_brings_back_what_was_there(
    fresh_servers: ServerUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    url, file = fresh_servers.superuser_url, tmp_path / "kiwimesh.dump"
    monkeypatch.setenv("DATABASE_URL", url)
    ask(url, "INSERT INTO dispatch_centre (centre_id, name, public_number) VALUES ('c1', 'North', '112')")
    assert run(["db", "backup", str(file)]) == 0
    assert file.stat().st_mode & 0o077 == 0
    ask(url, "DELETE FROM dispatch_centre")
    capsys.readouterr()
    assert run(["db", "restore", str(file), "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert ask(url, "SELECT name FROM dispatch_centre") == "North"


def test_the_embedded_database_of_a_data_folder_is_upgraded_where_no_server_is_named(
    data: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run(["db", "upgrade", "--data", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True}


def test_a_restore_from_nothing_says_so_before_it_touches_anything(data: Path, capsys: Captured) -> None:
    assert run(["db", "restore", str(data / "missing.dump"), "--json", "--data", str(data)]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "no_file"
    assert list(data.iterdir()) == []


def test_a_copy_is_not_looked_for_where_no_bucket_is_set(data: Path, capsys: Captured) -> None:
    assert run(["db", "fetch", str(data / "back.dump"), "--json", "--data", str(data)]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "no_bucket"
