"""The breaker of one model: leaves it alone after failures, then lets exactly one probe through to see if it is back.

In: outcomes and the time in seconds of the router's clock. Out: whether to ask, and until when not. Opens after
`failures` in a row or by rate; a wrong key opens it for minutes; `Retry-After` is a minimum; a request of ours that was
wrong does not count. No clock of its own; the random source is given.
"""

import random
from collections import deque
from enum import StrEnum
from typing import Final

from .errors import (
    AdapterFaultError,
    AuthRefusedError,
    BadRequestError,
    EgressRefusedError,
    OverloadedError,
    ProviderError,
    RateLimitedError,
    RefusedError,
    RejectedError,
    TruncatedError,
)
from .policy import BreakerRules

WINDOW: Final = 20
RATE_FROM: Final = 6
"""Outcomes in the window before the failure rate counts."""
NOT_ITS_FAULT: Final = (BadRequestError, RefusedError, TruncatedError, RejectedError, AdapterFaultError)
"""Failures that say nothing of the model's health: our request, our schema, our code, or the model's own scruples."""


class BreakerState(StrEnum):
    """Closed asks, open does not, half open has one probe under way."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """The state of one model on one endpoint."""

    def __init__(self, rules: BreakerRules, rng: random.Random) -> None:
        self._rules = rules
        self._rng = rng
        self._window: deque[bool] = deque(maxlen=WINDOW)
        self._in_a_row = 0
        self._openings = 0
        self._retry_at: float | None = None
        self._probing = False
        self.ever_succeeded = False

    def state(self, now: float) -> BreakerState:
        """The state, without changing it. Open and due for a probe is told as half open."""
        if self._retry_at is None:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if self._probing or now >= self._retry_at else BreakerState.OPEN

    def would_admit(self, now: float) -> bool:
        """Whether `admit` would say yes now."""
        return self._retry_at is None or (not self._probing and now >= self._retry_at)

    def admit(self, now: float) -> bool:
        """Whether to ask the model now. In a half-open breaker the first asker takes the only probe."""
        if self._retry_at is None:
            return True
        if self._probing or now < self._retry_at:
            return False
        self._probing = True
        return True

    @property
    def probing(self) -> bool:
        """Whether the attempt that was just admitted is the probe."""
        return self._probing

    @property
    def retry_at(self) -> float | None:
        """When the next probe is due, or None when closed."""
        return self._retry_at

    def succeeded(self) -> None:
        """The model answered: the breaker closes."""
        self.ever_succeeded = True
        self._window.append(True)
        self._in_a_row = 0
        if self._retry_at is not None:
            self._window.clear()
            self._openings = 0
            self._retry_at = None
            self._probing = False

    def failed(self, error: ProviderError, now: float) -> None:
        """The model failed. Opens the breaker when that was one too many; failures that come in late change nothing."""
        if isinstance(error, NOT_ITS_FAULT):
            self.released(now)
            return
        if self._retry_at is not None and not self._probing:
            return
        self._window.append(False)
        self._in_a_row += 1
        if isinstance(error, AuthRefusedError | EgressRefusedError):
            self._open(now, self._rules.auth_cooldown_s)
        elif isinstance(error, RateLimitedError | OverloadedError) or self._probing or self._too_many():
            self._open(now, max(self._cooldown_s(), error.retry_after_s or 0.0))

    def released(self, now: float) -> None:
        """The probe ended without a verdict (it was cut off): the next asker may try again at once."""
        if self._probing:
            self._probing = False
            self._retry_at = now

    def _too_many(self) -> bool:
        failures = self._window.count(False)
        by_rate = len(self._window) >= RATE_FROM and failures / len(self._window) >= self._rules.failure_rate
        return self._in_a_row >= self._rules.failures or by_rate

    def _open(self, now: float, cooldown_s: float) -> None:
        self._openings += 1
        self._probing = False
        self._retry_at = max(now + cooldown_s, self._retry_at or 0.0)

    def _cooldown_s(self) -> float:
        least, most = self._rules.cooldown_s
        longest = min(least * 2**self._openings, most)
        return self._rng.uniform(max(least, longest / 2), longest)
