"""`kiwimesh audit`: checks that nobody has changed the audit log."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dispatch.settings import Settings

if TYPE_CHECKING:
    from dispatch.audit import Report

from . import Failure
from .options import data_option, json_option, print_json, settings_from

MOST_FAULTS: Final = 20


@click.group()
def audit() -> None:
    """Check the audit log."""


@audit.command()
@click.option("--head", help="A head that an earlier check printed: it must still be part of the chain.")
@data_option
@json_option
def verify(head: str | None, data_dir: Path | None, as_json: bool) -> None:
    """Recompute every seal over every entry.

    Prints the head of the chain. Keep heads where nobody who can write to this database can change them, for instance
    in a log book: who holds the database could otherwise write a whole new chain. Fails when an entry was changed,
    removed, or added in between.
    """
    found = asyncio.run(_verify(settings_from(data_dir=data_dir), head))
    if found["faults"]:
        listed = "\n".join(found["faults"][:MOST_FAULTS])
        raise Failure(listed, "Restore a backup beside this database and compare; tell your data protection officer.")
    if as_json:
        print_json({"ok": True, **found})
    else:
        click.echo(
            f"{found['events']} entries in {found['seals']} seals are as they were written.\nHead: {found['head']}"
        )


async def _verify(settings: Settings, head: str | None) -> "Report":
    from dispatch.audit import verify as check
    from dispatch.observability.clock import SystemClock
    from dispatch.storage import Database, EmbeddedServers

    async def checked(url: str) -> "Report":
        database = Database(url)
        try:
            return (await check(database, SystemClock(), head)).report()
        finally:
            await database.close()

    if settings.database_url is not None:
        return await checked(settings.database_url.get_secret_value())
    async with EmbeddedServers(settings.data_dir) as urls:
        return await checked(urls.database_url)
