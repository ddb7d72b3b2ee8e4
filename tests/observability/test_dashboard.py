"""The dashboard and the alerts ask only for figures that the server has, and every alert is explained."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dispatch.model_routing import router_metrics
from dispatch.observability.metrics import REGISTRY, SPEECH
from tests.observability.test_speech_figures import status, stream

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
PANELS = json.loads((ROOT / "deploy" / "grafana" / "kiwimesh.json").read_text())["panels"]
ALERTS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"][0]["rules"]
ASKED = {
    name
    for text in [target["expr"] for panel in PANELS for target in panel["targets"]] + [rule["expr"] for rule in ALERTS]
    for name in re.findall(r"\b(?:kiwimesh|llm)_\w+", text)
}
ENDINGS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


@pytest.fixture
def shown() -> Iterator[set[str]]:
    """Every name that a page of metrics can hold."""
    SPEECH.watch(lambda: status(stream("c.caller", "c", 0.6)))
    router_metrics()
    yield {family.name + ending for family in REGISTRY.collect() for ending in ENDINGS[family.type]}
    SPEECH.watch(None)


def test_every_figure_that_is_asked_for_exists(shown: set[str]) -> None:
    assert ASKED - shown == set()


def test_every_figure_but_those_of_single_calls_is_on_the_dashboard(shown: set[str]) -> None:
    asked = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    families = {re.sub(r"_(bucket|count|sum|total)$", "", name) for name in shown}
    missing = {name for name in families if not name.startswith("kiwimesh_speech_call_") and name not in asked}
    assert missing == set()


def test_every_panel_says_what_it_shows_and_lies_beside_the_others() -> None:
    assert all(panel["title"] and panel["description"] for panel in PANELS)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in PANELS}
    assert len(places) == len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_every_alert_is_explained_in_the_operations_page() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    assert [rule["alert"] for rule in ALERTS if f"`{rule['alert']}`" not in page] == []
    assert {rule["labels"]["severity"] for rule in ALERTS} == {"page", "look"}
