"""Who the patient is: sex, how many, and what the caller is to them, each with the words that say it."""

import pytest

from dispatch.contract.card import FieldName

from .speech import card, fields

pytestmark = pytest.mark.unit

SAID = [
    ("my wife has collapsed, she's not breathing", "female", "partner"),
    ("my partner has chest pain", None, "partner"),
    ("my husband says it's a mood but my son's just sitting there, he hasn't moved", "male", "parent"),
    ("my little girl is choking", "female", "parent"),
    ("my baby is not breathing", None, "parent"),
    ("my dad has fallen and hit his head", "male", "child"),
    ("my mother in law has fallen, she's hurt her hip", "female", "relative"),
    ("my nan is confused and her face is drooping", "female", "grandchild"),
    ("my grandson is having a fit", "male", "grandparent"),
    ("my brother has taken an overdose", "male", "sibling"),
    ("my neighbour has fallen, she's hurt her hip", "female", "neighbour"),
    ("my colleague has cut his arm badly", "male", "colleague"),
    ("I'm her daughter, she's fallen", "female", "child"),
    ("I'm his mother, he's having a seizure", "male", "parent"),
    ("one of our residents is not breathing, I'm the carer", None, "carer"),
    ("there's a man lying on the pavement, he's not moving", "male", "bystander"),
    ("a 58 year old man has collapsed", "male", None),
    ("he's stopped breathing", "male", None),
    ("I've got chest pain", None, "self"),
    ("I'm a 30 year old woman and I've got chest pain", "female", "self"),
    ("I'm 38 weeks pregnant and I'm bleeding", "female", "self"),
    ("it's burning, there's smoke everywhere", None, None),
]
COUNTS = [
    ("two people are badly hurt", "2"),
    ("both of them are unconscious", "2"),
    ("there are four casualties", "4"),
    ("at least three people injured", "3"),
    ("[How many people are hurt?] Just him.", "1"),
    ("[How many people are hurt?] There's five.", "5"),
    ("[How many people are hurt?] No one else.", "1"),
    ("he fell two metres and hurt his leg", None),
    ("I took three tablets and I feel sick", None),
    ("he's 58 and he's collapsed", None),
]


@pytest.mark.parametrize(("call", "sex", "relation"), SAID)
def test_sex_and_relation_are_read_off_the_words(call: str, sex: str | None, relation: str | None) -> None:
    shown = fields(card(call))
    assert (shown.get("sex"), shown.get("caller_relation")) == (sex, relation)


@pytest.mark.parametrize(("call", "count"), COUNTS)
def test_how_many_are_hurt_is_shown_once_it_is_said(call: str, count: str | None) -> None:
    assert fields(card(call)).get("patient_count") == count


def test_each_of_them_carries_its_words() -> None:
    shown = card("my wife has collapsed. two people are badly hurt.")
    for name in (FieldName.SEX, FieldName.CALLER_RELATION, FieldName.PATIENT_COUNT):
        known = shown.field(name)
        assert known is not None
        assert known.evidence


def test_a_count_that_was_said_is_not_asked_for() -> None:
    shown = card("there's been a car crash, two people are badly hurt")
    assert shown.next_question is not None
    assert shown.next_question.code != "how_many_hurt"
