"""`kiwimesh jobs`: what runs behind the scenes, and what was given up."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.jobs import JobState, JobView
from dispatch.settings import Settings

from . import Failure
from .options import data_option, json_option, print_json, settings_from

Result = TypeVar("Result")


@click.group()
def jobs() -> None:
    """Show jobs, and try again those that were given up."""


@jobs.command("list")
@click.option(
    "--state",
    type=click.Choice([state.value for state in JobState]),
    default="dead",
    show_default=True,
    help="Only jobs that stand there.",
)
@click.option("--kind", help="Only jobs of this kind.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Jobs at most.")
@data_option
@json_option
def show(state: str, kind: str | None, limit: int, data_dir: Path | None, as_json: bool) -> None:
    """List the latest jobs in a state.

    By default those that were given up after all their tries, each with its error.
    """
    from dispatch.jobs import letters
    from dispatch.jobs.api import view

    async def read(session: AsyncSession) -> list[JobView]:
        return [view(row) for row in await letters.list_jobs(session, state, kind, limit)]

    found = _as_worker(settings_from(data_dir=data_dir), read)
    if as_json:
        print_json({"jobs": [job.model_dump(mode="json") for job in found]})
        return
    for job in found:
        click.echo(
            f"{job.job_id:>8}  {job.kind:<28} {job.error_code or '':<24} {job.attempts} tries  {job.error_place}"
        )
    if not found:
        click.echo(f"No job is {state}.")


@jobs.command()
@click.argument("job_id", type=int)
@data_option
@json_option
def requeue(job_id: int, data_dir: Path | None, as_json: bool) -> None:
    """Try the job JOB_ID again that was given up."""
    from dispatch.jobs import JobId, letters

    async def again(session: AsyncSession) -> bool:
        return await letters.requeue(session, JobId(job_id)) is not None

    if not _as_worker(settings_from(data_dir=data_dir), again):
        way_out = "`kiwimesh jobs list` shows those that can be tried again."
        raise Failure(f"No job {job_id} was given up.", way_out, code="no_such_job")
    print_json({"ok": True, "job_id": job_id}) if as_json else click.echo(f"Job {job_id} waits again.")


def _as_worker(settings: Settings, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    from dispatch.storage import Database
    from dispatch.storage.context import WORKER

    from .db import whole_database

    async def run() -> Result:
        async with whole_database(settings) as url:
            database = Database(url)
            try:
                async with database.transaction(WORKER) as session:
                    return await work(session)
            finally:
                await database.close()

    return asyncio.run(run())
