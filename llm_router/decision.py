"""The audit record of one request: every candidate with its verdict, every attempt with its end, no text.

In: what `eligibility` and the attempts found out. Out: frozen values that are safe to log, to store and to show. The
only trace of the content is a keyed hash, with which whoever has the key can tell that two records are of one text.
"""

from enum import StrEnum
from typing import NamedTuple

from .policy import Depth
from .sensitivity import Sensitivity


class Verdict(StrEnum):
    """Whether a candidate could be asked, and otherwise the first reason against it, in this order of asking."""

    ELIGIBLE = "eligible"
    SENSITIVITY = "excluded_by_sensitivity"
    CAPABILITY = "excluded_by_capability"
    """Not connected (no key), or the text is longer than the model takes."""
    DEPTH = "excluded_by_depth"
    DEADLINE = "excluded_by_deadline"
    """Its usual time, with the queue before it, is longer than the time left."""
    COST = "excluded_by_cost"
    QUOTA = "excluded_by_quota"
    """The call's or the tenant's budget of the day is used up."""
    BREAKER = "excluded_by_breaker"


class CandidateView(NamedTuple):
    """One model that the task names. Times in milliseconds, cost in micro-USD (an upper bound)."""

    model: str
    endpoint: str
    verdict: Verdict
    expected_ms: float
    reserve_micro_usd: int


class AttemptRecord(NamedTuple):
    """One question to one model. `started_ms` counts from the start of the request."""

    model: str
    endpoint: str
    started_ms: float
    elapsed_ms: float
    first_token_ms: float | None
    end: str
    """`answered`, `repaired`, `cut` (another one won), `out_of_time`, or the code of an error."""
    input_tokens: int
    output_tokens: int
    micro_usd: int
    answered_model: str = ""
    """The name that the provider gave for the model that answered."""
    hedge: bool = False
    probe: bool = False


class Decision(NamedTuple):
    """Why a request was answered by whom."""

    task: str
    tenant: str
    policy_hash: str
    sensitivity: Sensitivity
    label_reasons: tuple[str, ...]
    depth: Depth
    deadline_ms: float
    """Time that the caller gave, from the start of the request."""
    max_micro_usd: int
    order: str
    rule: str | None
    candidates: tuple[CandidateView, ...]
    content_hash: str
    attempts: tuple[AttemptRecord, ...] = ()
    source: str | None = None
    """None for a decision that was only explained."""
    answered_by: str | None = None
    elapsed_ms: float = 0.0
    micro_usd: int = 0
    restarts: int = 0

    def as_dict(self) -> dict[str, object]:
        """Plain values for a log line, a database row or a screen."""
        return {
            **self._asdict(),
            "sensitivity": self.sensitivity.name.lower(),
            "depth": self.depth.value,
            "candidates": [candidate._asdict() for candidate in self.candidates],
            "attempts": [attempt._asdict() for attempt in self.attempts],
        }
