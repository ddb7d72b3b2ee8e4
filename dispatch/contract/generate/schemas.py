"""JSON Schema of every message, named once, in the two shapes that a message can have.

In: the registry of events and the table of routes. Out: `Schemas`. What a client sends may leave out fields that have a
default; what the server sends always carries every field. A model that travels both ways and differs gets two names:
`AudioFormat` as the server writes it, `AudioFormatInput` as a client may write it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import core_schema

from dispatch.contract.base import Identifier, Message
from dispatch.contract.problems import Problem
from dispatch.contract.registry import EVENTS, Direction
from dispatch.contract.routes import ROUTES

from .docstrings import inherited_field_docs

JsonSchema = dict[str, Any]
REF = "#/components/schemas/"
IDENTIFIER: JsonSchema = TypeAdapter(Identifier).json_schema()


class WireSchema(GenerateJsonSchema):
    """JSON Schema as it looks on the wire: the server leaves nothing out, and bytes travel as bytes."""

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchema:
        limits = {"minLength": schema.get("min_length"), "maxLength": schema.get("max_length")}
        return {"type": "string", "format": "binary"} | {key: value for key, value in limits.items() if value}


@dataclass(frozen=True)
class Schemas:
    """All definitions by name, and the name under which each message is sent and received."""

    definitions: dict[str, JsonSchema]
    sent_by_client: dict[type[Message], str]
    sent_by_server: dict[type[Message], str]


def collect() -> Schemas:
    """Every message of the contract's events and routes, with everything that they contain."""
    ups, downs = _messages()
    wanted: list[tuple[type[Message], JsonSchemaMode]] = [(model, "validation") for model in ups]
    wanted += [(model, "serialization") for model in downs]
    refs, document = models_json_schema(wanted, schema_generator=WireSchema, ref_template=REF + "{model}")
    definitions = cast("dict[str, JsonSchema]", _renamed(document["$defs"]))
    _describe(definitions)
    names = {key: _plain(ref["$ref"].removeprefix(REF)) for key, ref in refs.items()}
    return Schemas(
        definitions=dict(sorted(definitions.items())),
        sent_by_client={model: names[model, "validation"] for model in ups},
        sent_by_server={model: names[model, "serialization"] for model in downs},
    )


def summary(model: type[Message]) -> str:
    """The first line of a message's docstring, or its name."""
    return (model.__doc__ or model.__name__).strip().splitlines()[0]


def query_parameters(model: type[Message]) -> list[JsonSchema]:
    """The fields of a query model as OpenAPI parameters; a query is flat, so that no reference is needed."""
    schema = model.model_json_schema(mode="validation")
    inlined = {name: _inlined(field, schema.get("$defs", {})) for name, field in schema["properties"].items()}
    required = schema.get("required", ())
    return [{"name": name, "in": "query", "required": name in required, "schema": it} for name, it in inlined.items()]


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items() if key != "title"}


def _messages() -> tuple[list[type[Message]], list[type[Message]]]:
    ups: dict[type[Message], None] = {}
    downs: dict[type[Message], None] = {Problem: None}
    for event in EVENTS:
        (ups if event.direction is Direction.TO_SERVER else downs)[event.body] = None
        downs |= {event.ack: None} if event.ack else {}
    for route in ROUTES:
        ups |= {route.request: None} if route.request else {}
        downs |= {route.answer: None} if route.answer else {}
    return list(ups), list(downs)


def _plain(name: str) -> str:
    return re.sub(r"-Output$", "", name).replace("-Input", "Input")


def _renamed(node: Any) -> Any:
    if isinstance(node, list):
        return [_renamed(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        _plain(key): _plain(value) if key == "$ref" or _is_reference(value) else _renamed(value)
        for key, value in node.items()
        if key != "title" or not isinstance(value, str)
    }


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(REF)


def _describe(definitions: dict[str, JsonSchema]) -> None:
    for model in _all_models(Message):
        for name in {model.__name__, f"{model.__name__}Input"} & definitions.keys():
            properties = definitions[name].get("properties", {})
            for field, text in inherited_field_docs(model).items():
                properties[field].setdefault("description", text)


def _all_models(parent: type[Message]) -> Iterator[type[Message]]:
    for child in parent.__subclasses__():
        yield child
        yield from _all_models(child)
