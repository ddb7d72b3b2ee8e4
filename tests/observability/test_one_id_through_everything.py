"""One correlation id leads from a request through its job to the provider, and an error says who met it."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
import structlog
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from dispatch.api import Api, Cursors
from dispatch.api.asked import Answer, Incoming
from dispatch.api.desk import sole_tenant
from dispatch.booking import Actor, Command, NewBooking, Scope, Transitions, read_catalogue
from dispatch.contract.base import Message, PersonId
from dispatch.contract.booking import BookingAction
from dispatch.contract.registry import OPERATOR
from dispatch.contract.roles import Role, ScopeKind
from dispatch.contract.routes import ROUTES, Credential
from dispatch.identity import Principal
from dispatch.identity.principal import Grant
from dispatch.jobs import DeadLetter, Doorbell, JobFailed, JobKinds, NewJob, Run, Worker, enqueue
from dispatch.jobs.worker import report_dead
from dispatch.observability.clock import SystemClock, VirtualClock
from dispatch.observability.logs import asked_by, configure_logging, correlated
from dispatch.observability.supervision import TaskSupervisor
from dispatch.providers.wire import ask
from dispatch.storage import Context, Database, DatabaseRole
from dispatch.storage.context import WORKER
from dispatch.transport.http import edge
from dispatch.transport.mailbox import Mailbox
from dispatch.transport.namespace import Connection, Namespace
from dispatch.transport.sockets import BoundedServer
from tests.jobs.conftest import Shop
from tests.notifications.test_telling import follow
from tests.payments.worlds import works_over_the_wire
from tests.providers.servers import ProviderServer

pytestmark = pytest.mark.integration

ID = "abcdef0123456789"
BOOKED_BY = Actor("resident", "rita")
Door = Callable[[web.Request], Awaitable[web.Response]]


@pytest.fixture
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    structlog.reset_defaults()
    root.handlers, root.level = before


def served(door: Door) -> TestServer:
    app = web.Application(middlewares=[edge])
    app.router.add_post("/door", door)
    return TestServer(app)


async def test_the_id_of_a_request_arrives_at_the_provider_that_its_job_asks(fresh_database: Database) -> None:
    asked = Asked()

    async def door(_request: web.Request) -> web.Response:
        async with fresh_database.transaction(WORKER) as session:
            await enqueue(session, NewJob("followed", "once"))
        return web.Response()

    kinds = JobKinds()
    kinds.register("followed", asked.provider)
    async with served(door) as server, TaskSupervisor() as tasks, ClientSession() as http:
        tasks.keep_running("worker", Worker(fresh_database, kinds, SystemClock()).run)
        tasks.keep_running("doorbell", Doorbell(fresh_database, SystemClock()).run)
        async with http.post(server.make_url("/door"), headers={"X-Correlation-ID": ID}) as answer:
            assert answer.headers["X-Correlation-ID"] == ID
        await asked.arrived.wait()
    assert asked.headers == [ID]


class Asked:
    """A provider, and the job that asks it."""

    def __init__(self) -> None:
        self.headers: list[str] = []
        self.arrived = asyncio.Event()

    async def provider(self, _run: Run) -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(self._answer)) as client:
            await ask(client, "test", "POST", "https://provider.example.org/charge")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.headers.append(request.headers["X-Correlation-ID"])
        self.arrived.set()
        return httpx.Response(200)


async def test_the_id_of_a_bookings_request_arrives_at_whoever_is_paid_and_told_because_of_it(
    fresh_database: Database, tmp_path: Path
) -> None:
    """Booked and paid under one id, called off and refunded under another; the log of bookings stands between."""
    transitions = Transitions(read_catalogue(), enqueue)
    new = NewBooking("routine_checkup", Scope("rita", "c1", "h1"), BOOKED_BY, SystemClock().now())
    off = Command(new.booking_id, BookingAction.CANCEL, BOOKED_BY, new.at)

    async def door(request: web.Request) -> web.Response:
        async with fresh_database.transaction(WORKER) as session:
            booked = await request.text() == "book"
            await (transitions.create(session, new) if booked else transitions.apply(session, off))
        return web.Response()

    async with (
        ProviderServer().running() as provider,
        works_over_the_wire(fresh_database, provider, tmp_path) as works,
        served(door) as server,
        ClientSession() as http,
    ):
        shop = Shop(fresh_database, works.kinds)

        async def providers_hear_of(wish: str) -> set[str]:
            provider.asked.clear()
            async with http.post(server.make_url("/door"), data=wish, headers={"X-Correlation-ID": f"{wish}-{ID}"}):
                await follow(shop)
            async with shop.working():
                await shop.until(partial(nothing_due, shop))
            assert {headers.get("X-Correlation-ID") for _, headers in provider.asked} == {f"{wish}-{ID}"}
            return {path.rsplit("/", 1)[-1] for path, _ in provider.asked}

        assert await providers_hear_of("book") == {"payment_intents", "Messages.json"}
        paid = {"reference": next(iter(provider.intents)), "paid_minor": 3000}
        await shop.ask(NewJob("webhook.payment.paid", "confirmed", paid))
        async with shop.working():
            await shop.until(partial(nothing_due, shop))
        assert await providers_hear_of("off") == {"refunds", "Messages.json"}


async def nothing_due(shop: Shop) -> bool:
    """Everything that could be done is done: what is left is for later."""
    now = SystemClock().now()
    return all(row.state in ("done", "dead") or row.run_at > now for row in await shop.rows())


@pytest.mark.usefixtures("_logging_as_it_was")
async def test_an_error_says_who_met_it_and_nothing_about_them(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(json=True)
    answers: list[int] = []

    async def door(request: web.Request) -> web.Response:
        if not answers:
            asked_by("p-1", "nurse", "h-1")
        raise ValueError(await request.text())

    async with served(door) as server, ClientSession() as http:
        for _ in range(2):
            headers = {"X-Correlation-ID": ID}
            async with http.post(server.make_url("/door"), data="14 Mill Lane", headers=headers) as answer:
                answers.append(answer.status)
    output = capsys.readouterr().err
    first, second = [json.loads(line) for line in output.splitlines() if "request failed" in line]
    assert answers == [500, 500]
    assert "Mill Lane" not in output
    assert (first["person_id"], first["role"], first["tenant_id"]) == ("p-1", "nurse", "h-1")
    assert (first["correlation_id"], first["error_type"]) == (ID, "ValueError")
    assert "person_id" not in second


@pytest.mark.parametrize(
    ("covers", "tenant"),
    [({("hospital", "h1")}, "h1"), ({("hospital", "h1"), ("hospital", "h2")}, ""), (set(), "")],
)
def test_the_tenant_of_an_error_is_the_one_that_the_role_covers(covers: set[tuple[str, str]], tenant: str) -> None:
    assert sole_tenant(Context(DatabaseRole.NURSE, "p-1", covers=frozenset(covers))) == tenant  # type: ignore[arg-type]


async def test_a_request_of_somebody_who_is_signed_in_is_theirs_in_the_log(database: Database) -> None:
    seen: list[dict[str, object]] = []

    async def handler(*_: object) -> Answer:
        seen.append(structlog.contextvars.get_contextvars())
        return Answer()

    nurse = Principal(PersonId("p-1"), "", (Grant(Role.NURSE, ScopeKind.HOSPITAL, "h-1"),), "s", VirtualClock().now())
    routes = [route for route in ROUTES if route.credential is Credential.BEARER]
    api = Api(database, lambda _: nurse, {route.name: handler for route in routes}, Cursors("x"), VirtualClock())
    read = next(r for r in routes if Role.NURSE in r.roles and not (r.changes or r.audited or r.query or r.request))
    with correlated(ID):
        await api.answer(read, Incoming("t", {}, {}, b"", None, None, None, ID))
    assert [(line["person_id"], line["role"], line["tenant_id"]) for line in seen] == [("p-1", "nurse", "h-1")]
    assert "person_id" not in structlog.contextvars.get_contextvars()


class Failing(Namespace):
    """A door whose server fails at everything."""

    path = OPERATOR

    async def handle(self, connection: Connection, event: str, body: Message) -> Message | None:
        raise ValueError(str(body))


@pytest.mark.usefixtures("_logging_as_it_was")
async def test_an_error_in_an_event_of_a_console_says_who_met_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(json=True)
    clock = SystemClock()
    async with TaskSupervisor() as tasks:
        door = Failing(BoundedServer((), tasks), tasks, clock)
        connection = Connection("s-1", Mailbox(asyncio.sleep, lambda: 0, clock))  # type: ignore[arg-type]
        connection.asker = ("p-1", "operator", "c-1")
        door.connections["s-1"] = connection
        note = {"command_id": "command-1", "call_id": "call-1", "text": "14 Mill Lane"}
        answer = await door.trigger_event("note.add", "s-1", note)
    output = capsys.readouterr().err
    (line,) = [json.loads(line) for line in output.splitlines() if "event failed" in line]
    assert answer["code"] == "internal"
    assert "Mill Lane" not in output
    assert (line["person_id"], line["role"], line["tenant_id"]) == ("p-1", "operator", "c-1")
    assert (line["correlation_id"], line["event_name"]) == (connection.correlation_id, "note.add")


@pytest.mark.usefixtures("_logging_as_it_was")
async def test_a_job_that_is_given_up_says_who_asked_for_it(
    fresh_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(json=True)
    kinds = JobKinds()
    asked = Context(DatabaseRole.NURSE, "p-1", covers=frozenset({("hospital", "h-1")}))

    async def broken(_run: Run) -> None:
        raise JobFailed("no_such_booking", retryable=False)

    kinds.register("broken", broken)
    with correlated(ID):
        async with fresh_database.transaction(asked) as session:
            await enqueue(session, NewJob("broken", "once"))
    given_up = asyncio.Event()

    def dead(letter: DeadLetter) -> None:
        report_dead(letter)
        given_up.set()

    async with TaskSupervisor() as tasks:
        tasks.keep_running("worker", Worker(fresh_database, kinds, SystemClock(), on_dead=dead).run)
        await given_up.wait()
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "job given up" in line]
    assert (line["person_id"], line["role"], line["tenant_id"]) == ("p-1", DatabaseRole.NURSE.value, "h-1")
    assert (line["correlation_id"], line["error_type"]) == (ID, "JobFailed")
