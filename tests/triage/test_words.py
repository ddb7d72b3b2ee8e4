"""Recognised speech becomes text: contractions, numbers, mishearings, figures of speech, chunks."""

from itertools import product

import pytest
from rapidfuzz.fuzz import ratio

from dispatch.triage.answers import questions
from dispatch.triage.quantities import measurements, phone_numbers
from dispatch.triage.resources import hearing
from dispatch.triage.sounds import sound_key, steady_sounds
from dispatch.triage.words import HARD_LIMIT, chunk_of, cut

from .speech import card, fields, words

pytestmark = pytest.mark.unit


def text(said: str) -> str:
    heard = words(said)
    return chunk_of(heard, 0, len(heard)).text.strip()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("He isn't breathing.", "he is not breathing ."),
        ("hes not breathing", "he is not breathing"),
        ("I can't", "i can not"),
        ("She's forty-one point six", "she is 41.6"),
        ("a hundred and four", "104"),
        ("one-eighty over one-twenty", "180 over 120"),
        ("seventy ate", "78"),
        ("gave him the na locks own", "gave him the naloxone"),
        ("bringing up, um, blood", "bringing up blood"),
        ("he fell, um, he is bleeding", "he fell , he is bleeding"),
        ("its his tempreture", "it is his temperature"),
        ("he has gone blew", "he has gone blue"),
        ("he is really actually grey", "he is grey"),
    ],
)
def test_what_was_heard_is_written_as_it_was_meant(said: str, meant: str) -> None:
    assert text(said) == meant


def test_a_figure_of_speech_says_nothing() -> None:
    assert "killing" not in text("these heels are killing me")


def test_a_chunk_ends_with_its_sentence() -> None:
    assert cut(words("He fell. She is here"))[0] == [(0, 2)]


def test_a_chunk_without_punctuation_ends_all_the_same() -> None:
    closed, rest = cut(words("la " * 100))
    assert all(end - begin <= HARD_LIMIT for begin, end in closed)
    assert rest <= 100


def test_a_telephone_number_is_put_together() -> None:
    said = f" {text('my number is oh seven seven double oh nine one two three four')} "
    assert [number for number, *_ in phone_numbers(said)] == ["07700" + "91234"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("her sats are eighty-four", "spo2_low"),
        ("blood pressure is one eighty over one twenty", "pressure_high"),
        ("pricked his finger, one point eight", "sugar_low"),
        ("temperature is forty-one point six", "temperature_extreme"),
        ("GCS 7", "gcs_low"),
    ],
)
def test_a_measurement_means_a_finding(said: str, code: str) -> None:
    assert code in {found for found, *_ in measurements(f" {text(said)} ")}


def test_the_number_that_the_caller_gives_is_on_the_card() -> None:
    shown = card("[What number can I call you back on?] It's 555 0142 and then 77")
    assert fields(shown)["callback_number"].startswith("5550142")


@pytest.mark.parametrize("code", sorted(code for code, spec in questions().items() if spec.asked))
def test_an_operators_own_wording_of_a_question_is_known(code: str) -> None:
    assert questions()[code].ask
    assert questions()[code].why


def test_spellings_that_sound_alike_share_the_sounds_that_never_change() -> None:
    terms = [*hearing().terms.values(), "gnome", "wrnigh", "nitchural", "phlegm", "coughlmn", "mannequin"]
    by_key: dict[str, set[str]] = {}
    for term in (spelling for one in terms for spelling in (one, one.replace("c", "k"), one.replace("f", "ph"))):
        by_key.setdefault(sound_key(term), set()).add(steady_sounds(term))
    assert len(by_key) > 50
    assert all(len(steady) == 1 for steady in by_key.values())


def test_a_word_is_heard_as_the_term_whose_sound_and_letters_it_has() -> None:
    known, found = hearing(), 0
    by_sound = {sound_key(term): term for term in known.terms.values()}
    for term, old, new, parts in product(known.terms.values(), "aeckfsyi", ("a", "ee", "k", "ph", "z", ""), (1, 2, 4)):
        spelled = term.replace(old, new, 1)
        like = by_sound.get(sound_key(spelled))
        near = like is not None and like != spelled and ratio(spelled, like) >= {1: 72, 2: 65, 4: 58}[parts]
        meant = like if near and 5 <= len(spelled) <= 24 and (parts > 1 or spelled not in known.everyday) else None
        assert known.term(spelled, parts) == meant, spelled
        found += meant is not None
    assert found > 1000
