"""How long a job waits after it failed, and when it is given up. Pure.

In: for how long a job has been failing, which try that was, what went wrong, a random draw. Out: seconds, or None.
Invariants: a wait is uniform in 0 to `base_s` * 2^(attempt - 1), and never above `longest_s`; spreading over the whole
span is what keeps many failed jobs from coming back together (Marc Brooker, "Exponential Backoff And Jitter", AWS
Architecture Blog, 2015). A job is given up by time, not by tries: what is away for ten minutes costs nobody a message.
"""

from dataclasses import dataclass
from typing import Final

MOST_DOUBLINGS: Final = 30
"""Beyond that every span is at its longest, and the power would overflow."""
DAY_S: Final = 86_400.0


@dataclass(frozen=True)
class Backoff:
    """The waits of one kind of job, and for how long it is tried."""

    base_s: float = 1.0
    longest_s: float = 600.0
    worth_s: float = DAY_S
    """A job that has been failing for so long is a dead letter."""
    mistakes: int = 8
    """One that failed so often by an error that nobody foresaw is one at once: time does not mend a program."""

    def span_s(self, attempt: int) -> float:
        """The longest wait after the attempt with this number; the first is 1."""
        return min(self.longest_s, self.base_s * 2.0 ** min(attempt - 1, MOST_DOUBLINGS))

    def wait_s(self, attempt: int, draw: float) -> float:
        """The wait for a draw from 0 to 1."""
        return self.span_s(attempt) * draw

    def next_s(
        self, attempt: int, failing_s: float, draw: float, *, asked_s: float = 0.0, foreseen: bool = True
    ) -> float | None:
        """Seconds until the next try of a job whose first failure was `failing_s` ago; None where it is given up.

        Never sooner than the provider asked for, `asked_s`; what would only be tried after its time is given up now, so
        that whoever has to know does not wait as well. A wait of our own may end up to `longest_s` late.
        """
        if failing_s >= self.worth_s or asked_s > self.worth_s - failing_s:
            return None
        if not foreseen and attempt >= self.mistakes:
            return None
        return max(asked_s, self.wait_s(attempt, draw))
