"""Errors to a Sentry server, or to one that speaks its protocol, as GlitchTip does.

In: log lines of level error, masked as they are written, and the error behind them. Out: one event each: the line's own
words, the error's type and where it was raised; as tags who met it (tenant, role, correlation id), as user a person's
id. Invariants: nothing travels that a log line may not say: no error's message, no local variables, no request, no name
of this machine; the SDK is a sender and nothing else (no hooks into libraries, no tracing). Bound: 100 events wait for
the server; more are dropped, they are in the log all the same.
"""

import traceback
from collections.abc import Mapping
from typing import Any, Final

import sentry_sdk

TAGS: Final = (
    "tenant_id", "role", "correlation_id", "kind", "code", "route", "event_name", "task", "error_type", "error_place",
)  # fmt: skip
WAITING: Final = 100
CLOSE_S: Final = 2.0
KEPT: Final = frozenset(
    {
        *("event_id", "timestamp", "platform", "sdk", "release", "level", "logger"),
        *("logentry", "tags", "user", "extra", "exception", "fingerprint"),
    }
)
"""Parts of an event that leave this process; what an SDK of tomorrow adds by itself does not."""
OPTIONS: Final[Mapping[str, Any]] = {
    "default_integrations": False,
    "auto_enabling_integrations": False,
    "auto_session_tracking": False,
    "send_client_reports": False,
    "include_local_variables": False,
    "include_source_context": False,
    "max_request_body_size": "never",
    "max_breadcrumbs": 0,
    "enable_backpressure_handling": False,
    "server_name": "",
    "transport_queue_size": WAITING,
}


class Sentry:
    """A project of a Sentry server. Raises ValueError for a DSN that is none."""

    def __init__(self, dsn: str, release: str) -> None:
        self._client = sentry_sdk.Client(dsn=dsn, release=release, before_send=scrubbed, **OPTIONS)

    def report(self, line: Mapping[str, Any], error: BaseException | None) -> None:
        """Queues an event for a masked log line; never waits, never raises."""
        self._client.capture_event(event_of(line, error))

    def close(self) -> None:
        """Sends what waits, for `CLOSE_S` seconds at most."""
        self._client.close(timeout=CLOSE_S)


def event_of(line: Mapping[str, Any], error: BaseException | None) -> Any:
    """A log line and its error as Sentry takes them."""
    said = {name: str(value) for name, value in line.items() if value not in (None, "")}
    words, place = said.pop("event", "error"), said.get("error_place", "")
    told: dict[str, Any] = {
        "level": said.pop("level", "error"),
        "logentry": {"message": words},
        "tags": {name: said[name] for name in TAGS if name in said},
        "extra": {name: value for name, value in said.items() if name not in TAGS},
        "fingerprint": [words, said.get("error_type", ""), place],
    }
    if "person_id" in said:
        told["user"] = {"id": said["person_id"]}
    if error is not None:
        told["exception"] = {"values": [{"type": type(error).__name__, "value": words, "stacktrace": stack(error)}]}
    return told


def stack(error: BaseException) -> dict[str, list[dict[str, object]]]:
    """Where an error was raised, the innermost frame last; places alone."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
    return {
        "frames": [
            {
                "filename": frame.filename,
                "function": frame.name,
                "lineno": frame.lineno,
                "in_app": "site-packages" not in frame.filename,
            }
            for frame in frames
        ]
    }


def scrubbed(event: Any, _hint: Mapping[str, Any]) -> Any:
    """The last gate, whatever put something into the event."""
    return {name: value for name, value in event.items() if name in KEPT}
