"""The container files: what they name exists, and the server runs without rights that it does not need."""

import re
from pathlib import Path

import pytest
import yaml

from dispatch.settings import Settings, environment_name

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
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
    named |= set(COMPOSE["services"]["server"]["environment"])
    assert named <= SETTINGS


def test_every_service_says_when_it_is_well_before_others_wait_for_it() -> None:
    services = COMPOSE["services"]
    for name, condition in services["server"]["depends_on"].items():
        assert condition == {"condition": "service_healthy"}
        assert services[name]["healthcheck"]["test"]


def test_the_server_has_a_read_only_root_and_no_capabilities() -> None:
    server = COMPOSE["services"]["server"]
    assert server["read_only"] is True
    assert server["cap_drop"] == ["ALL"]
    assert [volume.split(":")[0] for volume in server["volumes"]] == ["calls"]
    assert set(COMPOSE["volumes"]) == {"calls", "database"}
