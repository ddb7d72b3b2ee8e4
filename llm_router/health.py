"""How the router stands: which models can be asked, and whether it is the floor that carries the calls.

In: the lanes and the time. Out: frozen values for an operator's screen and for metrics.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .breaker import BreakerState
from .lanes import Lanes, Target
from .policy import Trust


class Standing(StrEnum):
    """One side of the router: our own models, or the clouds."""

    UP = "up"
    DEGRADED = "degraded"
    """Some models are left alone."""
    DOWN = "down"
    OFF = "off"
    """Nothing is configured, or no key was given."""


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """One model. Times in milliseconds, 0 for not known yet."""

    model: str
    endpoint: str
    trust: Trust
    breaker: BreakerState
    usual_ms: float
    in_flight: int
    ever_answered: bool


@dataclass(frozen=True, slots=True)
class Health:
    """The router as a whole."""

    policy_hash: str
    self_hosted: Standing
    cloud: Standing
    floor_only: bool
    """Text of a call is answered by the rules alone: no self-hosted model can be asked."""
    models: tuple[ModelHealth, ...]


def health_of(lanes: Lanes, now: float) -> Health:
    """The health at `now`, in seconds of the router's clock."""
    models = tuple(_model_health(target, now) for target in lanes.targets.values())
    self_hosted = _standing(model for model in models if model.trust is Trust.SELF_HOSTED)
    return Health(
        policy_hash=lanes.policy.hash,
        self_hosted=self_hosted,
        cloud=_standing(model for model in models if model.trust is Trust.CLOUD),
        floor_only=self_hosted in (Standing.DOWN, Standing.OFF),
        models=models,
    )


def _model_health(target: Target, now: float) -> ModelHealth:
    answers = [times for (_, clock), times in target.times.items() if clock == "answer"]
    usual_s = max((times.usual_s for times in answers if times.known), default=0.0)
    return ModelHealth(
        model=target.id,
        endpoint=target.link.name,
        trust=target.link.endpoint.trust,
        breaker=target.breaker.state(now),
        usual_ms=round(usual_s * 1000, 3),
        in_flight=target.link.in_flight,
        ever_answered=target.breaker.ever_succeeded,
    )


def _standing(models: Iterable[ModelHealth]) -> Standing:
    states = [model.breaker for model in models]
    if not states:
        return Standing.OFF
    closed = states.count(BreakerState.CLOSED)
    return Standing.UP if closed == len(states) else Standing.DEGRADED if closed else Standing.DOWN
