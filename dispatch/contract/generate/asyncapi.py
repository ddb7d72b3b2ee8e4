"""AsyncAPI 3 of the Socket.IO events: one channel a namespace, one operation an event.

`receive` and `send` are the server's: it receives what clients send. Acknowledgements are replies on the same channel;
every one of them may be a `Problem` instead.
"""

from typing import Any

from dispatch.contract.base import PROTOCOL_VERSION
from dispatch.contract.registry import EVENTS, Direction, EventSpec

from .schemas import REF, Schemas, summary

INTRODUCTION = (
    "Socket.IO 5 over the websocket transport. Every event carries exactly one object; every acknowledgement answers "
    "with exactly one object. Fields of format `binary` travel as Socket.IO binary attachments."
)


def document(schemas: Schemas) -> dict[str, Any]:
    """The whole document."""
    namespaces = list(dict.fromkeys(event.namespace for event in EVENTS))
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Kiwimesh events", "version": str(PROTOCOL_VERSION), "description": INTRODUCTION},
        "channels": {_slug(namespace): _channel(namespace) for namespace in namespaces},
        "operations": {_operation_id(event): _operation(event) for event in EVENTS},
        "components": {
            "messages": dict(message for event in EVENTS for message in _messages(event, schemas)),
            "schemas": schemas.definitions,
        },
    }


def _slug(namespace: str) -> str:
    return namespace.strip("/")


def _operation_id(event: EventSpec) -> str:
    return f"{_slug(event.namespace)}.{event.direction.value}.{event.name}"


def _message_names(event: EventSpec) -> list[str]:
    answers = [f"{event.ack.__name__}Ack", "ProblemAck"] if event.ack else []
    return [_operation_id(event), *answers]


def _channel(namespace: str) -> dict[str, Any]:
    names = (name for event in EVENTS if event.namespace == namespace for name in _message_names(event))
    return {
        "address": namespace,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _operation(event: EventSpec) -> dict[str, Any]:
    channel = f"#/channels/{_slug(event.namespace)}"
    body, *answers = _message_names(event)
    operation: dict[str, Any] = {
        "action": "receive" if event.direction is Direction.TO_SERVER else "send",
        "channel": {"$ref": channel},
        "summary": summary(event.body),
        "messages": [{"$ref": f"{channel}/messages/{body}"}],
    }
    if answers:
        replies = [{"$ref": f"{channel}/messages/{answer}"} for answer in answers]
        operation["reply"] = {"channel": {"$ref": channel}, "messages": replies}
    return operation


def _messages(event: EventSpec, schemas: Schemas) -> list[tuple[str, dict[str, Any]]]:
    names = schemas.sent_by_client if event.direction is Direction.TO_SERVER else schemas.sent_by_server
    payloads = [names[event.body]]
    payloads += [schemas.sent_by_server[event.ack], "Problem"] if event.ack else []
    titles = [event.name, *("acknowledgement" for _ in payloads[1:])]
    return [
        (key, {"name": title, "payload": {"$ref": REF + payload}})
        for key, title, payload in zip(_message_names(event), titles, payloads, strict=True)
    ]
