"""What a caller's words for a place resolve to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.dispatching.matching import Gazetteer, Match, Spot

pytestmark = pytest.mark.property

SPOTS = [
    Spot("ga", "Green Acres", ("the Acres",)),
    Spot("kw", "Kōwhai Court"),
    *(Spot(f"ga-{letter}", f"Block {letter.upper()}", (), "ga") for letter in "abcd"),
    *(Spot(f"ga-{letter}-{n}", f"Flat {n}", (), f"ga-{letter}") for letter in "abcd" for n in (1, 2, 12)),
    *(Spot(f"kw-{letter}", f"Block {letter.upper()}", (), "kw") for letter in "ab"),
    Spot("ga-north", "North Gate", ("main entrance",), "ga"),
]
GAZETTEER = Gazetteer(SPOTS)


def best(words: str) -> str:
    return GAZETTEER.match(words)[0].place_id


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("block C, Green Acres", "ga-c"),
        ("we are in block see green acres please hurry", "ga-c"),
        ("Green Acres, C block", "ga-c"),
        ("flat twelve block charlie green acres", "ga-c-12"),
        ("C12 Green Acres", "ga-c-12"),
        ("apartment to, building d, green akers", "ga-d-2"),
        ("he fell at the main entrance of green acres", "ga-north"),
        ("kowhai court block b", "kw-b"),
        ("somewhere in Green Acres", "ga"),
    ],
)
def test_the_words_of_a_caller_lead_to_the_place_they_mean(words, place):
    assert best(words) == place


def test_a_full_address_scores_1_and_a_half_said_one_less():
    assert GAZETTEER.match("block C, Green Acres")[0] == Match("ga-c", 1.0)
    found = GAZETTEER.match("block A")
    assert {match.place_id for match in found[:2]} == {"ga-a", "kw-a"}
    assert found[0].score < 1


def test_a_wrong_letter_is_never_made_right():
    assert not any(match.place_id.startswith("ga-c") for match in GAZETTEER.match("block B green acres"))
    assert GAZETTEER.match("block z") == ()


def test_words_without_a_place_have_no_candidates():
    assert GAZETTEER.match("my husband collapsed he is not breathing") == ()


def test_a_circle_in_the_data_is_survived():
    assert Gazetteer([Spot("a", "Alder", (), "b"), Spot("b", "Birch", (), "a")]).match("alder birch")


@given(st.sampled_from(SPOTS), st.lists(st.sampled_from(["please", "hurry", "she", "fell", "down"]), max_size=4))
def test_the_whole_address_of_any_place_finds_it_among_other_words(spot, around):
    known = {one.place_id: one for one in SPOTS}
    parts, here = [spot.name], spot
    while here.parent_id:
        here = known[here.parent_id]
        parts.append(here.name)
    found = GAZETTEER.match(" ".join([*around, *parts]))
    assert found[0].place_id == spot.place_id
    assert found[0].score == 1
