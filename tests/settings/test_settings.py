"""The settings: read once from the environment, checked, and silent about secrets."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from dispatch.settings import Settings, environment_name

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(environment_name(name), raising=False)


def test_without_any_setting_the_server_stays_on_this_machine_with_its_own_databases() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.tls) == ("127.0.0.1", 8000, False)
    assert settings.database_url is None
    assert settings.redis_url is None
    assert settings.ollama_url is None
    assert settings.data_dir.name == "kiwimesh"


def test_every_setting_can_be_set_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "data_dir": "/srv/calls",
        "port": "9000",
        "database_url": "postgresql://u:p@db/calls",
        "redis_url": "redis://cache",
        "trusted_proxies": "10.0.0.0/8, ::1",
        "allowed_origins": "https://a.example, https://b.example",
        "log_format": "json",
        "escalate_all_seats_s": "5",
    }
    for name, value in values.items():
        monkeypatch.setenv(environment_name(name), value)
    settings = Settings()
    assert settings.data_dir == Path("/srv/calls")
    assert settings.port == 9000
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == values["database_url"]
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1"))
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.escalate_all_seats_s == 5


def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIWIMESH_PORT", "9000")
    monkeypatch.setenv("DATABASE_URL", "postgresql://environment")
    settings = Settings(port=9001, database_url="postgresql://option")  # type: ignore[arg-type]
    assert settings.port == 9001
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://option"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("KIWIMESH_PORT", "")
    assert Settings().database_url is None
    assert Settings().port == 8000


def test_passwords_never_show_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@db/calls")
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@cache")
    assert "hunter2" not in f"{Settings()!r} {Settings()}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "70000"),
        ("tls_key", "/etc/key.pem"),
        ("escalate_supervisor_s", "5"),
        ("engine_processes", "0"),
        ("public_number", "call me"),
        ("trusted_proxies", "everybody"),
        ("ollama_url", "127.0.0.1:11434"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_at_the_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment_name(name), value)
    with pytest.raises(ValidationError):
        Settings()


def test_home_folders_are_spelled_out() -> None:
    assert Settings(data_dir=Path("~/calls")).data_dir == Path.home() / "calls"
