"""How much service the measured load allows. Pure: waiting times and the time in, a tier out.

The pressure is how late the most protected work is, against what is tolerable; 1 is the limit. What counts is its mean
over the last seconds: a machine that its host holds up for a second makes everything late at once, and has caught up a
second later. Under pressure the tier falls a step, and the next one only when that one has had time to help; it rises
again after a calm stretch, so that it does not swing. Less important streams lose service first; a critical stream has
the same cadence in every tier.
"""

import math
from dataclasses import dataclass
from typing import Final

from .events import Importance, Tier

_ORDER: Final = tuple(Tier)
_LONGEST_PAST_S: Final = 0.5
"""What one observation stands for at most: after a hole in them nobody knows what was in between."""
_CADENCE: Final[dict[Tier, tuple[float | None, float | None, float | None]]] = {
    Tier.FULL: (0.4, 0.4, 0.4),
    Tier.REDUCED: (0.4, 1.0, 2.0),
    Tier.ESSENTIAL: (0.4, 2.0, None),
    Tier.FINALS: (0.4, None, None),
}
"""Seconds between two partials of a stream: critical, urgent, routine. None: finals only."""


def cadence(tier: Tier, importance: Importance) -> float | None:
    """Seconds between two partials of such a stream, or None for none at all."""
    return _CADENCE[tier][importance]


@dataclass(frozen=True, slots=True)
class LoadRules:
    """What is tolerable; seconds."""

    partial_late: float = 1.0
    final_late: float = 1.5
    memory: float = 2.0
    """The mean forgets two thirds of what was in that time."""
    worst: float = 2.0
    """Pressure beyond this counts as this: one endless wait is not more than a long one."""
    worsen_after: float = 2.0
    """From one step down to the next."""
    improve_after: float = 5.0
    calm: float = 0.4
    """A mean below this is calm."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How long the oldest waiting work is past its deadline, seconds."""

    critical_partial: float
    final: float


class LoadController:
    """The tier, step by step."""

    def __init__(self, rules: LoadRules | None = None) -> None:
        self._rules = rules or LoadRules()
        self._mean = 0.0
        self._seen: float | None = None
        self._changed = -math.inf
        self._calm_since: float | None = None
        self.tier = Tier.FULL

    def pressure(self, late: Lateness) -> float:
        """1 is the limit of what is tolerable."""
        return max(late.critical_partial / self._rules.partial_late, late.final / self._rules.final_late)

    def observe(self, late: Lateness, now: float) -> Tier | None:
        """The new tier, if this observation changes it."""
        pressure = min(self.pressure(late), self._rules.worst)
        past = 0.0 if self._seen is None else min(now - self._seen, _LONGEST_PAST_S)
        self._mean += (pressure - self._mean) * (1 - math.exp(-past / self._rules.memory))
        self._seen = now
        calm = self._mean <= self._rules.calm
        self._calm_since = (now if self._calm_since is None else self._calm_since) if calm else None
        if min(pressure, self._mean) >= 1 and now - self._changed >= self._rules.worsen_after:
            return self._step(+1, now)
        if self._calm_since is not None and now - self._calm_since >= self._rules.improve_after:
            self._calm_since = now
            return self._step(-1, now)
        return None

    def _step(self, by: int, now: float) -> Tier | None:
        place = min(max(_ORDER.index(self.tier) + by, 0), len(_ORDER) - 1)
        if _ORDER[place] is self.tier:
            return None
        self.tier, self._changed = _ORDER[place], now
        return self.tier
