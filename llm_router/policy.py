"""The routing policy as data: frozen values, made by `loader.parse_policy` and proven by `proofs.py`.

Trust belongs to an endpoint and is granted here, never by a request. Pure.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final, Literal

from .reading import NAME, limited
from .sensitivity import Sensitivity

SCHEMA_VERSION: Final = 1


class Depth(StrEnum):
    """How much a model has to think, the least first."""

    REFLEX = "reflex"
    SHALLOW = "shallow"
    DEEP = "deep"

    @property
    def rank(self) -> int:
        return _DEPTHS.index(self)


_DEPTHS: Final = (Depth.REFLEX, Depth.SHALLOW, Depth.DEEP)


class Trust(StrEnum):
    """Whose machine an endpoint is."""

    SELF_HOSTED = "self_hosted"
    CLOUD = "cloud"


class Order(StrEnum):
    """How the candidates of a task are put in order."""

    LISTED = "listed"
    QUALITY = "quality"
    CHEAPEST = "cheapest"
    """The cheapest within the latency budget; on a tie the better one."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One server of models."""

    kind: Literal["ollama", "openai", "anthropic", "openai_compatible", "scripted"]
    trust: Trust
    url: str
    pin: str | None = None
    """The only IP address that a connection may go to, where the URL has a name."""
    key_env: str | None = None
    """Environment variable with the key. No other variable is read."""
    max_parallel: int = limited(default=32, low=1, high=1024)
    """Questions that it works on at once; more of them wait, and the estimate says how long."""
    timeout_s: float = limited(default=30.0, above=0, high=600)
    probe_every_s: float | None = limited(default=None, above=0)
    """Ask for one token when nothing else was asked for so long: keeps the model warm and notices a restart."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """One model on an endpoint, and what it is good for."""

    endpoint: str
    name: str
    quality: int = limited(low=0, high=100)
    max_depth: Depth
    expected_ms: float | None = limited(default=None, above=0)
    """Usual time of an answer, believed until it has been measured."""
    max_input_chars: int = limited(default=24_000, low=1)
    context_tokens: int | None = limited(default=None, low=1)
    """Context that a local server is asked to keep; Ollama's own default cuts a long prompt silently."""
    effort: Mapping[Depth, str] = limited(default={})
    """The provider's own word for each depth; a depth that is missing sends none."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """A kind of question, with the four dimensions that it is held to."""

    sensitivity: Literal["public", "deidentified", "redacted", "sensitive"]
    """The least sensitive that its requests are; a request may be more, never less."""
    models: tuple[str, ...] = limited(most=16)
    depth: Depth
    deadline_ms: float = limited(above=0)
    max_micro_usd: int = limited(low=0)
    max_output_tokens: int = limited(low=1, high=32_000)
    floor: str = limited(pattern=NAME)
    """Name of the deterministic answer that its requests bring along."""
    order: Order = Order.LISTED
    reserve_ms: float = limited(default=60.0, low=5)
    """Kept back from the deadline, so that the floor is in time."""

    @cached_property
    def label(self) -> Sensitivity:
        return Sensitivity[self.sensitivity.upper()]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """Other candidates for a task under a condition. The first rule that fits is taken."""

    name: str = limited(pattern=NAME)
    task: str
    tenant: str | None = None
    depth_at_least: Depth | None = None
    deadline_below_ms: float | None = limited(default=None, above=0)
    models: tuple[str, ...] | None = limited(default=None, most=16)
    order: Order | None = None
    depth: Depth | None = None

    def fits(self, tenant: str, depth: Depth, budget_ms: float) -> bool:
        """Whether it applies to a request with this much time."""
        return (
            self.tenant in (None, tenant)
            and (self.depth_at_least is None or depth.rank >= self.depth_at_least.rank)
            and (self.deadline_below_ms is None or budget_ms < self.deadline_below_ms)
        )


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """Budgets in micro-USD, and what a tenant's contract allows."""

    daily_micro_usd: int = limited(low=0)
    call_micro_usd: int = limited(low=0)
    redacted_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Hedging:
    """When a second model is asked while the first is still thinking."""

    max_share: float = limited(default=0.10, low=0, high=0.5)
    min_ms: float = limited(default=200.0, low=1)
    max_ms: float = limited(default=4000.0, low=1)


@dataclass(frozen=True, kw_only=True)
class BreakerRules:
    """When a model is left alone, and for how long."""

    failures: int = limited(default=2, low=1)
    failure_rate: float = limited(default=0.5, above=0, high=1)
    cooldown_s: tuple[float, float] = (1.0, 30.0)
    auth_cooldown_s: float = limited(default=300.0, above=0)


@dataclass(frozen=True, kw_only=True)
class Price:
    """Micro-USD per token is the same number as US dollars per million tokens."""

    provider: str
    model: str
    input_usd: float = limited(low=0)
    output_usd: float = limited(low=0)
    max_input_tokens: int = limited(low=1)
    as_of: date
    source: str

    @cached_property
    def nano_per_token(self) -> tuple[int, int]:
        """Whole nano-USD per input and output token."""
        return round(self.input_usd * 1000), round(self.output_usd * 1000)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy that has passed every proof. Made by `parse_policy`."""

    schema_version: int
    endpoints: Mapping[str, Endpoint]
    models: Mapping[str, Model]
    tasks: Mapping[str, Task]
    tenants: Mapping[str, Tenant]
    rules: tuple[Rule, ...] = ()
    hedging: Hedging = Hedging()
    breaker: BreakerRules = BreakerRules()
    prices: tuple[Price, ...] = ()

    @cached_property
    def hash(self) -> str:
        """Sixteen hex digits that name this very policy, prices included."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()[:16]

    def tenant(self, name: str) -> Tenant:
        """The tenant's budgets and contract; an unknown tenant has the default's."""
        return self.tenants.get(name, self.tenants["default"])

    def price_of(self, model: Model) -> Price | None:
        """The price of a model in the cloud, or None for one that costs nothing or has no price."""
        kind = self.endpoints[model.endpoint].kind
        return next((price for price in self.prices if (price.provider, price.model) == (kind, model.name)), None)

    def clearance(self, endpoint: str, tenant: str | None = None) -> Sensitivity:
        """The most sensitive label that an endpoint may see, for a tenant's requests."""
        if self.endpoints[endpoint].trust is Trust.SELF_HOSTED:
            return Sensitivity.SENSITIVE
        contract = self.tenant(tenant).redacted_to if tenant is not None else ()
        return Sensitivity.REDACTED if endpoint in contract else Sensitivity.DEIDENTIFIED
