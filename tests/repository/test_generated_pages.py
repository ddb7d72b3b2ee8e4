"""Pages generated from code say what the code says."""

import re
from pathlib import Path

import pytest

from dispatch.contract.problems import WAY_OUT, ProblemCode
from dispatch.contract.registry import EVENTS, EventSpec
from dispatch.contract.routes import ROUTES
from dispatch.settings import Settings, environment_name, settings_page

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
ROUTES_PAGE = (ROOT / "docs" / "protocol" / "routes.md").read_text()
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text()


def test_the_settings_page_is_the_one_that_the_code_generates() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page()


def test_every_setting_is_explained() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"`{environment_name(name)}`" in settings_page()


@pytest.mark.parametrize("spec", EVENTS, ids=lambda spec: f"{spec.namespace} {spec.direction} {spec.name}")
def test_the_protocol_page_names_every_event(spec: EventSpec) -> None:
    assert f"`{spec.name}`" in PROTOCOL


def test_the_page_of_routes_names_every_route() -> None:
    assert [route.path for route in ROUTES if f"`{route.method} {route.path}`" not in ROUTES_PAGE] == []


def test_the_protocol_page_names_every_problem_with_its_way_out() -> None:
    assert [code for code in ProblemCode if f"| `{code}` | {WAY_OUT[code]} |" not in PROTOCOL] == []


def test_the_readme_links_to_pages_that_exist() -> None:
    linked = re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text())
    assert [link for link in linked if not (ROOT / link).exists()] == []
