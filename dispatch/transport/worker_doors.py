"""What a process without calls answers over HTTP: how it is, and its figures. For Prometheus and for probes.

In: GET of `/health/live`, `/health/ready`, `/metrics`. Out: as a server answers there. Invariant: nothing else exists,
and nothing here needs or tells anything about a person.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from dispatch.contract.http import HealthReport
from dispatch.observability import metrics

from .http import as_json, edge

NOT_READY = 503


@asynccontextmanager
async def worker_doors(host: str, port: int, health: Callable[[], Awaitable[HealthReport]]) -> AsyncIterator[int]:
    """Open while the block runs; the port that was taken. Raises OSError when it is not free."""
    runner = web.AppRunner(health_app(health), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def health_app(health: Callable[[], Awaitable[HealthReport]]) -> web.Application:
    """The addresses for probes and for Prometheus, and nothing else."""

    async def live(_request: web.Request) -> web.Response:
        return as_json(await health())

    async def ready(_request: web.Request) -> web.Response:
        report = await health()
        return as_json(report, status=200 if report.ready else NOT_READY)

    async def figures(_request: web.Request) -> web.Response:
        return web.Response(body=metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})

    app = web.Application(middlewares=[edge])
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    app.router.add_get("/metrics", figures)
    return app
