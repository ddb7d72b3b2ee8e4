"""The routing policy as data: frozen values, made by `loader.parse_policy` and proven by `proofs.py`.

Trust belongs to an endpoint and is granted here, never by a request. Pure.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from .sensitivity import Sensitivity

SCHEMA_VERSION: Final = 1

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]


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


class Frozen(BaseModel):
    """Immutable, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Endpoint(Frozen):
    """One server of models."""

    kind: Literal["ollama", "openai", "anthropic", "openai_compatible", "scripted"]
    trust: Trust
    url: str
    pin: str | None = None
    """The only IP address that a connection may go to, where the URL has a name."""
    key_env: str | None = None
    """Environment variable with the key. No other variable is read."""
    max_parallel: int = Field(default=32, ge=1, le=1024)
    """Questions that it works on at once; more of them wait, and the estimate says how long."""
    timeout_s: float = Field(default=30.0, gt=0, le=600)
    probe_every_s: float | None = Field(default=None, gt=0)
    """Ask for one token when nothing else was asked for so long: keeps the model warm and notices a restart."""


class Model(Frozen):
    """One model on an endpoint, and what it is good for."""

    endpoint: Name
    name: str = Field(min_length=1, max_length=200)
    quality: int = Field(ge=0, le=100)
    max_depth: Depth
    expected_ms: float | None = Field(default=None, gt=0)
    """Usual time of an answer, believed until it has been measured."""
    max_input_chars: int = Field(default=24_000, gt=0)
    context_tokens: int | None = Field(default=None, gt=0)
    """Context that a local server is asked to keep; Ollama's own default cuts a long prompt silently."""
    effort: Mapping[Depth, str] = Field(default_factory=dict)
    """The provider's own word for each depth; a depth that is missing sends none."""


class Task(Frozen):
    """A kind of question, with the four dimensions that it is held to."""

    sensitivity: Literal["public", "deidentified", "redacted", "sensitive"]
    """The least sensitive that its requests are; a request may be more, never less."""
    models: tuple[Name, ...] = Field(min_length=1, max_length=16)
    order: Order = Order.LISTED
    depth: Depth
    deadline_ms: float = Field(gt=0)
    reserve_ms: float = Field(default=60, ge=5)
    """Kept back from the deadline, so that the floor is in time."""
    max_micro_usd: int = Field(ge=0)
    max_output_tokens: int = Field(gt=0, le=32_000)
    floor: Name
    """Name of the deterministic answer that its requests bring along."""

    @cached_property
    def label(self) -> Sensitivity:
        return Sensitivity[self.sensitivity.upper()]


class Rule(Frozen):
    """Other candidates for a task under a condition. The first rule that fits is taken."""

    name: Name
    task: Name
    tenant: str | None = None
    depth_at_least: Depth | None = None
    deadline_below_ms: float | None = Field(default=None, gt=0)
    models: tuple[Name, ...] | None = Field(default=None, min_length=1)
    order: Order | None = None
    depth: Depth | None = None

    def fits(self, tenant: str, depth: Depth, budget_ms: float) -> bool:
        """Whether it applies to a request with this much time."""
        return (
            self.tenant in (None, tenant)
            and (self.depth_at_least is None or depth.rank >= self.depth_at_least.rank)
            and (self.deadline_below_ms is None or budget_ms < self.deadline_below_ms)
        )


class Tenant(Frozen):
    """Budgets in micro-USD, and what a tenant's contract allows."""

    daily_micro_usd: int = Field(ge=0)
    call_micro_usd: int = Field(ge=0)
    redacted_to: tuple[Name, ...] = ()


class Hedging(Frozen):
    """When a second model is asked while the first is still thinking."""

    max_share: float = Field(default=0.10, ge=0, le=0.5)
    min_ms: float = Field(default=200, ge=1)
    max_ms: float = Field(default=4000, ge=1)


class BreakerRules(Frozen):
    """When a model is left alone, and for how long."""

    failures: int = Field(default=2, ge=1)
    failure_rate: float = Field(default=0.5, gt=0, le=1)
    cooldown_s: tuple[float, float] = (1, 30)
    auth_cooldown_s: float = Field(default=300, gt=0)


class Price(Frozen):
    """Micro-USD per token is the same number as US dollars per million tokens."""

    provider: str
    model: str
    input_usd: Decimal = Field(ge=0)
    output_usd: Decimal = Field(ge=0)
    max_input_tokens: int = Field(gt=0)
    as_of: date
    source: str

    @cached_property
    def nano_per_token(self) -> tuple[int, int]:
        """Whole nano-USD per input and output token."""
        return int(self.input_usd * 1000), int(self.output_usd * 1000)


class Policy(Frozen):
    """A policy that has passed every proof. Made by `parse_policy`."""

    schema_version: Literal[1]
    endpoints: Mapping[Name, Endpoint]
    models: Mapping[Name, Model]
    tasks: Mapping[Name, Task]
    rules: tuple[Rule, ...] = ()
    tenants: Mapping[str, Tenant]
    hedging: Hedging = Hedging()
    breaker: BreakerRules = BreakerRules()
    prices: tuple[Price, ...] = ()

    @cached_property
    def hash(self) -> str:
        """Sixteen hex digits that name this very policy, prices included."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

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
