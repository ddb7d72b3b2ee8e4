"""The documents and the client types say what the contract says."""

import json
from pathlib import Path
from typing import Any

import pytest

from dispatch.contract.generate.__main__ import ROOT, drifted, products, write
from dispatch.contract.generate.schemas import collect
from dispatch.contract.registry import EVENTS, Direction
from dispatch.contract.routes import ROUTES

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def wanted() -> dict[str, str]:
    return products()


@pytest.fixture(scope="module")
def asyncapi(wanted: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(wanted["docs/protocol/asyncapi.json"])
    return document


@pytest.fixture(scope="module")
def openapi(wanted: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(wanted["docs/protocol/openapi.json"])
    return document


def unresolved(document: dict[str, Any]) -> list[str]:
    def walk(node: Any) -> list[str]:
        if isinstance(node, list):
            return [missing for item in node for missing in walk(item)]
        if not isinstance(node, dict):
            return []
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) and not resolves(document, node["$ref"]) else []
        return here + [missing for value in node.values() for missing in walk(value)]

    return walk(document)


def resolves(document: dict[str, Any], reference: str) -> bool:
    node: Any = document
    for key in reference.removeprefix("#/").split("/"):
        if key not in node:
            return False
        node = node[key]
    return True


def test_committed_documents_and_types_are_those_of_the_contract(wanted: dict[str, str]) -> None:
    assert drifted(ROOT, wanted) == [], "run `python -m dispatch.contract.generate` and commit"


def test_a_changed_or_missing_product_is_noticed(tmp_path: Path, wanted: dict[str, str]) -> None:
    write(tmp_path, wanted)
    assert drifted(tmp_path, wanted) == []
    (tmp_path / "docs/protocol/openapi.json").write_text("{}")
    (tmp_path / "web/sdk/src/contract.ts").unlink()
    assert drifted(tmp_path, wanted) == ["docs/protocol/openapi.json", "web/sdk/src/contract.ts"]


def test_every_event_is_an_operation_with_its_acknowledgement(asyncapi: dict[str, Any]) -> None:
    operations = asyncapi["operations"]
    assert len(operations) == len(EVENTS)
    for event in EVENTS:
        operation = operations[f"{event.namespace.strip('/')}.{event.direction.value}.{event.name}"]
        assert operation["action"] == ("receive" if event.direction is Direction.TO_SERVER else "send")
        assert ("reply" in operation) == (event.ack is not None)


def test_every_route_is_in_openapi(openapi: dict[str, Any]) -> None:
    described = {(path, method) for path, methods in openapi["paths"].items() for method in methods}
    assert described == {(route.path, route.method.lower()) for route in ROUTES}


def test_every_reference_leads_somewhere(asyncapi: dict[str, Any], openapi: dict[str, Any]) -> None:
    assert unresolved(asyncapi) == []
    assert unresolved(openapi) == []


def test_what_the_server_sends_has_every_field_and_what_a_client_sends_may_leave_out_defaults() -> None:
    definitions = collect().definitions
    assert set(definitions["CallSummary"]["required"]) == set(definitions["CallSummary"]["properties"])
    assert "required" not in definitions["StartCall"]


def test_sound_is_described_as_bytes_and_not_as_text(asyncapi: dict[str, Any]) -> None:
    frame = asyncapi["components"]["schemas"]["AudioFrame"]["properties"]["audio"]
    assert frame["format"] == "binary"
    assert frame["maxLength"] == 32 * 1024


def test_definitions_are_named_once(asyncapi: dict[str, Any], openapi: dict[str, Any]) -> None:
    schemas = asyncapi["components"]["schemas"]
    assert all(schemas[name] == schema for name, schema in openapi["components"]["schemas"].items())
