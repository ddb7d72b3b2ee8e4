"""`kiwimesh people` and `kiwimesh tenants`: the first super admin, the first organisations, and showing somebody out.

They talk to the database directly, as the owner of the installation, also while the server runs: before the first super
admin nobody may ask the API, and when nobody can sign in any more somebody has to be able to help. Everything else is
done over the API by people with roles.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path
from re import fullmatch
from typing import Any, Final, TypeVar

import click

from dispatch.contract.base import IDENTIFIER
from dispatch.settings import Settings

from . import Failure
from .options import data_option, json_option, print_json, settings_from

SHORTEST: Final = 12
"""Characters of a super admin's password."""
TOO_SHORT: Final = f"The password has fewer than {SHORTEST} characters."

Found = TypeVar("Found")
name_argument = click.argument("name")
email_option = click.option("--email", required=True, help="Who.")


@click.group()
def people() -> None:
    """The first super admin; showing somebody out and letting them in again."""


@people.command()
@email_option
@click.option("--name", required=True, help="Name that others see.")
@click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, envvar="KIWIMESH_ADMIN_PASSWORD",
    help="At least 12 characters; asked for where it is not given. Also from KIWIMESH_ADMIN_PASSWORD.",
)  # fmt: skip
@data_option
@json_option
def admin(email: str, name: str, password: str, data_dir: Path | None, as_json: bool) -> None:
    """Make somebody a super admin. An account that exists gets the role and keeps its password."""
    if len(password) < SHORTEST:
        raise Failure(TOO_SHORT, "Choose a longer one.", code="weak_password")
    person_id = _with_database(
        settings_from(data_dir=data_dir), lambda database: _admin(database, email, name, password)
    )
    _say(as_json, f"{name} is a super admin ({person_id}).", person_id=person_id)


async def _admin(database: Any, email: str, name: str, password: str) -> str:
    from dispatch.identity import Passwords
    from dispatch.observability.clock import SystemClock
    from dispatch.tenancy.founding import found_admin

    with closing(Passwords()) as passwords:
        hashed = await passwords.hash(password)
    return await found_admin(database, email, name, hashed, SystemClock().now())


@people.command()
@email_option
@data_option
@json_option
def suspend(email: str, data_dir: Path | None, as_json: bool) -> None:
    """Show somebody out everywhere; running servers know within a minute."""
    from dispatch.observability.clock import SystemClock
    from dispatch.tenancy import suspend as show_out

    person_id = _with_database(
        settings_from(data_dir=data_dir),
        lambda database: _of(database, email, lambda who: show_out(database, who, SystemClock().now())),
    )
    _say(as_json, f"{person_id} is suspended.", person_id=person_id)


@people.command()
@email_option
@data_option
@json_option
def reinstate(email: str, data_dir: Path | None, as_json: bool) -> None:
    """Let somebody sign in again."""
    from dispatch.tenancy import reinstate as let_in

    person_id = _with_database(
        settings_from(data_dir=data_dir),
        lambda database: _of(database, email, lambda who: let_in(database, who)),
    )
    _say(as_json, f"{person_id} may sign in again.", person_id=person_id)


@click.group()
def tenants() -> None:
    """Communities, hospitals and dispatch centres."""


@tenants.command("list")
@data_option
@json_option
def list_all(data_dir: Path | None, as_json: bool) -> None:
    """Every organisation of this installation."""
    from dispatch.tenancy.founding import organisations

    found = _with_database(settings_from(data_dir=data_dir), organisations)
    lines = [
        f"{one['kind']:<10} {one['id']}  {one['name']}{' (suspended)' if one['suspended'] else ''}{_entries_of(one)}"
        for one in found
    ]
    _say(as_json, "\n".join(lines) or "There is none yet.", organisations=found)


@tenants.command()
@name_argument
@click.option("--number", help="The public emergency number. Default: the one of the settings.")
@click.option(
    "--admin", "email", envvar="KIWIMESH_ADMIN_EMAIL", help="Also a first super admin. Or KIWIMESH_ADMIN_EMAIL."
)
@click.option(
    "--password",
    envvar="KIWIMESH_ADMIN_PASSWORD",
    help="Of that admin, at least 12 characters. Or KIWIMESH_ADMIN_PASSWORD.",
)
@data_option
@json_option
def begin(
    name: str, number: str | None, email: str | None, password: str | None, data_dir: Path | None, as_json: bool
) -> None:  # fmt: skip
    """Bring the schema up to date and, in an empty database, onboard the centre NAME, which takes all calls.

    Where there is a dispatch centre already, nothing is made, nobody becomes an admin again: it may run at every start.
    """
    if email and len(password or "") < SHORTEST:
        raise Failure(TOO_SHORT, "Choose a longer one.", code="weak_password")
    settings = settings_from(data_dir=data_dir)
    wanted = {"name": name, "public_number": number or settings.public_number, "is_default": True}
    made = _with_database(settings, lambda database: _begun(database, wanted, email, password))
    if made is None:
        _say(as_json, "There is a dispatch centre; nothing was made.", id=None)
        return
    _say(as_json, f"Onboarded centre {made}.", id=made)
    if not email and not as_json:
        click.echo(
            "Nobody can sign in yet: `kiwimesh people admin --email ... --name ...` makes the first super admin."
        )


