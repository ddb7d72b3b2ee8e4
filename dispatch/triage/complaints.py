"""Which complaint the call is about: the reasons that hold now, ranked, with how likely each is.

In: a case. Out: the leading reason, and `Candidate`s whose probabilities sum to at most one. The most urgent complaint
leads; of one category the protocol with the higher rank. A complaint only ever disappears when its findings do.
"""

from functools import lru_cache
from math import exp
from typing import Final

from dispatch.contract.card import Candidate, FieldName

from .case import Case
from .protocols import Fired, fired, protocols

MAX_CANDIDATES: Final = 5
_SHARPNESS: Final = 0.9
"""How steeply likelihood falls with a candidate's score; a judgement of this project."""


def complaint_of(case: Case) -> Fired | None:
    """The reason that names the call, or None while nothing is known."""
    ranked = ranked_complaints(case)
    return ranked[0] if ranked else None


def ranked_complaints(case: Case) -> tuple[Fired, ...]:
    """One reason per complaint, the leading one first; when nothing holds any more, of those that once held."""
    return _ranked(fired(case.facts) or tuple(r.fired for r in case.raised.values()))


@lru_cache(maxsize=1024)
def _ranked(reasons: tuple[Fired, ...]) -> tuple[Fired, ...]:
    best: dict[str, Fired] = {}
    for reason in reasons:
        best.setdefault(reason.complaint, reason)
    return tuple(sorted(best.values(), key=lambda f: (-_weight(f), f.category, f.complaint)))


def _weight(reason: Fired) -> float:
    """Urgency first, then the protocol's rank, then how much was said."""
    return (5 - reason.category) * 12 + protocols()[reason.complaint].rank / 2 + min(3, len(reason.codes))


def candidates_of(case: Case) -> tuple[Candidate, ...]:
    """The likeliest complaints."""
    ranked = ranked_complaints(case)[:MAX_CANDIDATES]
    edited = case.log.edits.get(FieldName.COMPLAINT)
    scores = [exp(_SHARPNESS * (_weight(r) - _weight(ranked[0])) / 6) for r in ranked]
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
