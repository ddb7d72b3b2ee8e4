"""Structured logs: one line an event on standard error, with the correlation id, and without personal data.

In: structlog events of ours, standard-library records of the libraries. Out: lines for people (console) or collectors
(JSON); errors also to an error tracker, masked in the same way. Invariants: a value is written only under a key of the
allow-list, everything else is masked; an error shows its type and place, never its message; of a library's record only
its place is written, for its text may quote anything.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from .supervision import error_place

MASK: Final = "***"
LIBRARY_EVENT: Final = "library message"

ASKER: Final = ("person_id", "role", "tenant_id")
"""Who asked: ids of ours and a role, never a name."""
SAFE_KEYS: Final = frozenset(
    {
        *("event", "level", "timestamp", "correlation_id"),
        *("task", "subject", "error_type", "error_place", "library", "place"),
        *("event_name", "server", "open"),
        *ASKER,
        *("code", "status", "method", "route", "namespace", "kind", "state", "step", "tier", "channel", "reason_code"),
        *("host", "port", "pid", "path", "version", "model", "part", "attempt", "seq", "count", "size", "category"),
    }
)
"""Keys whose values never come from a caller or about a person."""
SAFE_SUFFIXES: Final = ("_id", "_s", "_ms", "_bytes", "_count", "_samples", "_seq")
"""Ids of ours, and quantities with their unit."""
ERRORS: Final = frozenset({"error", "critical"})
"""Levels of lines that an error tracker is told of."""

Tracker = Callable[[Mapping[str, Any], BaseException | None], None]
"""Takes a masked line of an error, and the error itself where there is one."""


def mask_personal_data(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Masks every value whose key is not on the allow-list."""
    return {key: value if is_safe_key(key) else MASK for key, value in event.items()}


def is_safe_key(key: str) -> bool:
    """Whether a log line may show the value of this key."""
    return key in SAFE_KEYS or key.endswith(SAFE_SUFFIXES)


def name_the_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces a traceback by the error's type and place."""
    error = error_in(event)
    event.pop("exc_info", None)
    if error is not None:
        event.update(error_type=type(error).__name__, error_place=error_place(error))
    return event


def error_in(event: EventDict) -> BaseException | None:
    """The error that a line is about."""
    info = event.get("exc_info")
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    return error if isinstance(error, BaseException) else None


def tell(tracker: Tracker) -> Processor:
    """A step that tells a tracker of errors, and changes nothing."""

    def step(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        if event["level"] in ERRORS:
            masked = mask_personal_data(logger, method, name_the_error(logger, method, dict(event)))
            tracker(masked, error_in(event))
        return event

    return step


class LibraryRecords(logging.Handler):
    """Takes what libraries log through the standard library, and writes where it came from."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno,
            LIBRARY_EVENT,
            library=record.name,
            place=f"{record.filename}:{record.lineno} {record.funcName}",
            exc_info=record.exc_info,
        )


def configure_logging(level: str = "info", *, json: bool = False, tracker: Tracker | None = None) -> None:
    """Sets logging up for this process; the least severe level written is `level`, of libraries never below warning."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    told = [tell(tracker)] if tracker else []
    structlog.configure(
        processors=[*_FACTS, *told, *_MASKS, structlog.processors.JSONRenderer() if json else _console()],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=_standard_error,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[LibraryRecords()], level=max(threshold, logging.WARNING), force=True)


def _standard_error(*_names: Any) -> WrappedLogger:
    return structlog.PrintLogger(sys.stderr)


def _console() -> Processor:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


@contextmanager
def correlated(correlation_id: str) -> Iterator[None]:
    """Every line logged in this block, and in the tasks that it starts, carries the correlation id.

    Who asks is not known at its beginning, and forgotten at its end: a connection's next request is somebody else's.
    """
    structlog.contextvars.unbind_contextvars(*ASKER)
    with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
        try:
            yield
        finally:
            structlog.contextvars.unbind_contextvars(*ASKER)


def asked_by(person_id: str, role: str, tenant_id: str = "") -> None:
    """From now on every line of the block of `correlated` says who asked, in which role and for which tenant."""
    structlog.contextvars.bind_contextvars(person_id=person_id, role=role, tenant_id=tenant_id)


def current_correlation_id() -> str | None:
    """The correlation id of the running task, for an answer that names it to the user."""
    found = structlog.contextvars.get_contextvars().get("correlation_id")
    return str(found) if found is not None else None


_FACTS: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_MASKS: Final[tuple[Processor, ...]] = (name_the_error, mask_personal_data)
