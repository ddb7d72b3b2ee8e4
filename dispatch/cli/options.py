"""Options that several commands share, the settings that they make, and how results are printed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
from pydantic import ValidationError

from dispatch.settings import Settings, environment_name

from . import Failure

json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for machines.")
data_option: Final = click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for all data. Default: the user's own data folder.",
)
url_option: Final = click.option(
    "--url", help="Address of the server. Default: the one that the settings name, http://127.0.0.1:8000."
)


def settings_from(**given: Any) -> Settings:
    """The settings from the environment, overridden by the options that were given; None means not given."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        lines = [_plain(detail["loc"], detail["msg"]) for detail in error.errors(include_input=False)]
        way_out = "docs/settings.md lists every setting with what it takes."
        raise Failure("\n".join(lines), way_out, code="bad_setting") from None


def server_url(settings: Settings) -> str:
    """The address at which this machine reaches a server with these settings."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - read, not bound
    scheme = "https" if settings.tls else "http"
    return f"{scheme}://{everywhere.get(settings.host, settings.host)}:{settings.port}"


def print_json(result: Mapping[str, object]) -> None:
    """One JSON object on one line of standard output."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str))


def _plain(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if not location:
        return f"Settings: {message}."
    field = str(location[0]).lower()
    return f"{environment_name(field)}: {message}."
