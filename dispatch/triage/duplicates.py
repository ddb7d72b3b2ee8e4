"""Calls that may be about one incident: proposed, for a person to merge or not.

In: summaries of open calls. Out: pairs with a likelihood and the reasons in words. Time alone never proposes a pair:
place or position must agree. Nothing is merged here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from typing import Final

from rapidfuzz.fuzz import token_set_ratio

WINDOW_S: Final = 30 * 60.0
"""Calls further apart than this are not proposed; a judgement of this project."""
NEAR_M: Final = 300.0
LIKE_PLACE: Final = 85.0
"""Percent of like words from which two spoken places count as one."""
PROPOSED_FROM: Final = 0.6
EARTH_M: Final = 6_371_000.0


@dataclass(frozen=True)
class Summary:
    """What is compared of a call."""

    call_id: str
    started_s: float
    """Seconds on one clock for all calls."""
    place: str = field(default="", repr=False)
    position: tuple[float, float] | None = field(default=None, repr=False)
    """Latitude and longitude, WGS 84."""
    complaint: str | None = None
    category: int | None = None


@dataclass(frozen=True)
class DuplicateProposal:
    """Two calls that may be one incident."""

    call_id: str
    other_id: str
    likelihood: float
    reasons: tuple[str, ...]


def propose_duplicates(summaries: Sequence[Summary]) -> tuple[DuplicateProposal, ...]:
    """Pairs worth a person's look, the likeliest first."""
    pairs = [p for one, other in combinations(summaries, 2) if (p := compare(one, other)) is not None]
    return tuple(sorted(pairs, key=lambda p: (-p.likelihood, p.call_id, p.other_id)))


def compare(one: Summary, other: Summary) -> DuplicateProposal | None:
    """A proposal for two calls, where they are likely enough to be one incident."""
    apart = abs(one.started_s - other.started_s)
    if apart > WINDOW_S:
        return None
    weights = list(_agreements(one, other))
    if not any(where for _, _, where in weights):
        return None
    likelihood = min(0.99, sum(weight for weight, _, _ in weights) + 0.2 * (1 - apart / WINDOW_S))
    if likelihood < PROPOSED_FROM:
        return None
    return DuplicateProposal(one.call_id, other.call_id, round(likelihood, 3), tuple(r for _, r, _ in weights))


def _agreements(one: Summary, other: Summary) -> Iterator[tuple[float, str, bool]]:
    if one.place and other.place and token_set_ratio(one.place.lower(), other.place.lower()) >= LIKE_PLACE:
        yield 0.5, "same place named", True
    if one.position and other.position and metres(one.position, other.position) <= NEAR_M:
        yield 0.4, "callers close to each other", True
    if one.complaint is not None and one.complaint == other.complaint:
        yield 0.25, "same complaint", False


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance over ground between two positions (haversine)."""
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(min(1.0, h)))
