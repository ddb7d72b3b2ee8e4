"""The platform beside the calls: builds each feature and gathers what it answers and what it does in the background.

In: the database, the clock, the installation's secrets. Out: handlers by route name, background work by name.
Every feature has one function here; `dispatch.bootstrap` calls `build` and knows nothing of features.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from dispatch.api import Handler
from dispatch.audit import keep_sealed
from dispatch.observability.clock import Clock
from dispatch.records import audit_api
from dispatch.storage import Database
from dispatch.tenancy import people_api

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Ground:
    """What every feature stands on."""

    database: Database
    clock: Clock


@dataclass(frozen=True)
class Features:
    """What the features offer to the process."""

    handlers: Mapping[str, Handler] = field(default_factory=dict)
    background: Mapping[str, Work] = field(default_factory=dict)


def build(ground: Ground) -> Features:
    """All features of the platform."""
    return merged(people(), records(ground))


def people() -> Features:
    """Who people are."""
    return Features(handlers=people_api.HANDLERS)


def records(ground: Ground) -> Features:
    """The audit log."""
    return Features(audit_api.HANDLERS, {"audit seals": lambda: keep_sealed(ground.database, ground.clock)})


def merged(*features: Features) -> Features:
    """Several features as one."""
    handlers = {name: handler for feature in features for name, handler in feature.handlers.items()}
    background = {name: work for feature in features for name, work in feature.background.items()}
    return Features(handlers, background)