async def _begun(database: Any, centre: Mapping[str, Any], email: str | None, password: str | None) -> str | None:
    """The first dispatch centre and admin; None where there is a centre."""
    from dispatch.observability.clock import SystemClock
    from dispatch.tenancy.founding import found, organisations
    from dispatch.tenancy.organisations import CENTRE

    if any(one["kind"] == CENTRE.scope for one in await organisations(database)):
        return None
    if email and password:
        await _admin(database, email, email, password)
    return await found(database, CENTRE, SystemClock().now(), **centre)


@tenants.command()
@click.argument("kind", type=click.Choice(["community", "hospital", "centre"]))
@name_argument
@click.option("--number", help="Of a centre: the public emergency number to ring when the service cannot help.")
@click.option("--default", "is_default", is_flag=True, help="Of a centre: it takes calls from unknown entries.")
@data_option
@json_option
def onboard(
    kind: str, name: str, number: str | None, is_default: bool, data_dir: Path | None, as_json: bool
) -> None:  # fmt: skip
    """Onboard a community, a hospital or a dispatch centre."""
    from dispatch.contract.roles import ScopeKind
    from dispatch.observability.clock import SystemClock
    from dispatch.tenancy.founding import found
    from dispatch.tenancy.organisations import KINDS

    if (kind == "centre") != (number is not None):
        raise Failure("A dispatch centre takes --number, and nothing else does.", code="bad_option")
    values: dict[str, Any] = {"name": name}
    values |= {"public_number": number, "is_default": is_default} if kind == "centre" else {}
    made = _with_database(
        settings_from(data_dir=data_dir),
        lambda database: found(database, KINDS[ScopeKind(kind)], SystemClock().now(), **values),
    )
    _say(as_json, f"Onboarded {kind} {made}.", id=made)


@tenants.command()
@click.argument("kind", type=click.Choice(["hospital", "centre"]))
@click.argument("organisation_id")
@click.argument("community_id")
@data_option
@json_option
def link(kind: str, organisation_id: str, community_id: str, data_dir: Path | None, as_json: bool) -> None:
    """Let a hospital or a dispatch centre serve a community."""
    from dispatch.contract.roles import ScopeKind
    from dispatch.observability.clock import SystemClock
    from dispatch.tenancy.founding import found_link
    from dispatch.tenancy.organisations import KINDS

    which, now = KINDS[ScopeKind(kind)], SystemClock().now()
    _with_database(
        settings_from(data_dir=data_dir),
        lambda database: found_link(database, which, organisation_id, community_id, now),
    )
    _say(as_json, f"{organisation_id} serves {community_id}.", id=organisation_id, community_id=community_id)


@tenants.command()
@click.argument("entry_id", metavar="ENTRY")
@click.argument("centre_id")
@data_option
@json_option
def entry(entry_id: str, centre_id: str, data_dir: Path | None, as_json: bool) -> None:
    """Bring calls by an entry to a dispatch centre.

    An entry is the name by which a page, app or line says where a call comes from, as in `/call/?entry=NAME`. Calls by
    names that nobody has entered go to the default centre. Running servers know within half a minute.
    """
    from dispatch.observability.clock import SystemClock
    from dispatch.tenancy.founding import found_entry

    if not fullmatch(IDENTIFIER, entry_id):
        raise Failure(
            f"{entry_id!r} is no name of an entry.", "Use letters, digits, . : _ - and at most 64.", code="bad_option"
        )
    now = SystemClock().now()
    _with_database(settings_from(data_dir=data_dir), lambda database: found_entry(database, entry_id, centre_id, now))
    _say(as_json, f"Calls by {entry_id} come to {centre_id}.", entry_id=entry_id, id=centre_id)


def _entries_of(one: Mapping[str, Any]) -> str:
    return f"  entries: {', '.join(one['entries'])}" if one.get("entries") else ""


def _say(as_json: bool, text: str, **facts: object) -> None:
    if as_json:
        print_json({"ok": True, **facts})
    else:
        click.echo(text)


def _with_database(settings: Settings, work: Callable[[Any], Awaitable[Found]]) -> Found:
    """Runs work on the installation's database: the one that DATABASE_URL names, or the embedded one."""
    return asyncio.run(_done(settings, work))


async def _done(settings: Settings, work: Callable[[Any], Awaitable[Found]]) -> Found:
    from dispatch.storage import DataInUse, EmbeddedServers, migrate
    from dispatch.storage.backup import embedded_superuser_url

    if settings.database_url is not None:
        owner = settings.database_owner_url or settings.database_url
        await migrate(owner.get_secret_value())
        return await _at(settings.database_url.get_secret_value(), work)
    try:
        async with EmbeddedServers(settings.data_dir) as urls:
            await migrate(urls.owner_url)
            return await _at(urls.database_url, work)
    except DataInUse:  # the server runs, and has brought the schema up to date
        async with embedded_superuser_url(settings.data_dir) as url:
            return await _at(url, work)


async def _at(url: str, work: Callable[[Any], Awaitable[Found]]) -> Found:
    from dispatch.storage import Database

    database = Database(url)
    try:
        return await work(database)
    finally:
        await database.close()


async def _of(database: Any, email: str, work: Callable[[Any], Awaitable[bool]]) -> str:
    from dispatch.tenancy.founding import person_with

    person_id = await person_with(database, email)
    if person_id is None or not await work(person_id):
        raise Failure("Nobody has this e-mail.", "Check how it is written.", code="not_found")
    return person_id
