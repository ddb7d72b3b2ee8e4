"""TypeScript of the contract: one type a message, the limits, and the event maps that type a Socket.IO client.

The output needs no run-time code but the lists of enum values and the limits.
"""

import json
from collections.abc import Iterable
from typing import Any

from dispatch.contract import base
from dispatch.contract.registry import EVENTS, Direction, EventSpec

from .schemas import REF, Schemas

HEADER = """// Made from dispatch/contract by `python -m dispatch.contract.generate`. Do not edit: a test compares them.

/** Bytes as a Socket.IO attachment: browsers receive an ArrayBuffer and send either. */
export type Binary = ArrayBuffer | Uint8Array<ArrayBuffer>;
"""
LIMITS = ("PROTOCOL_VERSION", "MAX_FRAME_BYTES", "MAX_MESSAGE_BYTES", "MAX_NOTE_CHARS")
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def source(schemas: Schemas) -> str:
    """The whole module."""
    parts = [HEADER, "\n".join(f"export const {name} = {getattr(base, name)};" for name in LIMITS) + "\n"]
    parts += [_definition(name, schema) for name, schema in schemas.definitions.items()]
    for namespace in dict.fromkeys(event.namespace for event in EVENTS):
        for direction in Direction:
            parts.append(_event_map(namespace, direction, schemas))
    return "\n".join(parts)


def _definition(name: str, schema: dict[str, Any]) -> str:
    comment = _comment(schema, "")
    if "enum" in schema:
        values = ", ".join(map(json.dumps, schema["enum"]))
        listed = f"export const {name}Values = [{values}] as const;\n"
        return f"{comment}{listed}export type {name} = (typeof {name}Values)[number];\n"
    return f"{comment}export interface {name} {{\n{_members(schema)}}}\n"


def _members(schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    lines = (
        f"{_comment(field, '  ')}  readonly {name}{'' if name in required else '?'}: {ts_type(field)};\n"
        for name, field in schema.get("properties", {}).items()
    )
    return "".join(lines)


def _comment(schema: dict[str, Any], indent: str) -> str:
    text = schema.get("description")
    return f"{indent}/** {' '.join(text.split())} */\n" if text else ""


def ts_type(schema: dict[str, Any]) -> str:
    """The TypeScript type of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REF)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return _union(ts_type(option) for option in schema[union])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return _union(json.dumps(value) for value in schema["enum"])
    return _plain_type(schema)


def _plain_type(schema: dict[str, Any]) -> str:
    if schema["type"] == "array":
        items = ts_type(schema["items"])
        return f"readonly ({items})[]" if " " in items else f"readonly {items}[]"
    if schema.get("format") == "binary":
        return "Binary"
    return SCALARS[schema["type"]]


def _union(options: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(options))


def _event_map(namespace: str, direction: Direction, schemas: Schemas) -> str:
    name = namespace.strip("/").capitalize() + ("Sends" if direction is Direction.TO_SERVER else "Receives")
    verb = "sends to" if direction is Direction.TO_SERVER else "receives from"
    events = (event for event in EVENTS if event.namespace == namespace and event.direction is direction)
    lines = "".join(f'  "{event.name}": {_listener(event, schemas)};\n' for event in events)
    return f"/** What a client of `{namespace}` {verb} the server. */\nexport interface {name} {{\n{lines}}}\n"


def _listener(event: EventSpec, schemas: Schemas) -> str:
    names = schemas.sent_by_client if event.direction is Direction.TO_SERVER else schemas.sent_by_server
    arguments = f"body: {names[event.body]}"
    if event.ack:
        arguments += f", ack: (answer: {schemas.sent_by_server[event.ack]} | Problem) => void"
    return f"({arguments}) => void"
