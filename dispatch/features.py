"""The platform beside the calls: builds each feature and gathers what it answers and what it does in the background.

In: the database, the clock, the installation's secrets. Out: handlers by route name, background work by name.
Every feature has one function here; `dispatch.bootstrap` calls `build` and knows nothing of features.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dispatch.api import Handler
from dispatch.approvals import ApprovalsApi
from dispatch.audit import keep_sealed
from dispatch.backup_schedule import schedule_of
from dispatch.booking import Bookings, Catalogue, HandedOverCalls, Transitions, read_catalogue
from dispatch.calls.node_calls import location_of
from dispatch.consoles.floor import Floor
from dispatch.contract.base import CentreId
from dispatch.dispatching import (
    BookedUnits,
    Consoles,
    DispatchApi,
    DispatchDesk,
    Follower,
    Geocode,
    Hints,
    KnownAddresses,
    LiveCalls,
    Means,
    Missions,
    Searches,
    Timers,
)
from dispatch.identity import SecondFactors
from dispatch.jobs import Doorbell, JobKinds, Worker, enqueue, in_one_transaction
from dispatch.jobs import api as jobs_api
from dispatch.jobs.queue import clean_up
from dispatch.notifications import HANDLERS as NOTIFICATION_HANDLERS
from dispatch.notifications import FanOut, enqueue_notices, follow_bookings
from dispatch.observability.clock import Clock
from dispatch.observability.supervision import TaskSupervisor
from dispatch.payments import PaymentFlow, fee_by
from dispatch.pharmacy import HANDLERS as PHARMACY_HANDLERS
from dispatch.pharmacy import PharmacyFlow
from dispatch.providers import api as outbox_api
from dispatch.providers.chosen import Providers
from dispatch.providers.geocoding import Nominatim
from dispatch.providers.webhooks import WebhookDesk
from dispatch.records import Archivist, RecordsApi, SoundApi, audit_api
from dispatch.reports import ReportApi, ReportFlow
from dispatch.settings import CALLS_FOLDER, Settings
from dispatch.storage import Database, PostgresTimelineStore, TenantKeys
from dispatch.tenancy import TOKEN_SECRET, InvitationTokens, people_handlers
from dispatch.training import Exercises, Reviews, Runs

Work = Callable[[], Awaitable[None]]

SERVICE_TYPES_FOLDER: Final = "service_types"


@dataclass(frozen=True)
class NodeSide:
    """What a process has that takes calls."""

    calls: LiveCalls
    consoles: Consoles
    centres: Callable[[], Iterable[CentreId]]
    tasks: TaskSupervisor


@dataclass(frozen=True)
class Ground:
    """What every feature stands on."""

    database: Database
    clock: Clock
    settings: Settings
    keys: TenantKeys
    providers: Providers
    catalogue: Catalogue
    """The service types of the product and of this installation."""
    kinds: JobKinds = field(default_factory=JobKinds)
    """Who carries out which kind of job: every feature registers its own."""
    worker_database: Database | None = None
    """The connections of this process's own worker; None: it carries no jobs out."""
    node: NodeSide | None = None
    """None: a process without calls and consoles."""


@dataclass(frozen=True)
class Features:
    """What the features offer to the process."""

    handlers: Mapping[str, Handler] = field(default_factory=dict)
    background: Mapping[str, Work] = field(default_factory=dict)
    webhooks: WebhookDesk | None = None
    sending: "Sending | None" = None
    """What consoles command of incidents and units, and are told of them."""


@dataclass(frozen=True)
class Sending:
    """The parts of dispatching that the consoles are joined to."""

    desk: DispatchDesk
    follower: Follower
    hints: Hints


def build(ground: Ground) -> Features:
    """All features of the platform."""
    makers = (people, records, booking, dispatching, training, approvals, provided, jobs)
    return merged(*(make(ground) for make in makers))


def people(ground: Ground) -> Features:
    """Who people are, where they belong, and what they may do there."""
    tokens = InvitationTokens(ground.settings.data_dir / TOKEN_SECRET)
    return Features(people_handlers(SecondFactors(ground.database), tokens))


def records(ground: Ground) -> Features:
    """The audit log, and what is kept of calls."""
    settings = ground.settings
    api = RecordsApi(ground.keys, settings.retention_days)
    sound = SoundApi(ground.keys, settings.data_dir / CALLS_FOLDER)
    archivist = Archivist(ground.database, ground.clock, settings.data_dir / CALLS_FOLDER, settings.retention_days)
    background: dict[str, Work] = {
        "audit seals": lambda: keep_sealed(ground.database, ground.clock),
        "archivist": archivist.run,
    }
    return Features({**audit_api.HANDLERS, **api.handlers, "hear_call": sound.hear}, background)


