"""The container files: what they name exists, and the server runs without rights that it does not need."""

import re
from pathlib import Path

import pytest
import yaml

from dispatch.cli import run
from dispatch.cli.checks import State
from dispatch.cli.environment_rules import Folder, findings
from dispatch.contract.routes import ROUTES
from dispatch.observability.health import STANDING_BY
from dispatch.settings import Settings, environment_name
from dispatch.transport.sockets import PING_INTERVAL_S, PING_TIMEOUT_S

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("server", "standby", "worker")
PROXY = (ROOT / "deploy" / "haproxy.cfg").read_text()
SETTINGS = {environment_name(name) for name in Settings.model_fields}


def test_the_image_runs_as_an_ordinary_user_and_asks_itself_how_it_is() -> None:
    final = DOCKERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER [1-9]\d*$", final, re.MULTILINE)
    assert '"kiwimesh", "health"' in final


def test_the_image_copies_only_what_exists() -> None:
    sources = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_image_and_compose_set_only_settings_that_exist() -> None:
    named = set(re.findall(r"\b(?:KIWIMESH_[A-Z_]+|DATABASE_URL|REDIS_URL)\b", DOCKERFILE))
    for name in OURS:
        named |= set(SERVICES[name]["environment"])
    assert named <= SETTINGS
    assert set(SERVICES["begin"]["environment"]) - SETTINGS == {"KIWIMESH_ADMIN_EMAIL", "KIWIMESH_ADMIN_PASSWORD"}


@pytest.mark.parametrize("name", [*OURS, "begin"])
def test_what_the_containers_are_told_to_do_is_a_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = SERVICES[name].get("command", ["serve"])
    assert run([*told, "--help"]) == 0
    assert f"kiwimesh {' '.join(told[:2])}" in " ".join(capsys.readouterr().out.split())


def test_an_empty_database_is_made_ready_once_and_nothing_starts_before_it() -> None:
    begin = SERVICES["begin"]
    assert begin["command"][:2] == ["tenants", "begin"]
    assert begin["restart"] == "no"
    assert "volumes" not in begin
    waits = {name: set(SERVICES[name]["depends_on"]) for name in (*OURS, "proxy")}
    assert "begin" in waits["server"]
    assert all(waits[name] == {"server"} for name in ("standby", "worker", "proxy"))


def test_every_service_says_when_it_is_well_before_others_wait_for_it() -> None:
    for service in SERVICES.values():
        for name, condition in service.get("depends_on", {}).items():
            ends = SERVICES[name].get("restart") == "no"
            assert condition == {"condition": "service_completed_successfully" if ends else "service_healthy"}
            assert ends or name in OURS[:2] or SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", [*OURS, "begin", "proxy"])
def test_what_faces_callers_has_a_read_only_root_and_no_capabilities(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_both_servers_share_the_calls_and_all_share_the_keys() -> None:
    volumes = {name: [volume.split(":") for volume in SERVICES[name]["volumes"]] for name in OURS}
    mounts = {name: {target: source for source, target, *_ in volumes[name]} for name in OURS}
    assert {mounts[name]["/var/lib/kiwimesh"] for name in OURS} == {"calls"}
    assert [mount for mount in volumes["worker"] if mount[2:]] == [["calls", "/var/lib/kiwimesh", "ro"]]
    for shared in ("secrets", "files", "backups"):
        assert {mount[f"/var/lib/kiwimesh/{shared}"] for mount in mounts.values()} == {shared}
        assert f"/var/lib/kiwimesh/{shared}" in DOCKERFILE
    named = {volume for mount in mounts.values() for volume in mount.values()}
    assert named | {"database"} == set(COMPOSE["volumes"])


def test_either_server_may_be_first_and_the_other_stands_by() -> None:
    server, standby = ({**SERVICES[name], "depends_on": None} for name in ("server", "standby"))
    assert server == standby
    assert server["environment"]["KIWIMESH_STAND_BY"] == "true"


def test_the_keys_are_made_by_one_server_before_another_process_looks_for_them() -> None:
    for name in ("standby", "worker"):
        assert SERVICES[name]["depends_on"] == {"server": {"condition": "service_healthy"}}


def test_only_the_proxy_is_published_and_only_to_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["proxy"]
    assert all(port.startswith("127.0.0.1:") for port in published["proxy"])


def test_no_password_is_in_the_file_and_none_may_be_left_out() -> None:
    text = (ROOT / "compose.yaml").read_text()
    asked = re.findall(r"\$\{(\w*PASSWORD)(:\?)?", text)
    assert {name for name, _ in asked} == {"POSTGRES_PASSWORD", "VALKEY_PASSWORD", "KIWIMESH_ADMIN_PASSWORD"}
    assert all(demanded for name, demanded in asked if name != "KIWIMESH_ADMIN_PASSWORD")  # without it: no admin


def test_the_servers_believe_the_proxys_network_alone() -> None:
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    assert SERVICES["server"]["environment"]["KIWIMESH_TRUSTED_PROXIES"] == network["subnet"]
    assert "http-request del-header X-Forwarded-For" in PROXY


def test_the_settings_of_compose_pass_the_check_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["server"]["environment"].items():
        filled = re.sub(r"\$\{\w*PASSWORD[^}]*\}", "n3Qx7vRk2LmZp9Wd", value)
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", filled))
    monkeypatch.setenv("KIWIMESH_HOST", re.findall(r"KIWIMESH_HOST=(\S+)", DOCKERFILE)[0])
    found = findings(Settings(), Folder(exists=True, free_bytes=2**40, tenant_keys=1), None)
    assert [finding for finding in found if finding.state is not State.OK] == []


def test_the_proxy_sends_everybody_to_whoever_is_ready_and_prefers_nobody() -> None:
    ready, holder = (PROXY.split(f"\nbackend {name}\n")[1].split("\n\n")[0] for name in ("servers", "holder"))
    for backend in (ready, holder):
        assert re.findall(r"^ +server (\w+) (\w+:8000)$", backend, re.MULTILINE) == [
            ("server", "server:8000"), ("standby", "standby:8000"),
        ]  # fmt: skip
    assert "option httpchk GET /health/ready" in ready
    assert "stick" not in PROXY.replace("sticky table", "")
    assert "shutdown-sessions" not in PROXY
    assert {route.path for route in ROUTES} >= {"/health/ready", "/health/live"}


def test_with_nobody_ready_the_proxy_takes_who_does_not_stand_by() -> None:
    assert "use_backend holder if { nbsrv(servers) eq 0 }" in PROXY
    assert f"http-check expect ! string {STANDING_BY}\n" in PROXY


def test_the_proxy_outlasts_the_servers_own_pings() -> None:
    (tunnel,) = re.findall(r"^\s+timeout tunnel (\d+)s$", PROXY, re.MULTILINE)
    assert int(tunnel) > PING_INTERVAL_S + PING_TIMEOUT_S


def test_every_process_of_ours_offers_its_figures_and_its_health() -> None:
    port = int(SERVICES["worker"]["environment"]["KIWIMESH_WORKER_PORT"])
    assert port == Settings.model_fields["port"].default  # where `kiwimesh health` asks
    assert all("healthcheck" not in SERVICES[name] for name in OURS)
