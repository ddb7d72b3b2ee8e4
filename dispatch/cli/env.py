"""`kiwimesh env check`: whether this environment's settings are fit to be used. Exit code 1: one rule says no."""

import json
import os
import secrets
import shutil
import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from dispatch.settings import TENANT_KEYS

from . import Failure
from .checks import State
from .doctor import show
from .environment_rules import Folder, Report, findings, fingerprint, secret_values
from .options import data_option, json_option, print_json, settings_from

SALT_BYTES: Final = 16
SHORTEST_KEY: Final = 16
"""Characters; what is shorter in a secret file is no key, as the `{}` of a file without keys."""
MOST_KEYS: Final = 200
"""Secrets of the data folder that a report compares; one takes tens of milliseconds."""


@click.group()
def env() -> None:
    """Check the settings of this environment."""


@env.command()
@data_option
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What `kiwimesh env check --json` printed in another environment: nothing may be in common.",
)
@json_option
def check(data_dir: Path | None, against: Path | None, as_json: bool) -> int:
    """Refuse settings that are not fit for use.

    Looks at secrets, what is open to the network, the data folder, keys and disk. With --against also at what this
    environment shares with another one; the report holds fingerprints, no secrets. Changes nothing.
    """
    settings = settings_from(data_dir=data_dir)
    folder = replace(look_at(settings.data_dir), backup_age_s=backup_age_s(settings.backup_dir))
    found = findings(settings, folder, read_report(against) if against else None)
    fit = all(finding.state is not State.FAILED for finding in found)
    if as_json:
        salt = secrets.token_bytes(SALT_BYTES)
        marks = {name: fingerprint(value, salt) for name, value in secret_values(settings, folder).items()}
        told = [vars(finding) for finding in found]
        print_json({"ok": fit, "findings": told, "salt": salt.hex(), "fingerprints": marks})
    else:
        show(found)
    return 0 if fit else 1


def read_report(file: Path) -> Report:
    """Another environment's report. Raises `Failure` when the file is none."""
    try:
        told = json.loads(file.read_text())
        return Report(bytes.fromhex(told["salt"]), dict(told["fingerprints"]))
    except (ValueError, KeyError, TypeError, OSError):
        way_out = "Make it in the other environment: kiwimesh env check --json > other.json"
        raise Failure(f"{file} is no report of another environment.", way_out, code="not_a_report") from None


def look_at(data_dir: Path) -> Folder:
    """The data folder as it is. A folder that is not there yet has the room of the one it will be made in."""
    standing = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(standing).free
    if standing != data_dir:
        return Folder(exists=False, free_bytes=free)
    files = sorted(path for path in (data_dir / "secrets").glob("*") if path.is_file() and os.access(path, os.R_OK))
    others = stat.S_IRWXG | stat.S_IRWXO
    tenants = keys_of(data_dir / TENANT_KEYS)
    plain = {path.name: path.read_text(errors="replace") for path in files if path != data_dir / TENANT_KEYS}
    keys = {f"secrets/{name}": text for name, text in plain.items() if len(text) >= SHORTEST_KEY}
    keys |= {f"key of {tenant}": key for tenant, key in tenants.items()}
    return Folder(
        exists=True,
        mode=stat.S_IMODE(data_dir.stat().st_mode),
        free_bytes=free,
        open_files=tuple(path.name for path in files if path.stat().st_mode & others),
        tenant_keys=len(tenants),
        keys=dict(list(keys.items())[:MOST_KEYS]),
    )


def backup_age_s(folder: Path | None) -> float | None:
    """How old the newest scheduled backup is."""
    from dispatch.backup_schedule import newest

    written = newest(folder) if folder else None
    return None if written is None else time.time() - written


def keys_of(file: Path) -> dict[str, str]:
    """The tenants' keys, by tenant; none where there is no file."""
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError):
        return {}
