"""Calls in which no emergency was heard: the offer to go on with them elsewhere.

In: a case. Out: the card's `HandOver`, or None. Invariants: nothing is offered before the call is assessed: unknown
counts as critical; a red flag ends the offer, and after a hand-over it is said aloud; nothing closes a call.
"""

from typing import Final

from dispatch.contract.card import HandOver

from .case import Case, category_of
from .protocols import overlays
from .services import service_asked

OVERLAYS: Final = ("booking", "non_emergency")
LESS_URGENT: Final = 4
"""Categories 4 and 5 may be served by advice over the telephone (NHS England, Ambulance Response Programme)."""
NO_AMBULANCE: Final = 5
ADVICE: Final = "No emergency heard. Offer advice, a booking or a call-back. A person closes the call."


def hand_over_of(case: Case) -> HandOver | None:
    """The offer while it stands, or what became of it."""
    category, to = category_of(case), case.log.handed_over
    less_urgent = category is not None and category >= LESS_URGENT
    if to is not None:
        return HandOver(advice=_advice(case), to=to, overtaken=not less_urgent)
    recognised = category == NO_AMBULANCE or any(_met(case, code) for code in OVERLAYS)
    return HandOver(advice=_advice(case), service_type=service_asked(case)) if less_urgent and recognised else None


def _met(case: Case, code: str) -> bool:
    return overlays()[code].entry.met(case.facts)


def _advice(case: Case) -> str:
    return next((overlays()[code].advice for code in OVERLAYS if _met(case, code)), ADVICE)
