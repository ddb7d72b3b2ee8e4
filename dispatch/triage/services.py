"""Which of the services that can be booked a caller asks for.

In: a case. Out: the service type's code, or None where none is named. The words are data (`services.yaml`).
"""

from functools import lru_cache

from .case import Case
from .patterns import pattern
from .prefilter import Prefilter
from .resources import document


@lru_cache(maxsize=1)
def _services() -> Prefilter[str]:
    """Every way of asking for a service, with the service's code; the weightier first."""
    return Prefilter((pattern(said), entry["service"]) for entry in document("services.yaml") for said in entry["said"])


def service_asked(case: Case) -> str | None:
    """The service that the caller's newest words name."""
    texts = [line.text for line in case.picture.lines.kept]
    named = {service for text in texts for said, service in _services().near(text) if said.found(text)}
    return next((service for _, service in _services().entries if service in named), None)
