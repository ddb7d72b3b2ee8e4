"""Which complaint the call is about: the reasons that hold now, ranked, with how likely each is.

In: a case. Out: the leading reason, and `Candidate`s whose probabilities sum to at most one. The most urgent complaint
leads; of one category the one that was spoken of first, then the protocol with the higher rank. A complaint only ever
disappears when its findings do.
"""

from functools import lru_cache
from math import exp
from typing import Final

from dispatch.contract.card import Candidate, FieldName

from .case import Case
from .protocols import Fired, fired, protocols

MAX_CANDIDATES: Final = 5
_OPENING: Final = 10
"""What being spoken of first counts: less than a category. Chosen on the calls that were developed on (ADR 0501)."""
_SHARPNESS: Final = 0.9
"""How steeply likelihood falls with a candidate's score; a judgement of this project."""


def complaint_of(case: Case) -> Fired | None:
    """The reason that names the call, or None while nothing is known."""
    ranked = ranked_complaints(case)
    return ranked[0] if ranked else None


def ranked_complaints(case: Case) -> tuple[Fired, ...]:
    """One reason per complaint, the leading one first; when nothing holds any more, of those that once held."""
    return tuple(reason for reason, _ in _weighed(case))


def _weighed(case: Case) -> tuple[tuple[Fired, float], ...]:
    reasons = fired(case.facts) or tuple(r.fired for r in case.raised.values())
    return _ranked(reasons, _told_first(case, reasons))


def _told_first(case: Case, reasons: tuple[Fired, ...]) -> frozenset[str]:
    """The complaints of which the caller spoke before any other."""
    states = {**case.suggested, **case.picture.states}
    told = [
        (states[c].quotes[0].start_s, r.complaint) for r in reasons for c in r.codes if c in states and states[c].quotes
    ]
    first = min((at for at, _ in told), default=0.0)
    return frozenset(complaint for at, complaint in told if at == first)


@lru_cache(maxsize=1024)
def _ranked(reasons: tuple[Fired, ...], first: frozenset[str]) -> tuple[tuple[Fired, float], ...]:
    best: dict[str, Fired] = {}
    for reason in reasons:
        best.setdefault(reason.complaint, reason)
    weighed = [(reason, _weight(reason, first)) for reason in best.values()]
    return tuple(sorted(weighed, key=lambda w: (-w[1], w[0].category, w[0].complaint)))


def _weight(reason: Fired, first: frozenset[str]) -> float:
    """Urgency first, then whether it was spoken of first, then the protocol's rank, then how much was said.

    Among dangers to life it does not matter what was spoken of first: who choked may be in arrest by now.
    """
    opening = _OPENING if reason.category == 1 or reason.complaint in first else 0
    return (5 - reason.category) * 12 + opening + protocols()[reason.complaint].rank / 2 + min(3, len(reason.codes))


def candidates_of(case: Case) -> tuple[Candidate, ...]:
    """The likeliest complaints."""
    weighed = _weighed(case)[:MAX_CANDIDATES]
    ranked = [reason for reason, _ in weighed]
    edited = case.log.edits.get(FieldName.COMPLAINT)
    scores = [exp(_SHARPNESS * (weight - weighed[0][1]) / 6) for _, weight in weighed]
    total = sum(scores) or 1.0
    return tuple(
        Candidate(
            complaint=r.complaint,
            label=protocols()[r.complaint].title,
            probability=round(1.0 if r.complaint == edited else score / total, 3),
            category=r.category,
        )
        for r, score in zip(ranked, scores, strict=True)
    )
