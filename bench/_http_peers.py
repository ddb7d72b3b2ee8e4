"""Two HTTP servers in one process: ours, and a bare one that executes the same SQL. Run as a child by `bench http`.

Ours is the product's own API behind its own edge: guard, token, budget, scope, transaction, key, deed, audit. The bare
one is aiohttp and asyncpg: it runs the very statements that ours was seen to send for a sample request, with fresh ids
in them, each transaction of the sample on a pooled connection of its own, and answers with JSON.
"""

import asyncio
import json
import secrets
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
from aiohttp import ClientSession, web
from sqlalchemy import event

from dispatch.api import Answer, Api, Asked, Cursors
from dispatch.api.limits import RequestBudget
from dispatch.booking import Bookings, read_catalogue
from dispatch.contract.base import PersonId
from dispatch.contract.roles import Role, ScopeKind
from dispatch.contract.routes import ROUTES, Credential
from dispatch.identity import AccessTokens, Grant, Principal, signing_keys
from dispatch.jobs import enqueue
from dispatch.observability.clock import SystemClock
from dispatch.observability.heap import settle_heap
from dispatch.storage import Database
from dispatch.storage.engine import POOL_SIZE
from dispatch.transport.api import bind_api
from dispatch.transport.http import edge

from ._booking_world import booking_world

BODY: Final = {"service_type": "first_aid", "place": "Flat 1A", "note": "Fell from a chair"}
ENDS: Final = ("COMMIT", "ROLLBACK")
UNBOUND: Final = RequestBudget(steady_per_s=1e6, burst=1_000_000)


@dataclass
class Sample:
    """What one request made ours send, by transaction, and its answer."""

    transactions: dict[int, list[tuple[str, tuple[Any, ...]]]] = field(default_factory=dict)
    answer: str = ""
    fresh: tuple[str, ...] = ()
    """Values that are new in every request."""

    def renewed(self, value: Any, new: dict[str, str]) -> Any:
        """A parameter with fresh ids in the place of the sample's."""
        if isinstance(value, str):
            for old, fresh in new.items():
                value = value.replace(old, fresh)
        return value


def token() -> tuple[AccessTokens, str]:
    """A key of its own, and a token of the demonstration's resident."""
    tokens = AccessTokens(signing_keys(Path(tempfile.mkdtemp()) / "signing.json"))
    grants = (Grant(Role.RESIDENT, ScopeKind.COMMUNITY, "demo-community"),)
    now = datetime.now(UTC)
    who = Principal(PersonId("demo-resident"), "R", grants, "session", now + timedelta(minutes=9))
    return tokens, tokens.issue(who, now)[0]


def our_app(database: Database, tokens: AccessTokens) -> web.Application:
    """The product's API with its bookings; nobody else's routes are asked here."""

    async def elsewhere(asked: Asked[Any, Any], session: object) -> Answer:
        raise NotImplementedError(asked.route.name)

    clock = SystemClock()
    bookings = Bookings(read_catalogue(), enqueue, clock)
    others = {route.name: elsewhere for route in ROUTES if route.credential is Credential.BEARER}
    api = Api(
        database, lambda text: tokens.verify(text, clock.now()), {**others, **bookings.handlers}, Cursors("s"), clock
    )
    api.budget = UNBOUND
    app = web.Application(middlewares=[edge])
    bind_api(app, api)
    return app


