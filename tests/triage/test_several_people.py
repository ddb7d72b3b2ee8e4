"""Several people in one call: that one of them is well clears nobody else; that a patient is well again still does."""

import pytest

from dispatch.triage.apart import Person, apart, named

from .speech import card, fields

pytestmark = pytest.mark.unit

ONE_IS_IN_DANGER = [
    "There's been a crash. The driver isn't breathing. The passenger is awake and breathing normally.",
    "There's been a crash. The passenger is awake and breathing normally. The driver isn't breathing.",
    "There's been a crash. The driver isn't breathing and the passenger is screaming.",
    "Two people in the water. One is not breathing at all. The other one is awake, breathing normally.",
    "My dad isn't breathing. My mum is fine, she's awake and breathing normally.",
    "My wife is awake and breathing normally. My brother isn't breathing.",
    "He isn't breathing. The other man is fine, he's awake.",
    "My husband isn't breathing. [Is your daughter breathing?] Yes, normally, she's awake.",
    "One is not breathing. The others are all awake and breathing normally.",
    "My son isn't breathing. My other son is awake, he's breathing normally.",
]
WELL_AGAIN = [
    "My husband isn't breathing. [Is he breathing now?] Yes, he's breathing normally now, he's awake.",
    "My mum's not breathing. Oh wait she's opened her eyes, she's awake and breathing normally.",
    "There's a man here not breathing. Okay the gentleman is breathing normally now, he's awake.",
    "The baby's not breathing. Now he is, he's crying, he's breathing normally, my little boy is awake.",
    "My wife's not breathing, my son is with her. She's breathing normally now, she's awake.",
    "My nan isn't breathing. My brother says she's breathing normally again, she's awake.",
]
TWO = [
    ("my mum", "my dad"), ("my husband", "my son"), ("the driver", "the passenger"), ("he", "she"),
    ("the man", "the other man"), ("my son", "my other son"), ("a woman", "my brother"),
]  # fmt: skip
ONE = [("my mum", "she"), ("my son", "the boy"), ("my husband", "the man"), ("the driver", "he"), ("my baby", "she"),
       ("my nephew", "the little boy"), ("my nan", "the patient"), ("my daughter", "they")]  # fmt: skip
NOBODY = ["i am only his wife", "this is her daughter", "delivery driver here", "the syringe driver", "the kids room"]


@pytest.mark.parametrize("call", ONE_IS_IN_DANGER)
def test_somebody_who_is_well_clears_nobody_else(call: str) -> None:
    shown = card(call)
    assert shown.category == 1
    assert (fields(shown)["breathing"], fields(shown)["conscious"]) == ("absent", "no")


@pytest.mark.parametrize("call", WELL_AGAIN)
def test_a_patient_who_is_well_again_is_shown_so_by_whatever_name(call: str) -> None:
    assert fields(card(call))["breathing"] == "normal"


def meant(one: str, two: str) -> tuple[Person, Person]:
    """Whom two names mean, said one after the other."""
    [first] = named(f" {one} is there ".replace(" one ", " 1 "), None)
    [second] = named(f" {two} is there ".replace(" one ", " 1 "), first.person)
    return first.person, second.person


@pytest.mark.parametrize(("one", "two"), TWO)
def test_two_people_are_told_apart_by_kin_part_sex_age_or_the_other(one: str, two: str) -> None:
    first, second = meant(one, two)
    assert apart(first, second)
    assert apart(second, first)


@pytest.mark.parametrize(("one", "two"), ONE)
def test_two_names_for_one_person_are_one_person(one: str, two: str) -> None:
    assert not apart(*meant(one, two))


@pytest.mark.parametrize("text", NOBODY)
def test_what_callers_are_to_somebody_and_things_name_nobody(text: str) -> None:
    assert all(one.pronoun for one in named(f" {text} ", None))


def test_who_has_not_been_named_may_be_anybody() -> None:
    assert named(" not breathing at all ", None) == ()
    assert not apart(Person(), Person("child", "male"))
