"""Settings that are not fit for use are refused, and two environments have nothing in common."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.cli import run
from dispatch.cli.checks import State
from dispatch.cli.environment_rules import Folder, findings, weakness
from dispatch.settings import Settings

pytestmark = pytest.mark.unit

STRONG = "n3Qx7vRk2LmZp9Wd"
ROOM = 10 * 1024**3
WELL = Folder(exists=True, mode=0o700, free_bytes=ROOM, tenant_keys=1)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "KIWIMESH_HOST", "KIWIMESH_STRIPE_KEY", "KIWIMESH_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)


def refused(folder: Folder = WELL, **given: Any) -> set[str]:
    found = findings(Settings(**given), folder, None)
    return {finding.name for finding in found if finding.state is State.FAILED}


def test_the_settings_of_a_first_start_are_fit() -> None:
    assert refused() == set()


def test_backups_that_stopped_are_seen() -> None:
    def state(folder: Folder, **given: Any) -> State:
        return next(found.state for found in findings(Settings(**given), folder, None) if found.name == "backups")

    assert state(WELL) is State.WARNING
    assert state(WELL, backup_dir="backups") is State.OK
    assert state(replace(WELL, backup_age_s=3600), backup_dir="backups") is State.OK
    assert state(replace(WELL, backup_age_s=40 * 3600), backup_dir="backups") is State.FAILED


@pytest.mark.parametrize("secret", ["changeme", "Password123!", "kiwimesh", "short", "a" * 40, "secret-2026", "123456"])
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    assert weakness(secret)
    assert refused(stripe_key=secret) == {"KIWIMESH_STRIPE_KEY"}
    assert refused(database_url=f"postgresql://kiwi:{secret}@db.example.org/kiwi") == {"DATABASE_URL"}


@given(st.binary(min_size=24, max_size=24))
def test_a_refused_secret_never_shows_in_what_is_said_about_it(raw: bytes) -> None:
    secret = raw.hex()[:15]
    said = findings(Settings(stripe_key=secret), WELL, None)
    assert all(secret not in f"{finding.message} {finding.way_out}" for finding in said)


def test_a_server_elsewhere_without_a_password_is_refused() -> None:
    assert refused(redis_url="redis://valkey:6379/0") == {"REDIS_URL"}
    assert refused(redis_url="redis://127.0.0.1:6379/0") == set()
    assert refused(redis_url=f"redis://:{STRONG}@valkey:6379/0") == set()


def test_an_address_open_to_the_network_needs_tls_or_a_proxy_that_is_named() -> None:
    assert refused(host="0.0.0.0") == {"binding"}
    assert refused(host="0.0.0.0", tls_certificate="c.pem", tls_key="k.pem") == set()
    assert refused(host="0.0.0.0", trusted_proxies="10.0.0.7") == set()
    assert refused(host="0.0.0.0", trusted_proxies="0.0.0.0/0") == {"binding"}
    assert refused(public_url="http://kiwimesh.example.org") == {"public url"}


def test_a_data_folder_that_others_can_read_is_refused() -> None:
    assert refused(Folder(exists=True, mode=0o755, free_bytes=ROOM, tenant_keys=1)) == {"data folder"}
    open_file = Folder(exists=True, mode=0o700, free_bytes=ROOM, tenant_keys=1, open_files=("tenants.json",))
    assert refused(open_file) == {"data folder"}


def test_too_little_room_for_recordings_is_refused() -> None:
    assert refused(Folder(exists=True, free_bytes=1024**3 - 1, tenant_keys=1)) == {"disk"}


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run(["env", "check", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def settle(folder: Path, key: str) -> str:
    (folder / "secrets").mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    keys = folder / "secrets" / "tenants.json"
    keys.write_text(json.dumps({"c1": key}))
    keys.chmod(0o600)
    return str(folder)


def test_two_environments_with_the_same_database_or_key_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIWIMESH_JOURNAL_MIN_FREE_BYTES", "0")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://kiwi:{STRONG}@DB.example.org/kiwi")
    monkeypatch.setenv("KIWIMESH_STRIPE_KEY", "sk_test_9fKq2LxT7vBnM4")
    code, told = report(capsys, "--data", settle(tmp_path / "staging", "K" * 44))
    assert code == 0
    assert STRONG not in json.dumps(told)
    other = tmp_path / "staging.json"
    other.write_text(json.dumps(told))
    monkeypatch.setenv("DATABASE_URL", "postgresql://live:Zr8mTq4XbN6pWc1y@db.example.org:5432/kiwi")
    monkeypatch.setenv("KIWIMESH_S3_SECRET_KEY", "sk_test_9fKq2LxT7vBnM4")
    monkeypatch.delenv("KIWIMESH_STRIPE_KEY")
    code, told = report(capsys, "--data", settle(tmp_path / "live", "K" * 44), "--against", str(other))
    assert code == 1
    (shared,) = [finding["message"] for finding in told["findings"] if finding["name"] == "other environment"]
    assert "DATABASE_URL, its place" in shared
    assert "KIWIMESH_S3_SECRET_KEY (there: KIWIMESH_STRIPE_KEY)" in shared
    assert "key of c1 of the data folder" in shared


def test_two_environments_with_nothing_in_common_are_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIWIMESH_JOURNAL_MIN_FREE_BYTES", "0")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    _, told = report(capsys, "--data", settle(tmp_path / "staging", "K" * 44))
    other = tmp_path / "staging.json"
    other.write_text(json.dumps(told))
    code, _ = report(capsys, "--data", settle(tmp_path / "live", "L" * 44), "--against", str(other))
    assert code == 0


def test_a_file_that_is_no_report_is_named_with_the_way_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.json"
    other.write_text("[]")
    code, told = report(capsys, "--against", str(other))
    assert (code, told["code"]) == (1, "not_a_report")
    assert "kiwimesh env check --json" in told["way_out"]
