"""Whether one tenant can reach another: every guarded route and console command, every role, foreign ids of every kind.

Each probe names something foreign and has its control, the same request with the role's own record, which must come
through. The whole set runs three times: with both layers, with the application's scope alone (row-level security off),
and with row-level security alone (the scope off). A leak is a foreign record that was answered with, changed, or shown.
What a role may not do to its own record either is not probed for it, and is listed.

A control counts as come through when its own record was reached: carried out, or refused for the state it is in.
"""

import asyncio
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import click
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from dispatch.api import RequestBudget
from dispatch.bootstrap import Node
from dispatch.calls.call_key import KEY_FILE, new_call_key
from dispatch.client import CallerClient, ClientError, ConsoleClient
from dispatch.contract.audio import AudioFormat, Encoding
from dispatch.contract.caller import StartCall
from dispatch.contract.console import CommandDone
from dispatch.contract.problems import ProblemCode
from dispatch.contract.registry import EVENTS, OPERATOR, Direction, EventSpec
from dispatch.contract.routes import ROUTES, Method, RouteSpec
from dispatch.identity import AccessTokens, Role, signing_keys
from dispatch.settings import Settings
from dispatch.storage import DatabaseRole, EmbeddedServers, ServerUrls, TenantKeys
from dispatch.storage.access import MANIFEST, manifest_statements
from dispatch.storage.engine import ScopedSession, driver_url
from dispatch.storage.scope import check_written, narrow, scope_sessions
from transcription import ScriptedEngine, ScriptedVoice, TranscriptionService

from ._isolation_world import SCOPES, USED_UP, World, body_of, service_of

COPIES = 400
"""Of each record that a control uses up."""
REACHED = frozenset({200, 201, 202, 204, 409, 412, 422})
HIDDEN = frozenset({400, 403, 404, 409, 422})
"""How a foreign record may be refused. 409 and 422 say nothing of it: they are checked for its mark like all others."""
STOPS_SHOWING = "call.leave"
"""Ends showing a call on this console; for one that it does not show there is nothing to do, and nothing is refused."""
ENDING = frozenset({"call.hang_up", "call.dispose"})
"""After these a call is over: each control has a fresh one."""
LEFT_OUT = frozenset({"sign_out_everywhere", "enrol_second_factor", "confirm_second_factor", "remove_second_factor"})
"""They name nothing: each works on whoever asks, and nobody else."""
MULAW = AudioFormat(encoding=Encoding.MULAW, sample_rate=8000)


def arguments() -> list[click.Parameter]:
    return [
        click.Option(["--tenants"], type=click.IntRange(1, 60), default=6, show_default=True, help="Foreign tenants.")
    ]


def run(tenants: int) -> dict[str, object]:
    folder = Path(tempfile.mkdtemp(prefix="kiwimesh-bench-"))
    folder.chmod(0o755)
    try:
        return asyncio.run(measured(folder, tenants))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Tally:
    """What a run over all probes found."""

    probes: int = 0
    controls_ok: int = 0
    leaks: list[str] = field(default_factory=list)
    failed_controls: set[str] = field(default_factory=set)
    not_probed: set[str] = field(default_factory=set)

    def count(self, label: str, *, reached: bool, leaked: bool) -> None:
        self.probes += 1
        self.controls_ok += reached
        if not reached:
            self.failed_controls.add(label)
        if leaked:
            self.leaks.append(label)


@dataclass
class Bench:
    """A server with all its tenants."""

    node: Node
    urls: ServerUrls
    http: aiohttp.ClientSession
    own: World
    foreign: list[World]
    tokens: AccessTokens

    def token(self, world: World, role: Role) -> str:
        return self.tokens.issue(world.principal(role), datetime.now(UTC))[0]

    async def ask(
        self, route: RouteSpec, role: Role, world: World, ids: World, *, body: World | None = None, **query: str
    ) -> tuple[int, str]:
        """One request by somebody of `world`, for the records of `ids`."""
        path = route.path
        for name in route.parameters:
            record = f"{ids.mark}-{service_of(role)}" if name == "booking_id" else ids.id(name)
            record += f"-{role}" if name == "session_id" else ""
            if role is Role.SUPERVISOR and name in ("grant_id", "invitation_id"):
                record = record.replace(f"{ids.mark}-", f"{ids.mark}-seat-")
            path = path.replace(f"{{{name}}}", record)
        headers = {"Authorization": f"Bearer {self.token(world, role)}", "Idempotency-Key": secrets.token_hex(16)}
        headers |= {"If-Match": '"1"'} if route.versioned else {}
        sent = body_of(route.request, body or ids, role) if route.request else None
        url = f"{self.node.url}{path}"
        async with self.http.request(route.method.value, url, headers=headers, json=sent, params=query) as answer:
            return answer.status, (await answer.read()).decode(errors="replace")


