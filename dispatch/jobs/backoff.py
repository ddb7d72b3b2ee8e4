"""How long a job waits after it failed: full jitter. Pure.

In: which try failed, the policy of its kind, a random draw. Out: seconds. Invariants: uniform in 0 to
`base_s` * 2^(attempt - 1), and never above `longest_s`; spreading over the whole span is what keeps many failed jobs
from coming back together (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
"""

from dataclasses import dataclass
from typing import Final

MOST_DOUBLINGS: Final = 30
"""Beyond that every span is at its longest, and the power would overflow."""


@dataclass(frozen=True)
class Backoff:
    """The waits of one kind of job, and after how many tries it is given up."""

    base_s: float = 1.0
    longest_s: float = 600.0
    attempts: int = 8
    """A job that failed so often is a dead letter."""

    def span_s(self, attempt: int) -> float:
        """The longest wait after the attempt with this number; the first is 1."""
        return min(self.longest_s, self.base_s * 2.0 ** min(attempt - 1, MOST_DOUBLINGS))

    def wait_s(self, attempt: int, draw: float) -> float:
        """The wait for a draw from 0 to 1."""
        return self.span_s(attempt) * draw

    def given_up(self, attempt: int) -> bool:
        """Whether no further try follows the attempt with this number."""
        return attempt >= self.attempts
