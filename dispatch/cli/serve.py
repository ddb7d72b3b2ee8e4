"""`kiwimesh serve`: the server until it is told to stop."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.observability.clock import SystemClock
from dispatch.observability.heap import settle_heap
from dispatch.observability.logs import configure_logging
from dispatch.observability.watchdog import stay_alive
from dispatch.settings import LogFormat, Settings

from . import Failure
from .options import data_option, settings_from
from .output import say_logins

if TYPE_CHECKING:
    from dispatch.observability.sentry import Sentry


@click.command()
@data_option
@click.option("--host", help="Address to listen on. Default: 127.0.0.1, this machine only.")
@click.option("--port", type=int, help="Port to listen on; 0 takes any free one. Default: 8000.")
@click.option(
    "--stand-by",
    is_flag=True,
    default=None,
    help="Wait while another server has the data folder, and take over from it.",
)
@click.option("--demo", "demo_world", is_flag=True, help="Fill an empty database with a demo community and logins.")
def serve(
    data_dir: Path | None, host: str | None, port: int | None, stand_by: bool | None, demo_world: bool
) -> None:  # fmt: skip
    """Run the server.

    Without DATABASE_URL and REDIS_URL it brings its own PostgreSQL and Valkey and keeps their data in the data folder.
    A database needs a dispatch centre first: `kiwimesh tenants begin NAME`, or --demo.
    Ctrl-C stops it cleanly; calls that are open are taken up again at the next start, or at once by a server that
    stands by on the same data folder.
    """
    settings = settings_from(data_dir=data_dir, host=host, port=port, stand_by=stand_by)
    with logging_as(settings):
        asyncio.run(run_server(settings, demo=demo_world))


async def run_server(settings: Settings, *, demo: bool) -> None:
    """Serves until SIGINT or SIGTERM, which end it while it starts or stands by, too."""
    from dispatch.bootstrap import Node

    node = Node(settings, demo=demo)
    starting = asyncio.current_task()
    assert starting is not None, "a coroutine runs in a task"
    when_told_to_stop(starting.cancel)
    try:
        await node.start()
    except asyncio.CancelledError:
        return
    try:
        if settings.stand_by:
            node.tasks.keep_running("watchdog", lambda: stay_alive(SystemClock()))
        click.echo(f"Kiwimesh is ready at {node.url}")
        if node.demo_world:
            say_logins(node.url, node.demo_world)
        await until_told_to_stop()
        await node.drain()
    finally:
        await node.stop()


async def until_told_to_stop() -> None:
    """Serves: what is there now stays. Returns at SIGINT or SIGTERM."""
    settle_heap()
    stop = asyncio.Event()
    when_told_to_stop(stop.set)
    await stop.wait()


def when_told_to_stop(act: Callable[[], object]) -> None:
    """What SIGINT and SIGTERM do from now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, act)


@contextmanager
def logging_as(settings: Settings) -> Iterator[None]:
    """Logs as the settings say; errors go to their tracker too, which gets at the end what still waits."""
    dsn, as_json = settings.sentry_dsn, settings.log_format is LogFormat.JSON
    tracker = _sentry(dsn.get_secret_value()) if dsn else None
    configure_logging(settings.log_level.value, json=as_json, tracker=tracker.report if tracker else None)
    try:
        yield
    finally:
        if tracker:
            tracker.close()


def _sentry(dsn: str) -> "Sentry":
    from dispatch.observability.sentry import Sentry

    try:
        return Sentry(dsn, f"kiwimesh@{version('kiwimesh')}")
    except ValueError:
        way_out = "Sentry shows it in the project's settings, under client keys."
        raise Failure("KIWIMESH_SENTRY_DSN is no DSN.", way_out, code="bad_setting") from None
