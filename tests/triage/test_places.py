"""Places: how callers say where they are, where the words of it end, and what is no place."""

import pytest

from dispatch.triage.places import best_place
from dispatch.triage.words import chunk_of, cut

from .speech import card, fields, words

pytestmark = pytest.mark.unit


def place(said: str, asked: bool = False) -> str | None:
    """The best place of what was said, chunk by chunk."""
    heard = words(said)
    closed, rest = cut(heard)
    spans = [*closed, *([(rest, len(heard))] if rest < len(heard) else [])]
    found = [best_place(chunk_of(heard, begin, end), heard, asked) for begin, end in spans]
    best = max((one for one in found if one is not None), key=lambda one: one.score, default=None)
    return " ".join(w.text for w in heard[best.first : best.last + 1]).strip(" .,?!") if best else None


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("We're at the Lakeside Diner, Route 9, Hyde Park.", "the Lakeside Diner, Route 9, Hyde Park"),
        ("its 7 cherry tree a venue please hurry up", "7 cherry tree a venue"),
        ("Flat 2B, Moorings Court, Barry.", "Flat 2B, Moorings Court, Barry"),
        ("paddle dot orchid dot nineteen", "paddle dot orchid dot nineteen"),
        ("shes forty five were at six ten pecan street", "six ten pecan street"),
        ("I'm fine. Twenty-two oh six Sycamore Drive", "Twenty-two oh six Sycamore Drive"),
        ("It's 2210 Juniper, Macon, the blue trailer.", "2210 Juniper, Macon, the blue trailer"),
        (
            "We're above the viewing car park at Molls Gap and one of the lads fell",
            "above the viewing car park at Molls Gap",
        ),
        ("There's a bag at platform four at Haymarket and nobody with it", "platform four at Haymarket"),
        ("The gate lodge at Avoca House if you must.", "The gate lodge at Avoca House"),
        (
            "I'm outside the kebab shop on Northumberland Street and me taxi's gone",
            "outside the kebab shop on Northumberland Street",
        ),
        ("We are opposite the Total filling station, Iba Road.", "opposite the Total filling station, Iba Road"),
        ("he collapsed behind the mosque in Surulere", "behind the mosque in Surulere"),
        ("mile marker 212 northbound on I-81", "mile marker 212 northbound on I-81"),
        ("Gunshots at Westgate Mall, Tulsa, entrance D.", "Westgate Mall, Tulsa, entrance D"),
        ("We're on the A303 after Wylye", "the A303 after Wylye"),
        ("A scooter got hit at Fifth and Alder.", "Fifth and Alder"),
        ("Third floor, Albion Mills, Wakefield.", "Third floor, Albion Mills, Wakefield"),
        ("Room 12, Elmfield student halls, Ormskirk.", "Room 12, Elmfield student halls, Ormskirk"),
        ("Hotel Meridian, Leith.", "Hotel Meridian, Leith"),
        ("This is Deb from Sunrise Manor.", "Sunrise Manor"),
        ("31 Rue Street, Port Chalmers, sorry, Rae Street", "31 Rue Street, Port Chalmers, sorry, Rae Street"),
        ("roasting sixty eight flat nine marram court grimsby", "flat nine marram court grimsby"),
        ("please come 23 jalan kayu now she is blue", "23 jalan kayu"),
        (
            "Plot 112, Sai Krupa Society, Kothrud, opposite Ganesh temple",
            "Plot 112, Sai Krupa Society, Kothrud, opposite Ganesh temple",
        ),
    ],
)
def test_a_place_is_found_as_it_was_said_and_ends_where_it_ends(said: str, where: str) -> None:
    assert place(said) == where


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ("Castleford", "Castleford"),
        ("Rose Cottage, Back Lane, Hutton.", "Rose Cottage, Back Lane, Hutton"),
        ("The one outside Wilko on Fargate", "outside Wilko on Fargate"),
        ("kayole near naivas", "kayole near naivas"),
    ],
)
def test_the_answer_to_where_may_be_a_name_alone(said: str, where: str) -> None:
    assert place(said, asked=True) == where


@pytest.mark.parametrize(
    "said",
    [
        "Sorry, I don't know.",
        "He can drive the car and go home.",
        "I walked home from Leeds yesterday.",
        "It's a pub quiz.",
        "a lump like a fifty pee on his arm",
        "The pain's in the knee, and it's a sort of grey-green.",
        "Nobody's hurt.",
        "Breathing's fine.",
        "No. Not at all.",
        "They told me to see the doctor on Monday.",
        "He is a bit green around the gills.",
        "I took two Panadol at eight.",
    ],
)
def test_what_is_no_place_is_none(said: str) -> None:
    assert place(said) is None


def test_an_address_outranks_the_town_that_somebody_else_is_in() -> None:
    call = "She's in Leeds and I'm in Toronto. She's at 8 Ashgrove Mount, Leeds."
    assert fields(card(call))["location"] == "8 Ashgrove Mount, Leeds"


@pytest.mark.parametrize(
    ("call", "where"),
    [
        (
            "My dad's collapsed, he's not breathing. [Is that 14 Elm Road, Leeds?] Yes. Please hurry.",
            "14 Elm Road, Leeds",
        ),
        ("My dad's collapsed, he's not breathing. [Is that 14 Elm Road, Leeds?] No, I don't know.", None),
        ("He fell, we're at the pub. [Is that the Crown Inn on Elm Road?] Yeah.", "the Crown Inn on Elm Road"),
    ],
)
def test_a_place_that_the_operator_says_back_is_the_callers_once_they_say_yes(call: str, where: str | None) -> None:
    assert fields(card(call)).get("location") == where
