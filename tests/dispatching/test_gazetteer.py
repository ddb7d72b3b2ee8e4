"""A community's places come from a file, and what is known of a caller from them."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.contract.dispatching import NoteKind
from dispatch.dispatching import FileRefused, Hints, import_places, read_gazetteer
from dispatch.dispatching.places import candidates, gazetteer_of, known_of, places_in_use
from dispatch.storage.context import REGISTRY, sending
from dispatch.storage.tables import ResidentRow
from tests.dispatching.world import World

pytestmark = pytest.mark.integration

YAML = """
community: {community}
places:
  - {{id: acres, kind: landmark, name: Green Acres}}
  - {{id: c, in: acres, kind: block, name: Block C, access: "Ring the guard.", latitude: -41.2, longitude: 174.8}}
  - {{id: c-12, in: c, kind: flat, name: Flat 12, hazards: "Oxygen"}}
notes:
  - {{kind: hazard, words: "Dog", place: c-12}}
  - {{kind: allergy, words: "Penicillin", resident: {resident}}}
"""
CSV = (
    "id,in,kind,name,aliases,latitude,longitude,access,hazards\nacres,,landmark,Green Acres,the acres;the estate,,,,\n"
)


async def imported(world: World, tmp_path: Path, text: str = YAML) -> tuple[int, int, int]:
    file = tmp_path / "places.yaml"
    file.write_text(text.format(community=world.community, resident=f"elsie-{world.mark}"))
    done = await import_places(world.database, read_gazetteer(file), world.clock.now())
    return done.places, done.retired, done.notes


@pytest.fixture
async def elsie(world: World) -> str:
    resident_id = f"elsie-{world.mark}"
    async with world.database.transaction(REGISTRY) as session:
        session.add(
            ResidentRow(
                resident_id=resident_id, community_id=world.community, name="Elsie", flat="12", phone="+447700900105"
            )
        )
    return resident_id


async def test_a_file_is_imported_again_without_a_trace_and_what_is_gone_is_retired(world, elsie, tmp_path) -> None:
    assert await imported(world, tmp_path) == (3, 0, 2)
    assert await imported(world, tmp_path) == (3, 0, 2)
    assert await imported(world, tmp_path, YAML.replace("Flat 12", "Flat 13").replace("id: c-12", "id: c-13").replace(
        "place: c-12", "place: c-13")) == (3, 1, 2)  # fmt: skip
    async with world.database.transaction(sending(world.centre)) as session:
        rows = await places_in_use(session)
    assert sorted(row.label for row in rows) == [
        "Block C, Green Acres", "Flat 13, Block C, Green Acres", "Green Acres",
    ]  # fmt: skip


async def test_the_places_of_a_centre_are_found_by_a_callers_words_and_those_of_others_never(
    world, elsie, tmp_path
) -> None:
    await imported(world, tmp_path)
    stranger = await World(world.database).settle()
    for centre, found in ((world.centre, 1), (stranger.centre, 0)):
        async with world.database.transaction(sending(centre)) as session:
            rows = await places_in_use(session)
        full = [match for match in candidates(rows, gazetteer_of(rows), "block see green acres") if match.score == 1]
        assert len(full) == found


async def test_number_and_flat_tell_who_calls_how_to_get_in_and_what_to_beware_of(world, elsie, tmp_path) -> None:
    await imported(world, tmp_path)
    async with world.database.transaction(sending(world.centre)) as session:
        known = await known_of(session, "call-1", "+44 7700 900105")
    assert known.resident is not None
    assert (known.resident.name, known.resident.flat) == ("Elsie", "12")
    assert known.place is not None
    assert known.place.hazards == "Oxygen"
    assert {note.kind for note in known.notes} == {NoteKind.ALLERGY, NoteKind.HAZARD}
    stranger = await World(world.database).settle()
    async with world.database.transaction(sending(stranger.centre)) as session:
        assert (await known_of(session, "call-1", "+44 7700 900105")).resident is None


def test_a_table_without_notes_is_a_gazetteer_too(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(CSV)
    read = read_gazetteer(file, "bay")
    assert read.places[0].aliases == ("the acres", "the estate")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("community: x\nplaces: [{id: a, kind: block, name: A, in: b}]", "has to come before"),
        ("community: x\nplaces: [{id: a, kind: block, name: A}, {id: a, kind: block, name: A}]", "twice"),
        ("community: x\nplaces: [{id: a, kind: castle, name: Secret}]", "places.0.kind"),
        ("community: x\nplaces: [{id: a, kind: block, name: A, latitude: 1}]", "coordinate"),
        ("community: x\nplaces: []\nnotes: [{kind: hazard, words: w}]", "note belongs"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_file_with_a_mistake_is_refused_whole_and_says_where(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "places.yaml"
    file.write_text(text)
    with pytest.raises(FileRefused, match=said) as refused:
        read_gazetteer(file)
    assert "Secret" not in str(refused.value)


async def test_a_console_that_opens_a_call_later_is_told_its_places_and_what_is_known_again(world) -> None:
    call = replace(world.call(), location="Block C")
    world.calls.facts[call.call_id] = call
    running = set()
    hints = Hints(
        world.database,
        world.clock,
        world.calls,
        world.consoles,
        lambda _, work: running.add(asyncio.ensure_future(work)),
    )
    hints.location_heard(call.call_id, "Block C")
    await asyncio.gather(*running)
    world.consoles.told.clear()
    hints.shown(call.call_id, ("seat-1",))
    await asyncio.gather(*running)
    assert [(to, body.kind) for to, body in world.consoles.told] == [("seat-1", "known"), ("seat-1", "places")]


async def test_a_call_that_is_shown_at_hundreds_of_seats_is_looked_up_once_and_each_seat_is_told_once(world) -> None:
    call = replace(world.call(), location="Block C")
    world.calls.facts[call.call_id] = call
    running = []
    hints = Hints(
        world.database,
        world.clock,
        world.calls,
        world.consoles,
        lambda _, work: running.append(asyncio.ensure_future(work)),
    )
    for number in range(300):
        hints.shown(call.call_id, (f"seat-{number}",))
    assert len(running) == 1
    await asyncio.gather(*running)
    known = [to for to, body in world.consoles.told if body.kind == "known"]
    assert sorted(known) == sorted(f"seat-{number}" for number in range(300))
    hints.shown("call-nobody-has", ("seat-1",))
    assert len(running) == 1
