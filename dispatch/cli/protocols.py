"""`kiwimesh protocols`: what a centre has approved, for its medical director; a client of the HTTP API."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import click

from dispatch.contract.base import Message
from dispatch.contract.protocols import (
    MedicalDirectors,
    ProtocolLine,
    ProtocolPage,
    ProtocolSheet,
    SignProtocol,
    WithdrawApproval,
)
from dispatch.http_client import HttpClient

from . import Failure
from .options import print_json
from .signed_in import ask_as, signed_in

Result = TypeVar("Result", bound=Message)
SHOWN: Final = {
    "signed": "approved",
    "changed": "NOT APPROVED: changed since it was signed",
    "withdrawn": "NOT APPROVED: taken back",
    "never": "NOT APPROVED: never signed",
}


def at_centre(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options with which somebody asks a server for a centre's protocols."""
    centre = click.option("--centre", help="Id of the dispatch centre. Default: the one that you sign for.")
    return signed_in("hospital-admin@demo.example", "Who asks.")(centre(command))


@click.group()
def protocols() -> None:
    """Read, sign and take back a dispatch centre's protocols."""


@protocols.command("list")
@at_centre
def show_list(as_json: bool, **who: Any) -> None:
    """List the protocols with version, digest and where each stands."""

    async def ask(client: HttpClient, place: str) -> ProtocolPage:
        return await client.ask("GET", f"{place}?limit=200", ProtocolPage)

    page = _ask(who, ask)
    if as_json:
        print_json(page.model_dump(mode="json"))
        return
    for line in page.protocols:
        click.echo(_in_words(line))


@protocols.command()
@click.argument("protocol_id")
@at_centre
def show(protocol_id: str, as_json: bool, **who: Any) -> None:
    """Show PROTOCOL_ID in full."""
    sheet = _sheet(who, protocol_id)
    if as_json:
        print_json(sheet.model_dump(mode="json"))
    else:
        click.echo("\n".join(_sheet_lines(sheet)))


@protocols.command()
@click.argument("protocol_id")
@click.option("--digest", required=True, help="Of the words that you read, as `show` prints it: at least 12 digits.")
@click.option("--code", help="Of your authenticator app, if you have one.")
@at_centre
def sign(protocol_id: str, digest: str, code: str | None, as_json: bool, **who: Any) -> None:
    """Approve PROTOCOL_ID for clinical use in the centre."""
    sheet = _sheet(who, protocol_id)
    if len(digest) < 12 or not sheet.digest.startswith(digest):
        way_out = f"Read it again with `kiwimesh protocols show {protocol_id}`."
        raise Failure("That is not the digest of the protocol as it is now.", way_out, code="conflict")
    body = SignProtocol(version=sheet.text.version, digest=sheet.digest, code=code)
    _done(who, f"{protocol_id}/signatures", body, as_json)


@protocols.command()
@click.argument("protocol_id")
@click.option("--reason", required=True, help="Why; it stays in the history.")
@at_centre
def withdraw(protocol_id: str, reason: str, as_json: bool, **who: Any) -> None:
    """Take the centre's approval of PROTOCOL_ID back, at once."""
    _done(who, f"{protocol_id}/withdrawals", WithdrawApproval(reason=reason), as_json)


def _done(who: dict[str, Any], path: str, body: Message, as_json: bool) -> None:
    async def ask(client: HttpClient, place: str) -> ProtocolLine:
        return await client.ask("POST", f"{place}/{path}", ProtocolLine, body)

    line = _ask(who, ask)
    print_json(line.model_dump(mode="json")) if as_json else click.echo(_in_words(line))


def _sheet(who: dict[str, Any], protocol_id: str) -> ProtocolSheet:
    async def ask(client: HttpClient, place: str) -> ProtocolSheet:
        return await client.ask("GET", f"{place}/{protocol_id}", ProtocolSheet)

    return _ask(who, ask)


def _ask(who: dict[str, Any], work: Callable[[HttpClient, str], Awaitable[Result]]) -> Result:
    async def at_place(client: HttpClient) -> Result:
        centre = who["centre"] or await _own_centre(client)
        return await work(client, f"/v1/centres/{centre}/protocols")

    return ask_as(who, at_place)


async def _own_centre(client: HttpClient) -> str:
    found = (await client.ask("GET", "/v1/medical-directors?mine=true", MedicalDirectors)).directors
    if len(found) != 1:
        raise Failure(f"You sign for {len(found)} dispatch centres.", "Name one with --centre.", code="which_centre")
    return found[0].centre_id


def _in_words(line: ProtocolLine) -> str:
    by = f"  {line.last.name}, {line.last.at:%Y-%m-%d %H:%M}" if line.last else ""
    return f"{line.category}  {line.protocol_id:<22} {line.version:<8} {line.digest[:12]}  {SHOWN[line.state]}{by}"


def _sheet_lines(sheet: ProtocolSheet) -> list[str]:
    """A protocol on a terminal."""
    text = sheet.text
    flags = [
        f"  {flag.category}  {flag.label} ({flag.source})\n       {'; '.join(flag.when)}" for flag in text.red_flags
    ]
    asked = [f"  {number}. {one.ask} ({one.source})" for number, one in enumerate(text.questions, 1)]
    read = [
        line
        for script in text.scripts
        for line in (
            f"  {'; '.join((script.title, *script.about))}:",
            *(f"    {s.number}. {s.say} {'; '.join(s.ways)}" for s in script.steps),
        )
    ]
    done = [f"  {one.at:%Y-%m-%d %H:%M} {one.deed}, {one.name} {one.reason}" for one in sheet.history]
    return [
        f"{text.title}, version {text.version}: {SHOWN[sheet.state]}",
        f"Digest {sheet.digest}",
        f"Category {text.category} ({text.category_source})",
        f"Opened by {'; '.join(text.entry)}",
        *("Red flags", *flags, "Questions", *asked, f"Send {', '.join(text.resources)}", "Read out", *read),
        f"Sources {', '.join(text.sources)}",
        *("Signed and taken back", *done),
    ]
