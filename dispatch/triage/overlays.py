"""Call-handling overlays: what the call is, besides what the matter is.

In: a case. Out: the codes of the overlays that apply (silent, other language, wrong number, third party, booking).
"""

from .case import Case
from .protocols import overlays


def overlays_of(case: Case) -> tuple[str, ...]:
    """The overlays that apply now, in the order of their file."""
    spoken = ("other_language",) if case.language not in (None, "en") else ()
    met = tuple(code for code, overlay in overlays().items() if overlay.entry.met(case.facts))
    return tuple(dict.fromkeys((*spoken, *met)))
