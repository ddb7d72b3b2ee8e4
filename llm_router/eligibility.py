"""Which models may answer a request, and in what order. Pure: facts in, verdicts out.

In: what is asked (`Question`) and, for each model that the task names, what is known of it. Out: a verdict for every
candidate and the eligible ones in order. The four dimensions are content sensitivity (the lane), reasoning depth,
latency budget and cost ceiling; with them stand capability, quota and breaker. The first reason found is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .decision import Verdict
from .policy import Depth, Model, Order


class Question(NamedTuple):
    """What is asked of every candidate. Times in seconds, money in micro-USD."""

    chars: int
    left_s: float
    """Time for models: the deadline less the reserve of the floor."""
    ceiling: int


@dataclass(slots=True)
class Candidate:
    """One model that a task names, as it stands at the moment of the request."""

    name: str
    model: Model
    standing: Verdict
    """What follows from policy and label alone: `eligible`, or excluded by capability, sensitivity or depth."""
    expected_s: float = 0.0
    """Its usual time with the queue before it; 0 for no idea."""
    reserve: int = 0
    """The most that it can cost."""
    has_room: bool = True
    """Whether the budgets of the call and of the tenant have that much left."""
    admitted: bool = True
    """Whether its breaker would let one through."""


def standing_of(model: Model, depth: Depth, connected: bool, in_lane: bool) -> Verdict:
    """What policy and label alone say about a model, the same for all requests of one route."""
    if not connected:
        return Verdict.CAPABILITY
    if not in_lane:
        return Verdict.SENSITIVITY
    return Verdict.DEPTH if model.max_depth.rank < depth.rank else Verdict.ELIGIBLE


def verdict_on(question: Question, candidate: Candidate) -> Verdict:
    """Whether a candidate may be asked, and otherwise the first reason why not."""
    if candidate.standing is not Verdict.ELIGIBLE:
        return candidate.standing
    if question.chars > candidate.model.max_input_chars:
        return Verdict.CAPABILITY
    if candidate.expected_s > question.left_s or question.left_s <= 0:
        return Verdict.DEADLINE
    if candidate.reserve > question.ceiling:
        return Verdict.COST
    if not candidate.has_room:
        return Verdict.QUOTA
    return Verdict.ELIGIBLE if candidate.admitted else Verdict.BREAKER


def in_order(order: Order, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates, the first to ask first. Ties keep the order of the policy."""
    if order is Order.LISTED or len(candidates) < 2:
        return candidates
    if order is Order.QUALITY:
        return sorted(candidates, key=lambda candidate: -candidate.model.quality)
    return sorted(candidates, key=lambda candidate: (candidate.reserve, -candidate.model.quality))