async def measured(folder: Path, tenants: int) -> dict[str, object]:
    """Runs the whole set with both layers, and with each of them alone."""
    tallies: dict[str, Tally] = {}
    async with a_server(folder, tenants) as bench:
        for name, layers in (("both", all_layers), ("app_only", application_alone), ("rls_only", database_alone)):
            sys.stderr.write(f"{name}: ")
            async with layers(bench):
                tallies[name] = await everything(bench)
            sys.stderr.write(f"{tallies[name].probes} probes\n")
    return {
        "probes": sum(tally.probes for tally in tallies.values()),
        "controls_ok": sum(tally.controls_ok for tally in tallies.values()),
        **{f"leaks_{name}": len(tally.leaks) for name, tally in tallies.items()},
        "leaking": sorted({leak for tally in tallies.values() for leak in tally.leaks})[:20],
        "failed_controls": sorted({label for tally in tallies.values() for label in tally.failed_controls})[:40],
        "not_probed": sorted(tallies["both"].not_probed),
    }


async def everything(bench: Bench) -> Tally:
    """Every route and command, for every role that it admits."""
    tally = Tally()
    for route in ROUTES:
        for role in route.roles:
            if role in SCOPES and route.name not in LEFT_OUT:
                await probe_route(bench, tally, route, role)
        sys.stderr.write(".")
        sys.stderr.flush()
    for role in (Role.OPERATOR, Role.SUPERVISOR):
        await probe_console(bench, tally, role)
    return tally


async def probe_route(bench: Bench, tally: Tally, route: RouteSpec, role: Role) -> None:
    """One route in one role: once for every foreign tenant, with a control each."""
    label = f"{route.name} as {role}"
    named = bool(route.parameters) or bool(route.request and "_id" in str(body_of(route.request, bench.own)))
    listed = route.method is Method.GET
    if not (named or listed):
        return
    for number, world in enumerate(bench.foreign):
        reached = await control(bench, route, role)
        if not reached and number == 0:
            tally.not_probed.add(label)
            return
        if named:
            status, text = await bench.ask(route, role, bench.own, world)
            tally.count(label, reached=reached, leaked=status not in HIDDEN or has_foreign(text, bench))
            if route.parameters and route.request and "_id" in str(body_of(route.request, bench.own)):
                status, text = await bench.ask(route, role, bench.own, bench.own, body=world)
                tally.count(f"{label}, body", reached=reached, leaked=has_foreign(text, bench))
        else:
            status, text = await bench.ask(route, role, bench.own, bench.own, **filters(route, world))
            tally.count(label, reached=reached, leaked=has_foreign(text, bench))
        if route.query and "cursor" in route.query.model_fields:
            await probe_cursor(bench, tally, route, role, world, reached=reached)


async def control(bench: Bench, route: RouteSpec, role: Role) -> bool:
    """The same request with the role's own record."""
    bench.own.used += bool(set(route.parameters) & set(USED_UP))
    status, _ = await bench.ask(route, role, bench.own, bench.own, **filters(route, bench.own))
    return status in REACHED


async def probe_cursor(
    bench: Bench, tally: Tally, route: RouteSpec, role: Role, world: World, *, reached: bool
) -> None:
    """A cursor that somebody of another tenant was given."""
    holder = (route.name, f"{world.mark}-{role}", role, *sorted(world.id(name) for name in route.parameters))
    stolen = bench.node.cursors.write(holder, ("0",))
    status, text = await bench.ask(route, role, bench.own, bench.own, cursor=stolen)
    leaked = status in REACHED or has_foreign(text, bench)
    tally.count(f"{route.name} as {role}, cursor", reached=reached, leaked=leaked)


def filters(route: RouteSpec, world: World) -> dict[str, str]:
    """Every condition of a list that names a record, or that it cannot do without."""
    if route.query is None:
        return {}
    return {name: str(value) for name, value in body_of(route.query, world).items() if value is not None}


def has_foreign(text: str, bench: Bench) -> bool:
    """Whether an answer shows anything of another tenant, and be it the id that was asked for."""
    return any(f"{world.mark}-" in text for world in bench.foreign)


# --- consoles ----------------------------------------------------------------------------------------------------


async def probe_console(bench: Bench, tally: Tally, role: Role) -> None:
    """Every command of a console with foreign calls, incidents and units; and everything that it is shown meanwhile."""
    shown: list[str] = []
    console = ConsoleClient(
        bench.node.url, bench.token(bench.own, role), on_delivery=lambda body: shown.append(body.model_dump_json())
    )
    async with AsyncExitStack() as stack:
        calls = [await ringing(stack, bench, world) for world in (bench.own, *bench.foreign)]
        await console.connect()
        stack.push_async_callback(console.close)
        for spec in commands():
            for world, call_id in zip(bench.foreign, calls[1:], strict=True):
                own_call = await ringing(stack, bench, bench.own) if spec.name in ENDING else calls[0]
                reached = await obeyed(console, spec, bench.own, own_call)
                done = await obeyed(console, spec, world, call_id)
                tally.count(f"{spec.name} as {role}", reached=reached is not None, leaked=bool(done))
        seen = "".join(shown)
        for world, call_id in zip(bench.foreign, calls[1:], strict=True):
            leaked = call_id in seen or f"{world.mark}-" in seen
            tally.count(f"deliveries as {role}", reached=calls[0] in seen, leaked=leaked)


