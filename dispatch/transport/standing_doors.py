"""The doors of a server that stands by: how it is, its figures, and for everybody else the advice to try again.

In: requests. Out: as `worker_doors` answers for health and figures; every other address, a Socket.IO connection too, is
refused with status 503 and a coded problem that is worth trying again, which clients do by themselves. Invariant: the
socket is handed on to the server's real doors without being closed, so that whoever connects in between waits a moment
and is not turned away.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from dispatch.contract.http import HealthReport
from dispatch.contract.problems import ProblemCode, problem

from .http import as_problem
from .worker_doors import health_app

REFUSAL = problem(ProblemCode.UNAVAILABLE, "This server stands by; another one takes the calls.")
TRY_AGAIN_S = "1"


@asynccontextmanager
async def standing_doors(
    listening: socket.socket, tls: ssl.SSLContext | None, health: Callable[[], HealthReport]
) -> AsyncIterator[None]:
    """Open while the block runs; `listening` stays open after it."""

    async def report() -> HealthReport:
        return health()

    app = health_app(report)
    app.router.add_route("*", "/{rest:.*}", _refuse)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, listening.dup(), ssl_context=tls).start()
        yield
    finally:
        await runner.cleanup()


async def _refuse(_request: web.Request) -> web.Response:
    answer = as_problem(REFUSAL)
    answer.headers["Retry-After"] = TRY_AGAIN_S
    return answer
