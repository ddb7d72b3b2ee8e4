"""`kiwimesh units`: a dispatch centre's units, for its supervisor; a client of the HTTP API."""

from typing import Any

import click
from pydantic import ValidationError

from dispatch.contract.crew import UnitList
from dispatch.contract.dispatching import UnitView
from dispatch.contract.fleet import NewUnit, UnitRecord
from dispatch.contract.organisations import DispatchCentres
from dispatch.http_client import HttpClient

from . import Failure
from .options import print_json
from .signed_in import ask_as, signed_in

supervised = signed_in("supervisor@demo.example", "A supervisor of the centre.")


@click.group()
def units() -> None:
    """Enter and list a dispatch centre's units: ambulances, first responders, neighbours."""


@units.command()
@click.argument("call_sign")
@click.option(
    "--can", "capabilities", multiple=True, required=True,
    help="What it can be sent as; repeatable: ambulance, first_aid, basic_life_support, neighbour, your own word.",
)  # fmt: skip
@click.option("--hospital", help="Id of the hospital whose paramedics are its crew. Default: the desk speaks for it.")
@click.option("--at", "place", type=(float, float), metavar="LAT LON", help="Where it waits, in degrees.")
@click.option("--exercise", is_flag=True, help="It is sent to exercises alone.")
@click.option("--centre", help="Id of the dispatch centre. Default: yours.")
@supervised
def add(
    call_sign: str, capabilities: tuple[str, ...], hospital: str | None, place: tuple[float, float] | None,
    exercise: bool, centre: str | None, as_json: bool, **who: Any,
) -> None:  # fmt: skip
    """Enter a unit as CALL_SIGN. It begins off duty, without a crew.

    \b
    Afterwards
      PUT /v1/units/UNIT_ID/crew/PERSON_ID   the hospital's admin names its crew, who go on duty on /crew/
      POST /v1/units/UNIT_ID/duty            puts a unit on duty that has no crew
    """
    new = _new_unit(
        call_sign=call_sign, capabilities=capabilities, hospital_id=hospital, exercise=exercise,
        latitude=place[0] if place else None, longitude=place[1] if place else None,
    )  # fmt: skip

    async def ask(client: HttpClient) -> UnitRecord:
        place = centre or await _own_centre(client)
        return await client.ask("POST", f"/v1/centres/{place}/units", UnitRecord, new)

    made = ask_as(who, ask)
    print_json(made.model_dump(mode="json")) if as_json else click.echo(_in_words(made.unit))


@units.command("list")
@click.option("--withdrawn", is_flag=True, help="Those that are out of service.")
@supervised
def show_list(withdrawn: bool, as_json: bool, **who: Any) -> None:
    """List the units with id, state and capabilities."""

    async def ask(client: HttpClient) -> UnitList:
        path = f"/v1/units?limit=200&withdrawn={str(withdrawn).lower()}"
        page = await client.ask("GET", path, UnitList)
        found = page.units
        while page.next_cursor:
            page = await client.ask("GET", f"{path}&cursor={page.next_cursor}", UnitList)
            found += page.units
        return UnitList(units=found)

    known = ask_as(who, ask)
    if as_json:
        print_json(known.model_dump(mode="json", exclude={"next_cursor"}))
    else:
        click.echo("\n".join(map(_in_words, known.units)) or "There is none. Enter one with `kiwimesh units add`.")


def _new_unit(**said: Any) -> NewUnit:
    try:
        return NewUnit.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "position"
        raise Failure(
            f"{where}: {first['msg']}.", "`kiwimesh units add --help` says what it takes.", code="bad_option"
        ) from None


async def _own_centre(client: HttpClient) -> str:
    found = (await client.ask("GET", "/v1/centres", DispatchCentres)).centres
    if len(found) != 1:
        raise Failure(f"You are at {len(found)} dispatch centres.", "Name one with --centre.", code="which_centre")
    return found[0].centre_id


def _in_words(unit: UnitView) -> str:
    state = unit.state.value.replace("_", " ") if unit.on_duty else "withdrawn" if unit.withdrawn else "off duty"
    practice = "  for exercises" if unit.exercise else ""
    return f"{unit.unit_id:<22} {unit.call_sign:<24} {state:<12} {', '.join(unit.capabilities)}{practice}"
