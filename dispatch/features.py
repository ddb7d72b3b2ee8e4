"""The platform beside the calls: builds each feature and gathers what it answers and what it does in the background.

In: the database, the clock, the installation's secrets. Out: handlers by route name, background work by name.
Every feature has one function here; `dispatch.bootstrap` calls `build` and knows nothing of features.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from dispatch.api import Handler
from dispatch.audit import keep_sealed
from dispatch.jobs import Doorbell, JobKinds, Worker, in_one_transaction
from dispatch.jobs import api as jobs_api
from dispatch.jobs.queue import clean_up
from dispatch.observability.clock import Clock
from dispatch.records import audit_api
from dispatch.settings import Settings
from dispatch.storage import Database
from dispatch.tenancy import people_api

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Ground:
    """What every feature stands on."""

    database: Database
    clock: Clock
    settings: Settings
    kinds: JobKinds = field(default_factory=JobKinds)
    """Who carries out which kind of job: every feature registers its own."""
    worker_database: Database | None = None
    """The connections of this process's own worker; None: it carries no jobs out."""


@dataclass(frozen=True)
class Features:
    """What the features offer to the process."""

    handlers: Mapping[str, Handler] = field(default_factory=dict)
    background: Mapping[str, Work] = field(default_factory=dict)


def build(ground: Ground) -> Features:
    """All features of the platform."""
    return merged(people(), records(ground), jobs(ground))


def people() -> Features:
    """Who people are."""
    return Features(handlers=people_api.HANDLERS)


def records(ground: Ground) -> Features:
    """The audit log."""
    return Features(audit_api.HANDLERS, {"audit seals": lambda: keep_sealed(ground.database, ground.clock)})


def jobs(ground: Ground) -> Features:
    """What runs behind the scenes."""
    ground.kinds.register("jobs.clean", in_one_transaction(clean_up))
    ground.kinds.repeat("jobs.clean", "10 3 * * *", "jobs.clean")
    background: dict[str, Work] = {"jobs doorbell": Doorbell(ground.database, ground.clock).run}
    if ground.worker_database:
        background["jobs worker"] = Worker(ground.worker_database, ground.kinds, ground.clock).run
    return Features(jobs_api.HANDLERS, background)


def merged(*features: Features) -> Features:
    """Several features as one."""
    handlers = {name: handler for feature in features for name, handler in feature.handlers.items()}
    background = {name: work for feature in features for name, work in feature.background.items()}
    return Features(handlers, background)
