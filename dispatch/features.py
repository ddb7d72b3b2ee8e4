"""The platform beside the calls: builds each feature and gathers what it answers and what it does in the background.

In: the database, the clock, the installation's secrets. Out: handlers by route name, background work by name.
Every feature has one function here; `dispatch.bootstrap` calls `build` and knows nothing of features.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from dispatch.api import Handler
from dispatch.observability.clock import Clock
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

    handlers: Mapping[str, Handler]
    background: Mapping[str, Work]


def build(ground: Ground) -> Features:
    """All features of the platform."""
    del ground
    return Features(handlers={**people_api.HANDLERS}, background={})
