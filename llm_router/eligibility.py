"""Which models may answer a request, and in what order. Pure: facts in, verdicts out.

In: what is asked (`Question`) and, for each model that the task names, what is known of it (`Standing`). Out: a verdict
for every candidate and the eligible ones in order. The four dimensions are content sensitivity (the lane), reasoning
depth, latency budget and cost ceiling; with them stand capability, quota and breaker. The first reason found is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .decision import Verdict
from .policy import Depth, Model, Order


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every candidate. Times in seconds, money in micro-USD."""

    chars: int
    depth: Depth
    left_s: float
    """Time for models: the deadline less the reserve of the floor."""
    ceiling: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One candidate as it stands now."""

    name: str
    model: Model
    in_lane: bool
    connected: bool
    expected_s: float
    """Its usual time with the queue before it; 0 for no idea."""
    reserve: int
    """The most that it can cost."""
    has_room: bool
    """Whether the budgets of the call and of the tenant have that much left."""
    admitted: bool
    """Whether its breaker would let one through."""


def verdict_on(question: Question, standing: Standing) -> Verdict:
    """Whether a candidate may be asked, and otherwise the first reason why not."""
    if not standing.connected:
        return Verdict.CAPABILITY
    if not standing.in_lane:
        return Verdict.SENSITIVITY
    if question.chars > standing.model.max_input_chars:
        return Verdict.CAPABILITY
    if standing.model.max_depth.rank < question.depth.rank:
        return Verdict.DEPTH
    if standing.expected_s > question.left_s or question.left_s <= 0:
        return Verdict.DEADLINE
    if standing.reserve > question.ceiling:
        return Verdict.COST
    if not standing.has_room:
        return Verdict.QUOTA
    return Verdict.ELIGIBLE if standing.admitted else Verdict.BREAKER


def in_order(order: Order, standings: Sequence[Standing]) -> Iterable[Standing]:
    """The candidates, the first to ask first. Ties keep the order of the policy."""
    if order is Order.QUALITY:
        return sorted(standings, key=lambda standing: -standing.model.quality)
    if order is Order.CHEAPEST:
        return sorted(standings, key=lambda standing: (standing.reserve, -standing.model.quality))
    return standings
