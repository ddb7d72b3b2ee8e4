"""`kiwimesh db` and `kiwimesh backup`: a backup brings everything back, on your own server and on the embedded ones."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from dispatch.calls.call_key import new_call_key
from dispatch.cli import run
from dispatch.settings import TENANT_KEYS
from dispatch.storage import ServerUrls, TenantKeys

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
    assert run(["backup", "fetch", str(data / "back"), "--json", "--data", str(data)]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "no_bucket"


def test_a_backup_of_the_whole_brings_back_rows_and_sound_and_says_which_keys_are_missing(
    fresh_servers: ServerUrls, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    url, backups, elsewhere = fresh_servers.superuser_url, str(tmp_path / "backups"), tmp_path / "elsewhere"
    monkeypatch.setenv("DATABASE_URL", url)
    ask(url, "INSERT INTO dispatch_centre (centre_id, name, public_number) VALUES ('c1', 'North', '112')")
    (data / "secrets").mkdir(mode=0o700)
    _, wrapped = new_call_key(TenantKeys(data / TENANT_KEYS), "c1")
    (data / "calls" / "call-1").mkdir(parents=True)
    (data / "calls" / "call-1" / "key").write_bytes(wrapped)
    assert run(["backup", "make", backups, "--data", str(data)]) == 0
    assert "the database and 1 files" in capsys.readouterr().out
    assert run(["backup", "check", backups, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == 1
    ask(url, "DELETE FROM dispatch_centre")
    told = []
    for _ in range(2):
        assert run(["backup", "restore", backups, "--yes", "--json", "--data", str(elsewhere)]) == 0
        told.append(json.loads(capsys.readouterr().out))
        shutil.copy(data / TENANT_KEYS, elsewhere / TENANT_KEYS)
    assert [(done["files"], done["calls"], done["readable"]) for done in told] == [(1, 1, 0), (0, 1, 1)]
    assert ask(url, "SELECT name FROM dispatch_centre") == "North"
    next((tmp_path / "backups" / "objects").iterdir()).write_bytes(b"x")
    assert run(["backup", "check", backups, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "damaged"
    assert run(["backup", "restore", backups, "--yes", "--json", "--data", str(elsewhere)]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "backup_failed"
