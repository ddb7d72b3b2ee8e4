"""`kiwimesh worker`: carries jobs out in a process of its own, until it is told to stop."""

import asyncio
from pathlib import Path

import click

from dispatch.observability.logs import configure_logging
from dispatch.settings import LogFormat, Settings

from .options import data_option, settings_from
from .serve import until_told_to_stop


@click.command()
@data_option
def worker(data_dir: Path | None) -> None:
    """Carry out jobs: notifications, payments, webhooks' effects, reports.

    A server does this by itself unless KIWIMESH_JOBS_IN_SERVER is off; any number of workers may run beside it on the
    same database. Ctrl-C lets it end what it holds; a killed worker's jobs are taken up by the others.
    """
    settings = settings_from(data_dir=data_dir)
    configure_logging(settings.log_level.value, json=settings.log_format is LogFormat.JSON)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    from dispatch.worker_process import WorkerProcess

    from .db import whole_database

    async with whole_database(settings) as url, WorkerProcess(settings, url):
        click.echo("Carrying out jobs.")
        await until_told_to_stop()
