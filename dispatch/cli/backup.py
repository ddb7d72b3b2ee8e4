"""`kiwimesh backup`: the whole installation but for its keys: made, checked, fetched from a bucket, put back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.settings import TENANT_KEYS, Settings

from . import Failure
from .options import data_option, json_option, print_json, settings_from

if TYPE_CHECKING:
    from dispatch.storage import TenantKeys

folder_argument = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
name_option = click.option("--name", default="", help="Which backup; otherwise the newest.")


@click.group()
def backup() -> None:
    """Back up and restore everything but the keys: the database, calls' sound and logs, files.

    FOLDER holds any number of backups. What has not changed since the last one is kept once. Keys (`secrets/` of the
    data folder) are never in it: copy `secrets/tenants.json` to another place; without it no call can be read.
    """


@backup.command()
@folder_argument
@data_option
@json_option
def make(folder: Path, data_dir: Path | None, as_json: bool) -> None:
    """Add a backup to FOLDER, while the server runs or not.

    FOLDER is as readable as the database: it is yours alone, and you keep it safe.
    """
    from dispatch.storage.backup_folder import name_of
    from dispatch.storage.whole_backup import make as write

    from .db import whole_database

    settings = settings_from(data_dir=data_dir)

    async def run() -> tuple[str, int, int]:
        async with whole_database(settings) as url:
            made = await write(url, settings.data_dir, folder, name_of(datetime.now(UTC)), settings.backup_spare_bytes)
            return made.name, len(made.files), made.database.bytes + sum(kept.bytes for kept in made.files)

    name, files, size = asyncio.run(run())
    if as_json:
        print_json({"ok": True, "name": name, "files": files, "bytes": size})
    else:
        click.echo(f"{name}: the database and {files} files, {size / 1e6:.1f} MB; keys are not in it.")


@backup.command()
@folder_argument
@name_option
@json_option
def check(folder: Path, name: str, as_json: bool) -> None:
    """Read every byte of a backup in FOLDER and compare it with the manifest."""
    from dispatch.storage.backup_folder import BackupFolder

    backups = BackupFolder(folder)
    name = name or backups.newest()
    if damaged := backups.damaged(name):
        listed = "\n".join(damaged)
        raise Failure(f"{name} is damaged:\n{listed}", "Take another backup, or fetch this one again.", code="damaged")
    files = len(backups.manifest(name).files)
    if as_json:
        print_json({"ok": True, "name": name, "files": files, "backups": backups.names()})
    else:
        click.echo(f"{name}: the database and {files} files are whole.")


@backup.command()
@folder_argument
@name_option
@data_option
@json_option
def fetch(folder: Path, name: str, data_dir: Path | None, as_json: bool) -> None:
    """Read a copy of a scheduled backup from S3 into FOLDER.

    Whole or not at all. Copies are made where KIWIMESH_BACKUP_COPY is on.
    """
    settings = settings_from(data_dir=data_dir)
    if settings.s3_secret_key is None:
        raise Failure("There is no bucket to read from.", "Set the KIWIMESH_S3_ settings.", code="no_bucket")
    found = asyncio.run(_fetch(settings, name, folder))
    if as_json:
        print_json({"ok": True, "name": found})
    else:
        click.echo(f"{found} is in {folder}. Put it back with `kiwimesh backup restore {folder}`.")


@backup.command()
@folder_argument
@name_option
@data_option
@click.option("--yes", is_flag=True, help="Do not ask first.")
@json_option
def restore(folder: Path, name: str, data_dir: Path | None, yes: bool, as_json: bool) -> None:
    """Put a backup in FOLDER back: the database is replaced, missing files are added to the data folder.

    Stop the server first, and put `secrets/tenants.json` back into the data folder. A backup that is damaged changes
    nothing. Calls that are on the disk already stay, and tell the restored database what it does not know of them.
    """
    from dispatch.storage.backup_folder import BackupFolder

    name = name or BackupFolder(folder).newest()
    if not yes:
        click.confirm(f"This replaces everything in the database by {name}. Go on?", abort=True)
    done = asyncio.run(_restore(settings_from(data_dir=data_dir), folder, name))
    if as_json:
        print_json({"ok": True, **done})
        return
    click.echo(f"Restored {name}: the database and {done['files']} files.")
    click.echo(f"{done['readable']} of {done['calls']} calls can be read with the keys that are here.")
    if done["readable"] != done["calls"]:
        click.echo("Before the server starts, put secrets/tenants.json back (erased tenants stay unreadable).")


@asynccontextmanager
async def _held_database(settings: Settings) -> AsyncIterator[str]:
    """The address of a database whose data folder nobody else has."""
    from dispatch.storage import EmbeddedServers
    from dispatch.storage.data_root import DataRoot

    with DataRoot(settings.data_dir) as root:
        if settings.database_url is not None:
            yield settings.database_url.get_secret_value()
            return
        async with EmbeddedServers(root) as urls:
            yield urls.superuser_url


async def _restore(settings: Settings, folder: Path, name: str) -> dict[str, object]:
    from dispatch.calls.shipper import MARKER
    from dispatch.storage import TenantKeys
    from dispatch.storage.whole_backup import restore_whole

    async with _held_database(settings) as url:
        done = await restore_whole(url, folder, name, settings.data_dir, MARKER)
        keys_file = settings.data_dir / TENANT_KEYS
        keys_file.parent.mkdir(mode=0o700, exist_ok=True)
        calls, readable = _readable(settings.data_dir / "calls", TenantKeys(keys_file))
    return {
        "name": name,
        "files": done.files,
        "told_again": done.told_again,
        "calls": calls,
        "readable": readable,
    }


def _readable(calls: Path, keys: "TenantKeys") -> tuple[int, int]:
    """How many calls there are, and how many of them the keys open."""
    from dispatch.calls.call_key import KEY_FILE, read_call_key
    from dispatch.storage import KeyGone

    found = [file.parent for file in calls.glob(f"*/{KEY_FILE}")]
    opened = 0
    for folder in found:
        try:
            read_call_key(folder, keys)
            opened += 1
        except KeyGone:
            continue
    return len(found), opened


async def _fetch(settings: Settings, name: str, folder: Path) -> str:
    from dispatch.backup_copies import BackupCopies
    from dispatch.observability.clock import SystemClock
    from dispatch.providers.chosen import s3_files
    from dispatch.providers.wire import new_client
    from dispatch.storage.backup_folder import BackupFolder

    async with new_client() as client:
        files = s3_files(settings, client, SystemClock())
        assert files is not None, "was looked at before"
        return await BackupCopies(files).fetch(name, BackupFolder(folder))
