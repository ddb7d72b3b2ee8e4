"""Errors arrive at a server that speaks Sentry's envelope protocol: with who met them, and nothing that they said."""

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from aiohttp import web

from dispatch.jobs import DeadLetter, Job, JobId, Priority, Tenant
from dispatch.jobs.worker import report_dead
from dispatch.observability.logs import asked_by, configure_logging, correlated
from dispatch.observability.sentry import Sentry, scrubbed

pytestmark = pytest.mark.contract

KEY = "0123456789abcdef0123456789abcdef"
SPOKEN = "my husband fell at 14 Mill Lane"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    structlog.reset_defaults()
    root.handlers, root.level = before


@dataclass
class Tracker:
    """A Sentry server: takes envelopes (a line of JSON, then pairs of an item's head and its body)."""

    events: list[dict[str, Any]] = field(default_factory=list)
    raw: bytes = b""
    dsn: str = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Sentry]:
        app = web.Application()
        app.router.add_post("/api/7/envelope/", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.dsn = f"http://{KEY}@127.0.0.1:{runner.addresses[0][1]}/7"
        sentry = Sentry(self.dsn, "kiwimesh@test")
        configure_logging(json=True, tracker=sentry.report)
        try:
            yield sentry
        finally:
            await asyncio.to_thread(sentry.close)
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        assert f"sentry_key={KEY}" in request.headers["X-Sentry-Auth"]
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        self.raw += body
        lines = body.split(b"\n")
        assert json.loads(lines[0])["event_id"]
        for head, item in zip(lines[1::2], lines[2::2], strict=False):
            assert json.loads(head)["type"] == "event"
            self.events.append(json.loads(item))
        return web.json_response({"id": KEY})


async def test_an_error_arrives_with_who_met_it_and_without_what_was_said() -> None:
    tracker = Tracker()
    async with tracker.running():
        with correlated("abcdef0123456789"):
            asked_by("p-1", "nurse", "h-1")
            try:
                words = SPOKEN
                raise ValueError(words)
            except ValueError:
                structlog.get_logger().error("request failed", route="/v1/x", note=SPOKEN, exc_info=True)
        structlog.get_logger().warning("odd frame", call_id="c1")
    (event,) = tracker.events
    assert event["user"] == {"id": "p-1"}
    wanted = {"tenant_id": "h-1", "role": "nurse", "correlation_id": "abcdef0123456789", "route": "/v1/x"}
    assert {name: event["tags"][name] for name in wanted} == wanted
    assert event["release"] == "kiwimesh@test"
    (error,) = event["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["stacktrace"]["frames"][-1]["filename"].endswith("test_sentry.py")
    assert set(error["stacktrace"]["frames"][-1]) == {"filename", "function", "lineno", "in_app"}
    assert b"Mill Lane" not in tracker.raw
    assert not {"server_name", "breadcrumbs", "request", "contexts", "modules"} & set(event)


async def test_a_dead_letter_arrives_with_its_tenant_role_and_correlation_id() -> None:
    tracker = Tracker()
    job = Job(
        JobId(7), "payment.capture", "k", {"note": SPOKEN}, Tenant("hospital", "h-1"), Priority.NORMAL,
        "kiwimesh_resident", "p-2", "0123456789abcdef", False, 8, 8,
    )  # fmt: skip
    async with tracker.running():
        report_dead(DeadLetter(job, "provider_refused", "stripe.py:1 charge", ValueError(SPOKEN)))
    (event,) = tracker.events
    assert event["logentry"]["message"] == "job given up"
    assert event["user"] == {"id": "p-2"}
    tags = event["tags"]
    assert (tags["tenant_id"], tags["role"], tags["correlation_id"]) == ("h-1", "kiwimesh_resident", "0123456789abcdef")
    assert (tags["kind"], tags["code"]) == ("payment.capture", "provider_refused")
    assert b"Mill Lane" not in tracker.raw


async def test_a_tracker_that_is_away_holds_nothing_up() -> None:
    sentry = Sentry(f"http://{KEY}@127.0.0.1:9/7", "kiwimesh@test")
    configure_logging(json=True, tracker=sentry.report)
    for _ in range(300):
        structlog.get_logger().error("request failed")
    await asyncio.to_thread(sentry.close)


def test_what_an_sdk_adds_by_itself_does_not_leave_the_process() -> None:
    assert scrubbed({"level": "error", "breadcrumbs": [SPOKEN], "request": {"data": SPOKEN}}, {}) == {"level": "error"}


def test_an_address_that_is_no_dsn_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="scheme"):
        Sentry("not a dsn", "kiwimesh@test")
