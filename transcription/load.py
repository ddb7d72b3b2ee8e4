"""How much service the measured load allows. Pure: waiting times and the time in, a tier out.

The pressure is how late the most protected work is, against what is tolerable; 1 is the limit. Under pressure the tier
falls a step a second; it rises again only after a calm stretch, so that it does not swing. Less important streams lose
service first; a critical stream has the same cadence in every tier.
"""

from dataclasses import dataclass
from typing import Final

from .events import Importance, Tier

_ORDER: Final = tuple(Tier)
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
    worsen_after: float = 1.0
    improve_after: float = 8.0
    calm: float = 0.3
    """Pressure below this is calm."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How long the oldest waiting work is past its deadline, seconds."""

    critical_partial: float
    final: float


class LoadController:
    """The tier, step by step."""

    def __init__(self, rules: LoadRules | None = None) -> None:
        self._rules = rules or LoadRules()
        self._pressed_since: float | None = None
        self._calm_since: float | None = None
        self.tier = Tier.FULL

    def pressure(self, late: Lateness) -> float:
        """1 is the limit of what is tolerable."""
        return max(late.critical_partial / self._rules.partial_late, late.final / self._rules.final_late)

    def observe(self, late: Lateness, now: float) -> Tier | None:
        """The new tier, if this observation changes it."""
        pressure = self.pressure(late)
        self._pressed_since = _since(self._pressed_since, pressure >= 1, now)
        self._calm_since = _since(self._calm_since, pressure <= self._rules.calm, now)
        if self._pressed_since is not None and now - self._pressed_since >= self._rules.worsen_after:
            self._pressed_since = now
            return self._step(+1)
        if self._calm_since is not None and now - self._calm_since >= self._rules.improve_after:
            self._calm_since = now
            return self._step(-1)
        return None

    def _step(self, by: int) -> Tier | None:
        place = min(max(_ORDER.index(self.tier) + by, 0), len(_ORDER) - 1)
        if _ORDER[place] is self.tier:
            return None
        self.tier = _ORDER[place]
        return self.tier


def _since(since: float | None, holds: bool, now: float) -> float | None:
    if not holds:
        return None
    return now if since is None else since
