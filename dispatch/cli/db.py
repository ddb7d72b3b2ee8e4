"""`kiwimesh db`: backs the database up, restores it, and brings its schema up to date; embedded or your own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import click

from dispatch.settings import Settings

from . import Failure
from .options import data_option, json_option, print_json, settings_from

file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.group()
def db() -> None:
    """Back up, restore and upgrade the database alone; `kiwimesh backup` takes calls' sound and files too.

    Works on the database that DATABASE_URL names, whose login must then see every row (a superuser, or one with
    BYPASSRLS); without it on the embedded one in the data folder.
    """


@db.command()
@file_argument
@data_option
@json_option
def backup(file: Path, data_dir: Path | None, as_json: bool) -> None:
    """Write the whole database into FILE, while the server runs or not.

    FILE holds everything that callers said: it is readable by you alone, and you keep it safe.
    """
    from dispatch.storage.backup import backup as write

    _with_database(settings_from(data_dir=data_dir), lambda url: write(url, file))
    size = file.stat().st_size
    if as_json:
        print_json({"ok": True, "file": str(file), "bytes": size})
    else:
        click.echo(f"{file}: {size / 1024:.0f} KiB. Restore it with `kiwimesh db restore {file}`.")


@db.command()
@file_argument
@data_option
@click.option("--yes", is_flag=True, help="Do not ask first.")
@json_option
def restore(file: Path, data_dir: Path | None, yes: bool, as_json: bool) -> None:
    """Replace the whole database by a backup in FILE.

    Stop the server first. A file that cannot be restored leaves the database as it was. Sound lies in the data
    folder and is not touched.
    """
    from dispatch.storage.backup import restore as put_back

    if not file.is_file():
        raise Failure(f"There is no file {file}.", "Name a file that `kiwimesh db backup` wrote.", code="no_file")
    if not yes:
        click.confirm("This replaces everything in the database. Go on?", abort=True)
    _with_database(settings_from(data_dir=data_dir), lambda url: put_back(url, file))
    if as_json:
        print_json({"ok": True, "file": str(file)})
    else:
        click.echo(f"Restored from {file}.")


@db.command()
@data_option
@json_option
def upgrade(data_dir: Path | None, as_json: bool) -> None:
    """Bring the schema and the access rules up to date.

    The server does this by itself at its start; here it can be done before, with a login of more rights.
    """
    from dispatch.storage import migrate

    settings = settings_from(data_dir=data_dir)
    asyncio.run(_upgrade(settings, migrate))
    if as_json:
        print_json({"ok": True})
    else:
        click.echo("The database is up to date.")


def _with_database(settings: Settings, work: Callable[[str], Awaitable[None]]) -> None:
    async def run() -> None:
        async with whole_database(settings) as url:
            await work(url)

    asyncio.run(run())


@asynccontextmanager
async def whole_database(settings: Settings) -> AsyncIterator[str]:
    """An address whose login sees every row."""
    from dispatch.storage.backup import embedded_superuser_url

    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    async with embedded_superuser_url(settings.data_dir) as url:
        yield url


async def _upgrade(settings: Settings, migrate: Callable[[str], Awaitable[None]]) -> None:
    from dispatch.storage import EmbeddedServers

    if owner := settings.database_owner_url or settings.database_url:
        await migrate(owner.get_secret_value())
        return
    async with EmbeddedServers(settings.data_dir) as urls:
        await migrate(urls.owner_url)