def booking(ground: Ground) -> Features:
    """Bookings and appointments."""
    units = BookedUnits(Missions(Transitions(ground.catalogue, enqueue)))
    bookings = Bookings(ground.catalogue, enqueue, ground.clock, units.apply)
    bookings.register_jobs(ground.kinds)
    return Features(bookings.handlers)


def service_types(settings: Settings) -> Catalogue:
    """The product's service types and those of the data folder: a file in its `service_types/` is one more service."""
    return read_catalogue(settings.data_dir / SERVICE_TYPES_FOLDER)


def booked_calls(store: PostgresTimelineStore, database: Database, catalogue: Catalogue) -> HandedOverCalls:
    """The store of calls' logs, from which a call handed over as a booking becomes one."""
    return HandedOverCalls(store, database, Transitions(catalogue, enqueue))


def dispatching(ground: Ground) -> Features:
    """Incidents, units and places."""
    notices = enqueue_notices
    searches = Searches(Missions(Transitions(ground.catalogue, enqueue)), notices)
    handlers = DispatchApi(searches).handlers
    node = ground.node
    if node is None:
        return Features(handlers)
    follower = Follower(ground.database, ground.clock, node.calls, node.consoles, node.centres)
    timers = Timers(ground.database, ground.clock, searches, node.centres)
    means = Means(
        ground.database, ground.clock, node.calls, searches, notices, geocoder(ground), follower.look
    )  # fmt: skip
    hints = Hints(ground.database, ground.clock, node.calls, node.consoles, node.tasks.start)
    background: dict[str, Work] = {"dispatch follower": follower.run, "dispatch timers": timers.run}
    return Features(handlers, background, None, Sending(DispatchDesk(means), follower, hints))


def geocoder(ground: Ground) -> Geocode:
    """Who is asked for addresses that no gazetteer has: nobody, unless the settings name a server."""
    url = ground.settings.geocoder_url
    return Nominatim(ground.providers.client, url, ground.clock) if url else KnownAddresses()


def training(ground: Ground) -> Features:
    """Exercises, scores of training calls, and the review of real ones."""
    parts = (Exercises(ground.keys), Runs(ground.keys), Reviews(ground.keys))
    return Features({name: handler for part in parts for name, handler in part.handlers.items()})


def approvals(ground: Ground) -> Features:
    """Protocols, and the signatures under them. What calls know of these is kept beside the calls."""
    return Features(ApprovalsApi(SecondFactors(ground.database)).handlers)


def jobs(ground: Ground) -> Features:
    """What runs behind the scenes."""
    ground.kinds.register("jobs.clean", in_one_transaction(clean_up))
    ground.kinds.repeat("jobs.clean", "10 3 * * *", "jobs.clean")
    if backups := schedule_of(ground.settings, ground.clock, ground.providers.files):
        backups.register(ground.kinds, ground.settings.backup_cron)
    background: dict[str, Work] = {"jobs doorbell": Doorbell(ground.database, ground.clock).run}
    if ground.worker_database:
        background["jobs worker"] = Worker(ground.worker_database, ground.kinds, ground.clock).run
    return Features(jobs_api.HANDLERS, background)


def provided(ground: Ground) -> Features:
    """What goes through providers: payments, messages, reports, the pharmacy, and their webhooks."""
    providers, clock = ground.providers, ground.clock
    PaymentFlow(providers, clock, ground.settings.currency, fee_by(ground.catalogue.of)).register(ground.kinds)
    FanOut(providers, clock).register(ground.kinds)
    ReportFlow(providers.files, clock).register(ground.kinds)
    PharmacyFlow(providers, clock).register(ground.kinds)
    handlers = {
        **outbox_api.HANDLERS,
        **NOTIFICATION_HANDLERS,
        **PHARMACY_HANDLERS,
        **ReportApi(providers.files).handlers,
    }
    webhooks = WebhookDesk(ground.database, providers.webhooks)
    return Features(handlers, {"notifications": lambda: follow_bookings(ground.database, clock)}, webhooks)


def merged(*features: Features) -> Features:
    """Several features as one."""
    handlers = {name: handler for feature in features for name, handler in feature.handlers.items()}
    background = {name: work for feature in features for name, work in feature.background.items()}
    sending = next((feature.sending for feature in features if feature.sending), None)
    webhooks = next((feature.webhooks for feature in features if feature.webhooks), None)
    return Features(handlers, background, webhooks, sending)


def join_consoles(floor: Floor, features: Features) -> DispatchDesk | None:
    """Consoles are told of units and incidents, of what is known of a number, and of places that a card may mean."""
    if features.sending is None:
        return None
    hints = features.sending.hints
    floor.board, floor.on_shown = features.sending.follower.board, hints.shown
    floor.on_card = lambda call_id, card: hints.location_heard(call_id, location_of(card))
    return features.sending.desk
