"""`kiwimesh jobs`: what runs behind the scenes, and what was given up."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from sqlalchemy.ext.asyncio import AsyncSession

from dispatch.contract.jobs import JobState, JobView
from dispatch.settings import Settings

from . import Failure
from .options import data_option, json_option, print_json, settings_from

if TYPE_CHECKING:
    from dispatch.jobs import JobId

Result = TypeVar("Result")
job_argument = click.argument("job_id", type=int, required=False)
kind_option = click.option("--kind", help="All jobs of this kind.")


@click.group()
def jobs() -> None:
    """Show jobs; try again those that were given up, or lay them aside."""


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
@job_argument
@kind_option
@data_option
@json_option
def requeue(job_id: int | None, kind: str | None, data_dir: Path | None, as_json: bool) -> None:
    """Try the job JOB_ID again that was given up, or all of a kind."""
    from dispatch.jobs import letters

    async def one(session: AsyncSession, number: "JobId") -> bool:
        return await letters.requeue(session, number) is not None

    done = _act(settings_from(data_dir=data_dir), job_id, kind, one, letters.requeue_kind)
    print_json({"ok": True, "jobs": done}) if as_json else click.echo(f"{done} of them wait again.")


@jobs.command()
@job_argument
@kind_option
@data_option
@json_option
def drop(job_id: int | None, kind: str | None, data_dir: Path | None, as_json: bool) -> None:
    """Lay the job JOB_ID aside that was given up and that nobody needs any more, or all of a kind."""
    from dispatch.jobs import letters

    done = _act(settings_from(data_dir=data_dir), job_id, kind, letters.lay_aside, letters.lay_kind_aside)
    print_json({"ok": True, "jobs": done}) if as_json else click.echo(f"{done} laid aside.")


def _act(
    settings: Settings, job_id: int | None, kind: str | None,
    one: "Callable[[AsyncSession, JobId], Awaitable[bool]]", all_of: Callable[[AsyncSession, str], Awaitable[int]],
) -> int:  # fmt: skip
    """Does something with one dead letter or with all of a kind; with how many."""
    from dispatch.jobs import JobId

    if (job_id is None) == (kind is None):
        raise Failure("Name either a job or a kind.", "`kiwimesh jobs list` shows both.", code="bad_option")

    async def work(session: AsyncSession) -> int:
        return int(await one(session, JobId(job_id))) if job_id is not None else await all_of(session, kind or "")

    done = _as_worker(settings, work)
    if not done:
        named = f"job {job_id}" if job_id is not None else f"job of kind {kind}"
        raise Failure(f"No {named} was given up.", "`kiwimesh jobs list` shows those that were.", code="no_such_job")
    return done


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
