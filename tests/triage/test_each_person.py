"""A row for each of several people: whose a finding is, how urgent each is alone, and what stays with the call."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.contract.card import PersonTold
from dispatch.triage import Heard, HeardStatus, category_of, hear
from dispatch.triage.told import MAX_KNOWN, Everybody

from .speech import card, dribbled, told, words

pytestmark = pytest.mark.unit

ROWS: list[tuple[str, list[tuple[str, int | None]]]] = [
    # crash
    (
        "There's been a crash. The driver isn't breathing. The passenger has a broken leg, she's crying. "
        "There's a child in the back, he's screaming, he's bleeding badly.",
        [("the driver", 1), ("a child", 2), ("the passenger", 3)],
    ),
    (
        "Two cars have hit each other. One driver is conscious. The other driver isn't breathing.",
        [("the other driver", 1), ("one driver", None)],
    ),
    (
        "There's been a crash. The driver of the other car isn't breathing. The driver has a broken leg, he's talking.",
        [("the driver of the other car", 1), ("the driver", 3)],
    ),
    (
        "A woman's been hit by a car, she's unconscious. The driver has chest pain, he's conscious.",
        [("a woman", 1), ("the driver", 2)],
    ),
    # children, carbon monoxide
    (
        "The carbon monoxide alarm went off. My son is unconscious. My daughter has a headache and she's been sick.",
        [("my son", 1), ("my daughter", 4)],
    ),
    (
        "It's carbon monoxide. One of the kids is unconscious. The other one is being sick. I feel dizzy too.",
        [("one of the kids", 1), ("the other one", 4), ("the caller", 4)],
    ),
    ("The alarm went off. The kids are being sick. My wife is unconscious.", [("my wife", 1), ("the kids", 4)]),
    # mother and newborn
    (
        "My wife's just had the baby. The baby's not breathing, he's blue. She's bleeding heavily.",
        [("my wife", 1), ("the baby", 1)],
    ),
    (
        "She's had the baby. The baby's not breathing, it's floppy and blue. Mum is bleeding a lot.",
        [("the baby", 1), ("mum", 2)],
    ),
    # a fight
    (
        "There's been a fight. One man's been stabbed in the chest. The other man has a broken arm, he's conscious.",
        [("one man", 2), ("the other man", 3)],
    ),
    (
        "Two lads have been fighting. One's been stabbed in the chest. The other one is bleeding from his nose.",
        [("one", 2), ("the other one", 4)],
    ),
    ("My mate's unconscious. His brother has a broken arm.", [("my mate", 1), ("his brother", 3)]),
    # the caller too
    (
        "We've had a crash. My wife's unconscious. I think I've broken my arm.",
        [("my wife", 1), ("the caller", 3)],
    ),
    (
        "My husband isn't breathing, my son's leg is broken, and I'm bleeding from my head.",
        [("my husband", 1), ("my son", 3), ("the caller", None)],
    ),
    # "they're all fine"
    (
        "The driver isn't breathing. The passenger is bleeding badly. They're all fine.",
        [("the driver", 1), ("the passenger", 2)],
    ),
    (
        "My wife is bleeding badly, my son isn't breathing. [Is everyone else okay?] Yes, they're all fine.",
        [("my son", 1), ("my wife", 2)],
    ),
    # what was asked is about whom the operator names
    (
        "My husband isn't breathing. My son broke his leg. [Is your son breathing?] Yes, normally. He's crying.",
        [("my husband", 1), ("my son", 3)],
    ),
    # as people speak
    (
        "there's been a massive crash theres a lad on the floor he's not moving he's not breathing and the girl in the "
        "car is screaming her arm is broken",
        [("a lad", 1), ("the girl", 3)],
    ),
    (
        "It's my parents, my dad's on the kitchen floor, he's not breathing, and my mum's in the chair, she's drowsy.",
        [("my dad", 1), ("my mum", 2)],
    ),
    (
        "The coach has crashed. The driver isn't breathing. A woman has a broken leg. An old man's having chest pain.",
        [("the driver", 1), ("an old man", 2), ("a woman", 3)],
    ),
    (
        "My nan's fallen on top of my grandad. She's broken her arm, but he's unconscious and he won't answer me.",
        [("my grandad", 1), ("my nan", 3)],
    ),
    # named late, or anew
    ("He isn't breathing, my dad. My mum has chest pain.", [("my dad", 1), ("my mum", 2)]),
    ("[Who is hurt?] My mum. She's unconscious. My dad's got chest pain.", [("my mum", 1), ("my dad", 2)]),
    ("She isn't breathing. He has chest pain.", [("she", 1), ("he", 2)]),
]
ONE_PERSON = [
    "My dad has chest pain. My mum is here with me.",
    "My husband isn't breathing. I'm so scared, I'm panicking.",
    "My nan fell over the cat. She can't get up. She screams if she moves. I'm ten.",
    "My wife says my son isn't breathing. My son is unconscious.",
    "I'm his wife and he isn't breathing. He's gone blue.",
    "I've got chest pain and I feel dizzy. My mother has migraines. My partner is at work.",
    "There's a man here. The gentleman isn't breathing. [Is the patient awake?] No, he's unconscious.",
    "My son isn't breathing. The boy's gone blue. [Is your little boy awake?] No.",
    "He's got a knife wound and he's bleeding badly. I can't stop it, I've got my jumper on it.",
    "There's been a crash but they're all fine.",
    "My ex is outside and he's cut my hand, it won't stop bleeding.",
    "My neighbour's collapsed. She's a woman in her sixties. Unconscious, not breathing.",
    "She keeps going into one fit after another she's not come round in between",
    "Mum's fallen and hit her head. She called for her sister.",
    "My daughter has earache, she's screaming. My mother's thermometer says she's got a fever.",
    "He's unconscious and he's not breathing. I'm doing the compressions, I can't breathe myself.",
    "My mother has just died in her sleep. I feel sick, I've got a headache.",
]
SAYINGS = [
    "the driver isn't breathing", "the passenger is awake", "he's breathing normally", "my wife is bleeding badly",
    "she's fine", "they're all fine", "the other one is unconscious", "one is not breathing", "I've broken my arm",
    "my son has a headache", "not breathing at all", "the baby is blue", "[Is your wife awake?]", "yes", "no",
    "[Is everyone breathing?]", "the kids are being sick", "her sister has chest pain", "my neighbour is drowsy",
]  # fmt: skip


def rows(call: str) -> list[tuple[str, int | None]]:
    return [(row.who, row.category) for row in card(call).people]


def row(call: str, who: str) -> PersonTold:
    return next(row for row in card(call).people if row.who == who)


@pytest.mark.parametrize(("call", "expected"), ROWS)
def test_each_person_has_a_row_the_most_urgent_first(call: str, expected: list[tuple[str, int | None]]) -> None:
    assert rows(call) == expected


@pytest.mark.parametrize("call", ONE_PERSON)
def test_a_call_about_one_person_has_no_rows(call: str) -> None:
    assert rows(call) == []


def test_a_row_says_who_is_awake_and_who_breathes_with_the_words_behind_it() -> None:
    call = "The driver isn't breathing. The passenger is conscious and breathing normally, she's broken her arm."
    driver, passenger = row(call, "the driver"), row(call, "the passenger")
    assert (driver.conscious, driver.breathing) != (None, None)
    assert driver.conscious is not None
    assert driver.breathing is not None
    assert passenger.conscious is not None
    assert passenger.breathing is not None
    assert [field.value for field in (driver.conscious, driver.breathing)] == ["no", "absent"]
    assert [field.value for field in (passenger.conscious, passenger.breathing)] == ["yes", "normal"]
    assert driver.breathing.evidence[0].quote == "isn't breathing."
    assert [(one.code, one.evidence[0].quote) for one in passenger.findings] == [("fracture", "broken her arm.")]


def test_what_cannot_be_told_whose_it_is_stays_with_the_call() -> None:
    shown = card("It was a crash. My son has cut his hand. My husband has a broken leg. [Is everyone breathing?] No.")
    assert shown.category == 1
    assert [(row.who, row.category, row.breathing) for row in shown.people] == [
        ("my husband", 3, None),
        ("my son", 4, None),
    ]


def test_somebody_who_is_well_again_keeps_the_category_that_was_reached() -> None:
    call = "My husband isn't breathing. My son broke his leg. My husband's breathing normally now, he's awake."
    husband = row(call, "my husband")
    assert husband.category == 1
    assert husband.breathing is not None
    assert husband.breathing.value == "normal"


def test_of_many_people_the_four_most_urgent_have_rows() -> None:
    kin = ["wife", "son", "daughter", "brother", "sister", "dad", "mum", "nan", "uncle", "neighbour"]
    call = " ".join(f"My {name} has a broken leg." for name in kin[:6]) + " My nan isn't breathing."
    shown = rows(call)
    assert len(shown) == 4
    assert shown[0] == ("my nan", 1)
    crowd = told(" ".join(f"My {name} has a broken leg." for name in kin) + " The driver. The cyclist.")
    assert len(crowd.picture.everybody.people) <= MAX_KNOWN


@pytest.mark.parametrize(("call", "expected"), ROWS[:8])
def test_rows_are_the_same_when_words_come_a_few_at_a_time(call: str, expected: list[tuple[str, int | None]]) -> None:
    assert [(row.who, row.category) for row in card(dribbled(call, 3)).people] == expected


def test_words_that_the_recogniser_takes_back_take_their_row_with_them() -> None:
    case = told("The driver isn't breathing. The passenger has a broken leg.")
    assert len(card(case).people) == 2
    case = hear(case, Heard("u0", case.turns[0].channel, words("The driver isn't breathing."), HeardStatus.FINAL))
    assert card(case).people == ()
    assert category_of(case) == 1


@pytest.mark.property
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SAYINGS), min_size=1, max_size=10))
def test_nothing_else_on_the_card_depends_on_the_rows(sayings: list[str]) -> None:
    call = ". ".join(sayings).replace("].", "]")
    shown = card(call)
    assert len(shown.people) in {0, 2, 3, 4}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Everybody, "told", lambda everybody, *_: everybody)
        patch.setattr(Everybody, "naming", lambda everybody, *_: everybody)
        assert shown.model_copy(update={"people": ()}) == card(call)