async def sample_of(database: Database, ask: Callable[[], Awaitable[str]]) -> Sample:
    """Watches what a request makes ours send to the database: through SQLAlchemy, and past it."""
    sample, watched = Sample(), []

    def sent(driver: asyncpg.Connection, statement: str, parameters: Any) -> None:
        if statement not in ENDS:
            sent_so_far = sample.transactions.setdefault(id(driver), [])
            place = 0 if statement.startswith("BEGIN") else len(sent_so_far)  # the driver tells a moment later
            sent_so_far.insert(place, (statement, tuple(parameters)))

    def cursor(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        del cursor, context, many
        sent(connection.connection.driver_connection, statement, parameters)

    def taken(connection: Any, record: Any, proxy: Any) -> None:
        del connection, proxy
        driver = record.driver_connection

        def log(query: Any) -> None:
            sent(driver, query.query, query.args)

        driver.add_query_logger(log)
        watched.append((driver, log))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", cursor)
    event.listen(engine, "checkout", taken)
    sample.answer = await ask()
    event.remove(engine, "before_cursor_execute", cursor)
    event.remove(engine, "checkout", taken)
    for driver, log in watched:
        driver.remove_query_logger(log)
    return sample


def bare_app(pool: asyncpg.Pool, create: Sample, listed: Sample) -> web.Application:
    """The same SQL and nothing else."""

    async def run(sample: Sample, new: dict[str, str]) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = []
        async with AsyncExitStack() as stack:
            for statements in sample.transactions.values():
                connection = await stack.enter_async_context(pool.acquire())
                for statement, parameters in statements:
                    if statement.startswith("BEGIN"):  # with its context, as ours sends it
                        await connection.execute(statement)
                    else:
                        rows = await connection.fetch(statement, *(sample.renewed(value, new) for value in parameters))
                await connection.execute("COMMIT")
        return rows

    async def make(request: web.Request) -> web.Response:
        await request.json()
        new = dict(zip(create.fresh, (f"b{secrets.token_hex(10)}", request.headers["Idempotency-Key"]), strict=True))
        await run(create, new)
        answer = create.renewed(create.answer, new)
        return web.Response(text=json.dumps(json.loads(answer)), content_type="application/json", status=201)

    async def show(request: web.Request) -> web.Response:
        del request
        rows = [dict(row) for row in await run(listed, {})]
        return web.Response(text=json.dumps({"bookings": rows}, default=str), content_type="application/json")

    app = web.Application()
    app.router.add_post("/v1/bookings", make)
    app.router.add_get("/v1/bookings", show)
    return app


async def nothing_to_reset(connection: asyncpg.Connection) -> None:
    """A pool of asyncpg resets what comes back to it with a statement of its own, which ours does not send."""
    del connection


async def site(app: web.Application, stack: AsyncExitStack) -> str:
    """Serves an app on a free port; returns its address."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


def headers(bearer: str, key: str) -> dict[str, str]:
    """Of a request that is made once."""
    return {"Authorization": f"Bearer {bearer}", "Idempotency-Key": key}


async def serve(rows: int) -> None:
    """Both servers until the parent closes our input; their addresses are printed as one line."""
    async with AsyncExitStack() as stack, booking_world(rows) as world:
        tokens, bearer = token()
        ours = await site(our_app(world.database, tokens), stack)
        http = await stack.enter_async_context(ClientSession())

        async def create() -> str:
            async with http.post(f"{ours}/v1/bookings", json=BODY, headers=headers(bearer, key)) as answer:
                assert answer.status == 201, await answer.text()
                return await answer.text()

        async def listed() -> str:
            async with http.get(f"{ours}/v1/bookings", headers=headers(bearer, key)) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.text()

        for _ in range(3):
            key = f"sample-{secrets.token_hex(12)}"
            made, seen = await sample_of(world.database, create), await sample_of(world.database, listed)
        made.fresh = (json.loads(made.answer)["booking_id"], key)
        plain = world.urls.database_url.replace("+asyncpg", "")
        pool = await stack.enter_async_context(
            asyncpg.create_pool(plain, min_size=0, max_size=POOL_SIZE, reset=nothing_to_reset)
        )
        bare = await site(bare_app(pool, made, seen), stack)
        counts = {
            "create": sum(map(len, made.transactions.values())),
            "list": sum(map(len, seen.transactions.values())),
        }
        settle_heap()
        print(json.dumps({"ours": ours, "bare": bare, "token": bearer, "statements": counts}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
