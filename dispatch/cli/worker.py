"""`kiwimesh worker`: carries jobs out in a process of its own, until it is told to stop."""

import asyncio
from pathlib import Path

import click

from dispatch.settings import Settings

from .options import data_option, settings_from
from .serve import logging_as, until_told_to_stop


@click.command()
@data_option
def worker(data_dir: Path | None) -> None:
    """Carry out jobs: notifications, payments, webhooks' effects, reports.

    A server does this by itself unless KIWIMESH_JOBS_IN_SERVER is off; any number of workers may run beside it on the
    same database. Ctrl-C lets it end what it holds; a killed worker's jobs are taken up by the others.
    """
    settings = settings_from(data_dir=data_dir)
    with logging_as(settings):
        asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    from dispatch.worker_process import WorkerProcess

    from .db import whole_database

    async with whole_database(settings) as url, WorkerProcess(settings, url) as working:
        figures = f" Figures and health on port {working.port}." if working.port else ""
        click.echo(f"Carrying out jobs.{figures}")
        await until_told_to_stop()
