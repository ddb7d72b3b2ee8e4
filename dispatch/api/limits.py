"""How many requests a person may make.

In: the person and the time. Out: seconds to wait, 0 for none. A leaky bucket each (GCRA): a steady rate, and bursts up
to a size. Invariants: bounded memory; nobody's requests count against somebody else's.
"""

from collections import OrderedDict
from typing import Final

STEADY_PER_S: Final = 20.0
"""A console that somebody works with makes a few a second; a script may make this many."""
BURST: Final = 200
REMEMBERED: Final = 10_000
"""People; the ones who asked longest ago are forgotten first."""


class RequestBudget:
    """One bucket a person. A pure decision: the time is an argument, in seconds on any clock that never goes back."""

    def __init__(self, steady_per_s: float = STEADY_PER_S, burst: int = BURST) -> None:
        self._step_s = 1 / steady_per_s
        self._room_s = burst * self._step_s
        self._due: OrderedDict[str, float] = OrderedDict()

    def take(self, person_id: str, now_s: float) -> float:
        """Takes one request. Returns how long to wait first, and then nothing was taken."""
        due = max(self._due.get(person_id, now_s), now_s)
        wait_s = due + self._step_s - self._room_s - now_s
        if wait_s > 0:
            return wait_s
        self._due[person_id] = due + self._step_s
        self._due.move_to_end(person_id)
        if len(self._due) > REMEMBERED:
            self._due.popitem(last=False)
        return 0.0