def commands() -> Iterator[EventSpec]:
    """The console's commands that name a call, an incident or a unit."""
    for spec in EVENTS:
        names = {"call_id", "incident_id", "unit_id"} & spec.body.model_fields.keys()
        ours = spec.namespace == OPERATOR and spec.direction is Direction.TO_SERVER and spec.name != STOPS_SHOWING
        if ours and spec.ack and names:
            yield spec


async def ringing(stack: AsyncExitStack, bench: Bench, world: World) -> str:
    """A call that rings in a world's centre."""
    caller = CallerClient(bench.node.url)
    stack.push_async_callback(caller.close)
    opened = await caller.start(StartCall(format=MULAW, entry=f"{world.mark}-entry"))
    return str(opened.call_id)


async def obeyed(console: ConsoleClient, spec: EventSpec, world: World, call_id: str) -> bool | None:
    """True: carried out. False: refused for its state or its seat. None: there is no such thing for this console."""
    fields = body_of(spec.body, world) | {"command_id": secrets.token_hex(8)}
    fields |= {name: call_id for name in ("call_id", "other_call_id") if name in spec.body.model_fields}
    if "seat_id" in fields and console.view.seat:
        fields["seat_id"] = console.view.seat.seat_id  # a seat there is, so that the call alone is in question
    try:
        done = CommandDone.model_validate(await console._wire.ask(spec.name, spec.body.model_validate(fields)))
    except ClientError as error:
        problem = error.problem
    else:
        problem = done.problem
    if problem is None:
        return True
    return None if problem.code is ProblemCode.NOT_FOUND else False


# --- layers ------------------------------------------------------------------------------------------------------

Layers = Callable[[Bench], Any]


@asynccontextmanager
async def all_layers(bench: Bench) -> AsyncIterator[None]:
    del bench
    yield


@asynccontextmanager
async def application_alone(bench: Bench) -> AsyncIterator[None]:
    """Row-level security off, and every role may touch every table."""
    off = [f"ALTER TABLE {table.table} DISABLE ROW LEVEL SECURITY" for table in MANIFEST]
    off += [f"GRANT ALL ON {table.table} TO {role}" for table in MANIFEST for role in DatabaseRole]
    await execute(bench.urls.owner_url, off)
    yield
    await execute(bench.urls.owner_url, manifest_statements())


@asynccontextmanager
async def database_alone(bench: Bench) -> AsyncIterator[None]:
    """The application narrows nothing."""
    del bench
    with unscoped():
        yield


@contextmanager
def unscoped() -> Iterator[None]:
    """Takes the application's scope away from every session."""
    event.remove(ScopedSession, "do_orm_execute", narrow)
    event.remove(ScopedSession, "before_flush", check_written)
    try:
        yield
    finally:
        scope_sessions(ScopedSession)


async def execute(url: str, statements: list[str]) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def a_server(folder: Path, tenants: int) -> AsyncIterator[Bench]:
    """A whole server on a database of its own, filled with tenants."""
    own, foreign = World("own"), [World(f"other{number}") for number in range(tenants)]
    settings = Settings.model_validate({"data_dir": folder / "node", "port": 0})
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(EmbeddedServers(folder / "servers"))
        addresses = {"database_url": urls.database_url, "database_owner_url": urls.owner_url}
        given = {**settings.model_dump(), **addresses, "redis_url": urls.redis_url}
        silent = TranscriptionService(ScriptedEngine({}), voice=ScriptedVoice())
        node = Node(Settings.model_validate(given), demo=True, transcription=silent)
        await node.start()
        stack.push_async_callback(node.stop)
        node.api.budget = RequestBudget(steady_per_s=1e6, burst=10**6)
        await fill(urls, node.keys, (own, *foreign))
        for world in (own, *foreign):
            keep_sound(node.calls_root / world.id("call_id"), node.keys, world)
        await node.directory.load()
        http = await stack.enter_async_context(aiohttp.ClientSession())
        keys = signing_keys(node.settings.data_dir / "secrets" / "signing.json")
        yield Bench(node, urls, http, own, foreign, AccessTokens(keys))


def keep_sound(folder: Path, keys: TenantKeys, world: World) -> None:
    """The folder of a world's call, in which nothing was said."""
    folder.mkdir(mode=0o700)
    (folder / KEY_FILE).write_bytes(new_call_key(keys, world.id("centre_id"))[1])


async def fill(urls: ServerUrls, keys: TenantKeys, worlds: tuple[World, ...]) -> None:
    """Writes every world, past all layers."""
    engine = create_async_engine(driver_url(urls.superuser_url))
    async with AsyncSession(engine) as session, session.begin():
        for world in worlds:
            for batch in world.rows(COPIES if world.mark == "own" else 1, keys):
                session.add_all(batch)
                await session.flush()
    await engine.dispose()
