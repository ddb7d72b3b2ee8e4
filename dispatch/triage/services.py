"""Which of the services that can be booked a caller asks for.

In: a case. Out: the service type's code, or None where none is named. The words are data (`services.yaml`).
"""

from collections.abc import Sequence
from functools import lru_cache

from .case import Case
from .patterns import Pattern, clues, pattern
from .resources import document


@lru_cache(maxsize=1)
def _services() -> Sequence[tuple[str, tuple[Pattern, ...]]]:
    return tuple((entry["service"], tuple(map(pattern, entry["said"]))) for entry in document("services.yaml"))


def service_asked(case: Case) -> str | None:
    """The service that the caller's newest words name."""
    texts = [line.text for line in case.picture.lines.kept]
    return next((service for service, said in _services() if any(_says(said, text) for text in texts)), None)


def _says(said: Sequence[Pattern], text: str) -> bool:
    known = clues(text)
    return any(one.possible(known) and one.found(text) for one in said)
