"""Builds a server process from its settings: the only place that picks adapters.

In: `Settings`. Out: a running `Node`. Order: the disk first (a call can be taken as soon as it can be journalled), then
the database, the speech engine beside it, and the doors last. Stopping goes the other way round, and whatever callers
were told is safe is on disk before the process ends, or lets another one have the data.
"""

import asyncio
import contextlib
import os
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web
from pydantic import SecretStr

from dispatch.api import Api, Cursors
from dispatch.approvals import KnownApprovals
from dispatch.booking import seed_demo_calendars
from dispatch.calls.approval_marks import mark_anew
from dispatch.calls.disk import GroupCommit
from dispatch.calls.node_calls import NodeCalls
from dispatch.calls.pipeline import PathParts
from dispatch.calls.ports import Reader
from dispatch.calls.recovery import find_calls
from dispatch.calls.retention import DAY_S, clean
from dispatch.calls.ringing import Escalation
from dispatch.calls.shipper import Shipper
from dispatch.calls.switchboard import Switchboard
from dispatch.consoles.floor import Floor
from dispatch.contract.base import CentreId
from dispatch.contract.http import Sample, SampleList
from dispatch.dispatching import seed_demo_units
from dispatch.features import Ground, NodeSide, booked_calls, join_consoles, service_types
from dispatch.features import build as build_features
from dispatch.identity import (
    AccessTokens,
    Identity,
    OneTimeCodes,
    Passwords,
    RefreshTokens,
    RememberedCodes,
    signing_keys,
)
from dispatch.model_routing import model_routing, reader_of
from dispatch.node_health import probes_of, transcription_health
from dispatch.notifications import TextedCodes
from dispatch.observability import metrics
from dispatch.observability.clock import Clock, SystemClock
from dispatch.observability.health import HealthDesk
from dispatch.observability.loop_lag import sample_loop_lag
from dispatch.observability.supervision import TaskSupervisor
from dispatch.providers.chosen import providers_of
from dispatch.providers.files import FolderFiles
from dispatch.settings import CALLS_FOLDER, TENANT_KEYS, Settings
from dispatch.sound_files import seconds_of
from dispatch.speech_engine import whisper_options
from dispatch.standing_by import StandBy
from dispatch.storage import (
    Database,
    DataInUse,
    DataRoot,
    EmbeddedServers,
    PostgresTimelineStore,
    StoreUnavailable,
    TenantKeys,
    migrate,
)
from dispatch.storage.canary import BrokerCanary
from dispatch.storage.data_root import secret_text
from dispatch.tenancy import TOKEN_SECRET, DemoWorld, InvitationTokens, Reception, StoredDirectory, seed_demo
from dispatch.transport.api import bind_api
from dispatch.transport.caller import CallerNamespace
from dispatch.transport.desk import IdentityDesk
from dispatch.transport.http import MAX_BODY_BYTES, HttpApi, edge, serve_cards, serve_map, serve_pages
from dispatch.transport.listening import listening_socket, tls_of, url_of
from dispatch.transport.operator import OperatorNamespace
from dispatch.transport.sockets import BoundedServer
from dispatch.transport.uploads import bind_uploads
from dispatch.transport.webhooks import bind_webhooks
from dispatch.triage import paper_cards, warm_up
from transcription import TranscriptionService, WhisperEngine

HEALTH_EVERY_S: Final = 1.0
CLEAN_EVERY_S: Final = 60.0
SHUTDOWN_S: Final = 5.0
PROJECT: Final = Path(__file__).resolve().parent.parent
WEB: Final = PROJECT / "web"
DEMO_MAP: Final = Path(__file__).with_name("dispatching") / "demo_map"
OUTBOX_PAGE: Final = Path(__file__).with_name("transport") / "outbox"
"""What the in-memory providers wrote down; needs no build."""
PAGES: Final = {"/call": "caller", "/crew": "crew", "": "operator"}
"""Which built page is served under which prefix."""
SAMPLES: Final = PROJECT / "scenarios" / "library"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Addresses:
    """Where the servers behind this one are. They hold passwords."""

    database: str = field(repr=False)
    owner: str = field(repr=False)
    redis: str | None = field(repr=False)


