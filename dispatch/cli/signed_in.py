"""Commands that ask a running server as somebody: their options, and one signed-in client for what they ask."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from dispatch.http_client import HttpClient

from . import Failure
from .options import data_option, json_option, server_url, settings_from, url_option

Result = TypeVar("Result")
Command = Callable[..., Any]


def signed_in(login: str, who_asks: str) -> Callable[[Command], Command]:
    """The options with which somebody asks a server; `login` is the demonstration's. The command gets `as_json`."""

    def with_options(command: Command) -> Command:
        for option in (
            json_option,
            data_option,
            click.option(
                "--password", envvar="KIWIMESH_PASSWORD", help="Default: the demonstration's, from the data folder."
            ),
            click.option("--email", default=login, show_default=True, help=who_asks),
            url_option,
        ):
            command = option(command)
        return command

    return with_options


def ask_as(who: dict[str, Any], work: Callable[[HttpClient], Awaitable[Result]]) -> Result:
    """What `work` learns from the server, as whom the options name. Raises Failure, ClientError."""
    settings = settings_from(data_dir=who["data_dir"])
    password = who["password"] or demo_password(settings.data_dir, who["email"])

    async def run() -> Result:
        async with HttpClient(who["url"] or server_url(settings), who["email"], password) as client:
            return await work(client)

    return asyncio.run(run())


def demo_password(data_dir: Path, email: str) -> str:
    """The password of a demonstration login. Raises Failure."""
    file = data_dir / "secrets" / "demo-logins.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.is_file() else {}
    if email not in known:
        raise Failure(f"No password is known for {email}.", "Give --password, or --data of a demonstration.")
    return known[email]
