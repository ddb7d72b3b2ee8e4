"""`kiwimesh places`: the gazetteer of a community."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from dispatch.dispatching.gazetteer import FileRefused, Imported, import_places, read_gazetteer
from dispatch.settings import Settings
from dispatch.storage import Database

from . import Failure
from .db import whole_database
from .options import data_option, json_option, print_json, settings_from


@click.group()
def places() -> None:
    """Addresses that callers' words are resolved to."""


@places.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--community", help="Id of the community, for a CSV file.")
@data_option
@json_option
def import_file(file: Path, community: str | None, data_dir: Path | None, as_json: bool) -> None:
    """Make a community's gazetteer what FILE says.

    FILE is YAML or CSV; docs/places.md has the form. The same file again changes nothing.

    Works while the server runs or not, on the database that DATABASE_URL names; without it on the embedded one in the
    data folder.
    """
    try:
        done = asyncio.run(_import(settings_from(data_dir=data_dir), file, community))
    except FileRefused as error:
        raise Failure(str(error), "docs/places.md says how the file looks.", code=error.code) from None
    if as_json:
        print_json({"ok": True, **vars(done)})
    else:
        click.echo(f"{done.places} places, {done.notes} notes; {done.retired} places are no longer there.")


async def _import(settings: Settings, file: Path, community: str | None) -> Imported:
    read = read_gazetteer(file, community)
    async with whole_database(settings) as url:
        database = Database(url)
        try:
            return await import_places(database, read, datetime.now(UTC))
        finally:
            await database.close()
