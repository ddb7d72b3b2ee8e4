"""Ages: the ways in which callers say them, what is no age, and whose it is."""

import pytest

from dispatch.triage.ages import ANSWERED, LONE, ages
from dispatch.triage.context import Subject
from dispatch.triage.words import chunk_of

from .speech import card, fields, words

pytestmark = pytest.mark.unit


def text(said: str) -> str:
    heard = words(said)
    return chunk_of(heard, 0, len(heard)).text


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ("He is sixty-seven, please", 67),
        ("she's twelve days old", 12 / 365),
        ("hes nine he wont let me", 9),
        ("a 44 year old woman", 44),
        ("Eighteen months old", 1.5),
        ("my two-year-old has a rash", 2),
        ("one of our four-year-olds woke up", 4),
        ("shes forty five were at the yellow house", 45),
        ("im seventy five im no needing anybody", 75),
        ("i am fifty three thats all", 53),
        ("Thirty-five I am.", 35),
        ("Sixty six he turned in March.", 66),
        ("twenty one he is", 21),
        ("Our resident, eighty-six, has been going downhill", 86),
        ("Gentleman of eighty four", 84),
        ("Eighteen on her licence.", 18),
        ("My auntie, 71, slipped", 71),
        ("he is seventy years kidney patient", 70),
        ("she is running fifty two", 52),
        ("We're both twenty.", 20),
        ("a man in his sixties, sixty four I think", 64),
        ("I'm told she'd be thirty-four.", 34),
        ("He is a year and a half", 1.5),
        ("she's two and a half", 2.5),
        ("shes seventy to", 72),
        ("my son is nine teen", 19),
        ("my little one's four", 4),
        ("her name is Ada and Ada is eighty nine", 89),
        ("i have a 34 yo female here", 34),
        ("she has completed sixty five", 65),
        ("my neighbour mr khan about seventy has fallen", 70),
        ("he go be like sixty", 60),
        ("hes 1 year 3 months", 1.25),
        ("both of them are seventeen", 17),
    ],
)
def test_an_age_is_understood(said: str, years: float) -> None:
    assert [round(age.years, 3) for age in ages(text(said), False)][:1] == [round(years, 3)]


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ("Fifty-two.", 52),
        ("Three score and ten.", 70),
        ("um about eighty i think", 80),
        ("Nine, ten months", 9 / 12),
        ("One year and two months", 14 / 12),
        ("thirty for", 34),
        ("Around sixty only.", 60),
        ("Her age is 31", 31),
        ("Seventy. Seventy in March.", 70),
    ],
)
def test_the_answer_to_how_old_is_the_age(said: str, years: float) -> None:
    (first, *_) = ages(text(said), True)
    assert (round(first.years, 3), first.score >= ANSWERED - 1) == (round(years, 3), True)


@pytest.mark.parametrize("said", ["hes nearly two", "she is two next week", "coming up to two"])
def test_a_child_who_is_nearly_two_is_one(said: str) -> None:
    assert [int(age.years) for age in ages(text(said), True)] == [1]


@pytest.mark.parametrize("said", ["Cheerful, ninety.", "Seventy.", "sugar patient also, sixty three."])
def test_a_number_alone_is_an_age_for_want_of_a_better(said: str) -> None:
    assert [age.score <= LONE for age in ages(text(said), False)] == [True]


@pytest.mark.parametrize(
    "said",
    [
        "I'm thirty-four weeks gone",
        "about seven weeks pregnant",
        "she's thirty-four weeks",
        "baby inside, eight month",
        "it is 20 minutes ago",
        "It's a hundred and ten, my watch says",
        "his pulse is ninety six",
        "thirty-seven nine",
        "we are at 42 Tavistock Road",
        "he is five doors down",
        "I'm on the number 14 bus",
        "he has had it for thirty years",
        "he took 16 of them",
        "she takes aspirin, the baby one, for her heart",
        "there are 15 people here",
        "flat 33, ring the bell",
        "when she was 14 she broke it",
    ],
)
def test_what_is_counted_is_no_age(said: str) -> None:
    assert [age.years for age in ages(text(said), False)] == []


@pytest.mark.parametrize(
    ("said", "whose"),
    [
        ("I'm thirty-two", Subject.CALLER),
        ("Thirty-two I am.", Subject.CALLER),
        ("im a 45 year old man with diabetes", Subject.CALLER),
        ("She says I'm eighty-five", Subject.OTHER),
        ("my four-year-old woke up", Subject.OTHER),
        ("he is three", Subject.OTHER),
    ],
)
def test_it_is_told_whose_age_it_is(said: str, whose: Subject) -> None:
    assert [age.subject for age in ages(text(said), False)] == [whose]


@pytest.mark.parametrize(
    ("call", "age"),
    [
        ("My chest hurts, I can't breathe. [How old are you? Where are you?] Sixty-one, eight Orchard Vale.", "61"),
        ("He fell, he's bleeding. [How old is he?] Five. I'm his night nurse. 26 Cotswold Gardens, Telford.", "5"),
        ("I've a terrible headache, I'm thirty. My baby's five weeks.", "30"),
        ("My chest hurts. [What are your oxygen levels?] Ninety one. Sixty seven.", "67"),
        ("Grandad fell and his leg is broken. [How old are you, darling?] Six. I am called Ada.", None),
        ("She's not breathing, she's fifteen, she's my dog, a labrador.", None),
        ("My wife had the baby on the floor. He's not breathing, he's all limp and blue.", "0"),
        ("My mum fell and hurt her hip. She is 81. No, sorry, she is 82.", "82"),
    ],
)
def test_the_card_shows_the_patients_age(call: str, age: str | None) -> None:
    assert fields(card(call)).get("age") == age