class Node:
    """One server process. `await start()` returns when its doors are open; `await stop()` when all is safe.

    With `settings.stand_by` that may take days: until the server that holds the data folder is gone.
    Tests give a transcription service of their own, with a scripted engine; everything else is the real thing.
    """

    def __init__(
        self, settings: Settings, *, demo: bool = False, transcription: TranscriptionService | None = None
    ) -> None:
        self.settings = settings
        self.demo_world: DemoWorld | None = None
        self.url = ""
        self._demo = demo
        self._given_transcription = transcription
        self._embedded: EmbeddedServers | None = None
        self._clock: Clock = SystemClock()
        self._stack = AsyncExitStack()
        self._root = DataRoot(settings.data_dir)
        self._standing: StandBy | None = None
        self._disk_hangs = False

    async def start(self) -> None:
        """Starts everything. On an error, what had started is stopped again."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def drain(self) -> None:
        """Says that it is about to stop, and for `drain_s` serves on while a proxy sends new connections elsewhere."""
        if self.settings.drain_s:
            self.health.drain()
            await self._clock.sleep(self.settings.drain_s)

    async def stop(self) -> None:
        """Closes the doors, then everything behind them."""
        try:
            await self._stack.aclose()
        finally:
            if not self._disk_hangs:
                self._root.release()

    async def _start(self) -> None:
        settings = self.settings
        waits = not self._holds_data()
        self.tasks = TaskSupervisor(clock=self._clock)
        self._stack.push_async_callback(self.tasks.close)
        self.transcription = self._given_transcription or TranscriptionService(
            WhisperEngine(await asyncio.to_thread(whisper_options, settings))
        )
        self._stack.push_async_callback(self.transcription.close)
        metrics.SPEECH.watch(self.transcription.status)
        self._stack.callback(metrics.SPEECH.watch, None)
        self.tasks.start("engine start", self.transcription.start())
        self.tasks.start("triage start", asyncio.to_thread(warm_up))
        self.catalogue = await asyncio.to_thread(service_types, settings)
        if waits:
            await self._wait_for_data()
        self.calls_root = settings.data_dir / CALLS_FOLDER
        self.calls_root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.disk = GroupCommit(asyncio.get_running_loop())
        self._stack.push_async_callback(self._close_disk)
        addresses = await self._addresses()
        await self._open_database(addresses)
        if not waits:
            await self._connect_models()
        self._build(addresses)
        self._take_up_calls()
        if self._embedded is None:  # else they are stopped first
            self._stack.push_async_callback(self._close_disk)
        self._stack.push_async_callback(self._send_the_rest)
        self._stack.push_async_callback(self.tasks.close)
        self._stack.callback(self._stop_hearing)
        self._run_in_background()
        await self._open_doors()

    def _holds_data(self) -> bool:
        """Takes the data folder. False: another server has it, and this one may wait. Raises DataInUse."""
        try:
            self._root.hold()
        except DataInUse:
            if not self.settings.stand_by:
                raise
            return False
        return True

    async def _wait_for_data(self) -> None:
        """Makes ready what needs no calls, and stands by until the server that has them is gone."""
        probe = {"transcription": lambda: transcription_health(self.transcription)}
        standing = self._standing = StandBy(self.settings, self._clock, probe)
        self._stack.push_async_callback(standing.close)
        self.url = standing.url
        await self._connect_models()
        self.tasks.keep_running("early migration", standing.bring_up_to_date)
        watching = self.tasks.keep_running("standing by", standing.watch)
        await standing.until_free(self._root)
        watching.cancel()

    async def _close_disk(self) -> None:
        """All that was taken in is written; then another server may have the data."""
        await self.disk.close()
        self._disk_hangs = not self.disk.ended  # in a write: the end of the process lets go, after it
        if not self._disk_hangs:
            self._root.release()

    async def _connect_models(self) -> None:
        """The router and what reads calls through it; importing a provider's SDK must not hold up the loop."""
        self.models = await model_routing(self.settings, os.environ)
        self._stack.push_async_callback(self.models.aclose)
        self.reader: Reader | None = await asyncio.to_thread(reader_of, self.models)

    async def _addresses(self) -> Addresses:
        """The configured servers, or embedded ones where no database is configured; a broker nobody has to have."""
        database, redis = _secret(self.settings.database_url), _secret(self.settings.redis_url)
        owner = _secret(self.settings.database_owner_url) or database
        if database is None:
            self._embedded = EmbeddedServers(self._root, clock=self._clock)
            urls = await self._stack.enter_async_context(self._embedded)
            database, owner, redis = urls.database_url, owner or urls.owner_url, redis or urls.redis_url
        return Addresses(_async_url(database), _async_url(owner or database), redis)

    async def _open_database(self, addresses: Addresses) -> None:
        """The schema, the identity, the directory. With the database away the node starts all the same."""
        settings = self.settings
        self.database = (self._standing and self._standing.database) or Database(addresses.database)
        self._stack.push_async_callback(self.database.close)
        keys = settings.data_dir / "secrets"
        keys.mkdir(mode=0o700, exist_ok=True)
        passwords = Passwords()
        self._stack.callback(passwords.close)
        try:
            if self._standing is None or self._embedded:
                await migrate(addresses.owner)
            if self._demo:
                number = settings.public_number
                self.demo_world = await seed_demo(self.database, settings.data_dir, public_number=number)
                world = self.demo_world
                await seed_demo_units(self.database, world.centre_id, world.hospital_id, self._clock.now())
                await seed_demo_calendars(self.database, world.hospital_id)
        except StoreUnavailable:
            _log.warning("database away at the start; taking calls with what is known")
            self.tasks.keep_running("late migration", lambda: migrate(addresses.owner))
        self.directory = StoredDirectory(self.database, settings.data_dir / "directory.json")
        await self.directory.load()
        self.keys = TenantKeys(settings.data_dir / TENANT_KEYS)
        for centre in self.directory.centres():
            self.keys.ensure(centre.centre_id)
        self.timelines = PostgresTimelineStore(self.database, self.keys)
        self.cursors = Cursors(secret_text(keys / "cursors", _new_secret))
        refresh = RefreshTokens(self.database, secret_text(keys / "refresh", _new_secret))
        tokens = AccessTokens(signing_keys(keys / "signing.json"))
        self.identity = Identity(self.database, tokens, refresh, passwords, self._clock)
        self.code_sender = RememberedCodes()
        self.providers = providers_of(settings, self.database, self._clock)
        self._stack.push_async_callback(self.providers.client.aclose)
        texted = TextedCodes(self.providers.real.messaging, None if settings.twilio_token else self.code_sender)
        self.codes = OneTimeCodes(
            self.database, texted, secret_text(keys / "codes", _new_secret), self._clock
        )  # fmt: skip
        invitations = InvitationTokens(settings.data_dir / TOKEN_SECRET)
        self.reception = Reception(self.database, self.identity, passwords, invitations, self._clock)

    def _build(self, addresses: Addresses) -> None:
        settings, clock = self.settings, self._clock
        self.approvals = KnownApprovals(self.database, clock)
        parts = PathParts(
            self.disk, self.keys, self.transcription, self.reader, clock, self.tasks, self.approvals.of
        )  # fmt: skip
        escalation = Escalation(
            settings.escalate_all_seats_s, settings.escalate_supervisor_s, settings.escalate_overflow_s
        )
        self.switchboard = Switchboard(self.calls_root, parts, self.directory, escalation, settings.reconnect_grace_s)
        self.canary = BrokerCanary(addresses.redis, clock)
        self._stack.push_async_callback(self.canary.close)
        self.shipper = Shipper(
            booked_calls(self.timelines, self.database, self.catalogue), clock, self.switchboard.calls.values,
            self.calls_root, self.switchboard.forget,
        )  # fmt: skip
        self.switchboard.on_entered = self.shipper.wake
        self.health = HealthDesk(
            version("kiwimesh"),
            probes_of(
                settings, self.disk, self.calls_root, self.shipper, self.canary, self.transcription, self.models.health
            ),
            self.models.models,
        )
        self.floor = Floor(self.switchboard, self.directory, clock, self.health.system())
        self.switchboard.floor = self.floor
        worker_database = Database(addresses.database, "jobs") if settings.jobs_in_server else None
        if worker_database:
            self._stack.push_async_callback(worker_database.close)
        node = NodeSide(NodeCalls(self.switchboard), self.floor, self._centre_ids, self.tasks)
        ground = Ground(
            self.database, clock, settings, self.keys, self.providers, self.catalogue,
            worker_database=worker_database, node=node,
        )  # fmt: skip
        self.features = build_features(ground)
        self.sending_desk = join_consoles(self.floor, self.features)

    async def _mark_anew(self, centres: frozenset[str]) -> None:
        await mark_anew(self.switchboard.calls.values(), centres)

    def _centre_ids(self) -> tuple[CentreId, ...]:
        return tuple(centre.centre_id for centre in self.directory.centres())

    def _take_up_calls(self) -> None:
        """What a restart finds on disk goes on, before any door opens."""
        for found in find_calls(self.calls_root, self.keys):
            call = self.switchboard.recover(found)
            _log.info("call taken up again", call_id=call.call_id, open=call.open)
        self.shipper.wake()  # what the database has not been told yet, also of calls in which nothing happens any more

    def _run_in_background(self) -> None:
        tasks = self.tasks
        tasks.keep_running("ship", self.shipper.run)
        tasks.keep_running("revocations", self.identity.keep_fresh)
        tasks.keep_running("one-time codes", self.codes.run)
        tasks.keep_running("consoles", self.floor.sweep)
        tasks.keep_running("health", self._watch_health)
        tasks.keep_running("retention", self._clean_up)
        tasks.keep_running("broker canary", self.canary.run)
        tasks.keep_running("approvals", lambda: self.approvals.keep_fresh(self._mark_anew))
        tasks.keep_running("directory", lambda: self.directory.keep_fresh(self._clock))
        tasks.keep_running("loop lag", lambda: sample_loop_lag(self._clock))
        self.models.run_in_background(tasks, self.settings, os.environ)
        for name, work in self.features.background.items():
            tasks.keep_running(name, work)
        if self._embedded:
            tasks.keep_running("embedded servers", self._embedded.watch)

    async def _open_doors(self) -> None:
        settings = self.settings
        app = web.Application(middlewares=[edge], client_max_size=MAX_BODY_BYTES)
        desk = IdentityDesk(self.identity, self.codes, self.reception, self._clock)
        secure = settings.tls or settings.public_url.startswith("https://")
        HttpApi(desk, self.health.report, sample_list(SAMPLES), settings.trusted_proxies, secure_cookies=secure).bind(
            app
        )
        self.api = Api(self.database, self.identity.verify, self.features.handlers, self.cursors, self._clock)
        if self.features.webhooks:
            bind_webhooks(app, self.features.webhooks, self._clock, settings.public_url)
        bind_api(app, self.api)
        if isinstance(self.providers.files, FolderFiles):
            bind_uploads(app, self.providers.files)
        serve_cards(app, paper_cards)
        built = {prefix: WEB / name / "dist" for prefix, name in PAGES.items()}
        serve_pages(app, {"/outbox": OUTBOX_PAGE, **built}, SAMPLES)
        serve_map(app, settings.map_dir or (DEMO_MAP if self._demo else None))
        server = BoundedServer(settings.allowed_origins, self.tasks)
        number = settings.public_number
        doors = (
            CallerNamespace(server, self.tasks, self._clock, self.switchboard, number),
            OperatorNamespace(
                server, self.tasks, self._clock, self.switchboard, self.floor, desk.operator, self.sending_desk
            ),
        )
        for door in doors:
            server.register_namespace(door)
        server.listen_for_broken({door.path: door.broken for door in doors})
        server.attach(app)
        app.on_shutdown.append(lambda _: server.close_all())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await self._listen(runner)

    async def _listen(self, runner: web.AppRunner) -> None:
        settings = self.settings
        listening = await self._standing.hand_over() if self._standing else listening_socket(settings)
        await web.SockSite(runner, listening, ssl_context=tls_of(settings)).start()
        self.url = url_of(settings, listening)
        _log.info("doors open", place=self.url)

    def _stop_hearing(self) -> None:
        """Before the tasks end that calls start for what they hear."""
        for call in self.switchboard.calls.values():
            call.path.stop_hearing()

    async def _send_the_rest(self) -> None:
        """At the end: what is not in the database yet, if it takes it; it is on disk in any case."""
        if self.shipper.away:
            return
        with contextlib.suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(SHUTDOWN_S):
                await self.shipper.ship_all()

    # --- watching ------------------------------------------------------------------------------------------------

    async def _watch_health(self) -> None:
        while True:
            self.floor.tell_system(self.health.system())
            metrics.CALLS_LIVE.set(sum(call.open for call in self.switchboard.calls.values()))
            metrics.JOURNAL_PENDING.set(self.disk.pending_bytes)
            metrics.ENTRIES_BEHIND.set(self.shipper.behind)
            await self._clock.sleep(HEALTH_EVERY_S)

    async def _clean_up(self) -> None:
        settings = self.settings
        while True:
            now = self._clock.now().timestamp()
            wanted = settings.journal_min_free_bytes
            await asyncio.to_thread(clean, self.calls_root, now, settings.retention_days * DAY_S, wanted)
            await self._clock.sleep(CLEAN_EVERY_S)


def sample_list(folder: Path) -> SampleList:
    """The recorded example calls that a browser can play."""
    files = sorted(folder.glob("*.caller.wav"))
    return SampleList(samples=tuple(_sample(path) for path in files))


def _sample(path: Path) -> Sample:
    name = path.name.removesuffix(".caller.wav")
    title = name.replace("-", " ").capitalize()
    return Sample(sample_id=name, title=title, seconds=seconds_of(path), url=f"/samples/{path.name}")


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _async_url(url: str) -> str:
    """The address for the asynchronous driver."""
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


def _new_secret() -> str:
    return secrets.token_urlsafe(48)
