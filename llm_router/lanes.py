"""The lanes: for each label, the models that a request with that label can reach, and no way to any other.

In: a proven policy and a function that connects to endpoints. Out: one lane per label and tenant, each holding only the
targets that `sensitivity.admits` lets through. A request is given its lane and nothing else, so that on the sensitive
path there is no client of a cloud in reach: the object graph is the gate, not an `if` in a loop. A reload keeps the
adapter, breaker and times of every endpoint and model that did not change.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .breaker import Breaker
from .costs import Rate, rate_of
from .latency import Times
from .policy import Endpoint, Model, Policy
from .providers.connect import Connect
from .providers.port import ModelPort
from .sensitivity import Sensitivity, admits


@dataclass(slots=True)
class Link:
    """One connected endpoint and how busy it is."""

    name: str
    endpoint: Endpoint
    port: ModelPort
    in_flight: int = 0
    last_used: float = 0.0
    """When something was last asked of it, in seconds of the router's clock."""

    def queue_s(self, usual_s: float) -> float:
        """Seconds that one more question would wait for those before it."""
        waiting = self.in_flight + 1 - self.endpoint.max_parallel
        return max(waiting, 0) * usual_s / self.endpoint.max_parallel


@dataclass(slots=True)
class Target:
    """One model that can be asked: its client, its health, its times and its price."""

    id: str
    model: Model
    link: Link
    breaker: Breaker
    rate: Rate
    last_probe: float = 0.0
    times: dict[tuple[str, str], Times] = field(default_factory=dict)
    """By task and clock (`answer`, `first_token`, `gap`): at most three for each task of the policy."""

    def times_of(self, task: str, clock: str) -> Times:
        """The remembered times of one clock on one task."""
        times = self.times.get((task, clock))
        if times is None:
            expected_ms = None if clock == "gap" else self.model.expected_ms
            times = self.times[task, clock] = Times(None if expected_ms is None else expected_ms / 1000)
        return times


Lane = Mapping[str, Target]
"""The targets that one label can reach, by the model's name in the policy."""


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """A policy with everything that it reaches. Replaced as a whole by a reload."""

    policy: Policy
    targets: Mapping[str, Target]
    _by_label: Mapping[tuple[Sensitivity, str], Lane]

    def lane(self, label: Sensitivity, tenant: str) -> Lane:
        """The lane of a label for a tenant of the policy."""
        return self._by_label[label, tenant]


def build_lanes(policy: Policy, connect: Connect, rng: random.Random, before: Lanes | None = None) -> Lanes:
    """Connects what is new, keeps what is the same, and sorts it into lanes."""
    links = dict(_links(policy, connect, before))
    targets = {
        name: _target(name, model, links[model.endpoint], policy, rng, before)
        for name, model in policy.models.items()
        if model.endpoint in links
    }
    lanes = {
        (label, tenant): {
            name: target
            for name, target in targets.items()
            if admits(policy.clearance(target.model.endpoint, tenant), label)
        }
        for label in Sensitivity
        for tenant in policy.tenants
    }
    return Lanes(policy, targets, lanes)


def _links(policy: Policy, connect: Connect, before: Lanes | None) -> Iterator[tuple[str, Link]]:
    kept = {target.link.name: target.link for target in before.targets.values()} if before is not None else {}
    for name, endpoint in policy.endpoints.items():
        if name in kept and kept[name].endpoint == endpoint:
            yield name, kept[name]
        elif (port := connect(name, endpoint)) is not None:
            yield name, Link(name, endpoint, port)


def _target(name: str, model: Model, link: Link, policy: Policy, rng: random.Random, before: Lanes | None) -> Target:
    old = before.targets.get(name) if before is not None else None
    if old is not None and old.link is link and old.model.name == model.name and before is not None:
        same_rules = before.policy.breaker == policy.breaker
        breaker = old.breaker if same_rules else Breaker(policy.breaker, rng)
        return Target(name, model, link, breaker, rate_of(policy, model), times=old.times)
    return Target(name, model, link, Breaker(policy.breaker, rng), rate_of(policy, model))


def dropped_links(before: Lanes, after: Lanes) -> list[Link]:
    """The links of `before` that `after` has no use for; to be closed when nothing is in flight on them."""
    kept = {id(target.link) for target in after.targets.values()}
    return list({id(t.link): t.link for t in before.targets.values() if id(t.link) not in kept}.values())
