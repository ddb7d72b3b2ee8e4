"""Labels come from provenance, tripwires only raise them, redaction comes back, and a case holds no free text."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._router_kit import GOOD, House, on_virtual_time, request
from llm_router import CallText, CaseVocabulary, Codes, PublicText, Quantity, RedactionError, RequestError, redact
from llm_router.providers.scripted import Line
from llm_router.redaction import StreamRestorer
from llm_router.sensitivity import Part, Sensitivity, admits, label_of

pytestmark = pytest.mark.property

CASES = CaseVocabulary(
    {
        "complaint": Codes(frozenset({"chest_pain", "fall", "breathing_problems"})),
        "findings": Codes(frozenset({"sweating", "pale", "unconscious"}), many=True),
        "age_band": Codes(frozenset({"0-1", "2-17", "18-64", "65-120"})),
        "duration": Quantity(0, 1440, 5, "minutes"),
    }
)
CASE = CASES.describe({"complaint": "chest_pain", "findings": ["pale", "sweating"], "duration": 23})
PUBLIC = PublicText("Kneel beside the chest.", origin="scripts/cpr")
parts = st.lists(
    st.sampled_from([CallText("x"), CASE, PUBLIC, redact("at home", {"PLACE": ["home"]})]), min_size=1, max_size=5
)


def test_a_part_is_labelled_by_where_it_comes_from() -> None:
    assert label_of([PUBLIC]).sensitivity is Sensitivity.PUBLIC
    assert label_of([CASE]).sensitivity is Sensitivity.DEIDENTIFIED
    assert label_of([redact("at home", {"PLACE": ["home"]})]).sensitivity is Sensitivity.REDACTED
    assert label_of([CallText("nothing personal at all")]).sensitivity is Sensitivity.SENSITIVE


@given(some=parts, more=parts)
def test_adding_parts_never_lowers_a_label(some: list[Part], more: list[Part]) -> None:
    assert label_of([*some, *more]).sensitivity >= label_of(some).sensitivity


@given(some=parts)
def test_a_detector_can_only_raise_a_label(some: list[Part]) -> None:
    quiet = label_of(some, detectors=()).sensitivity
    noisy = label_of(some, detectors=[lambda _: ["something"]])
    assert quiet <= noisy.sensitivity is Sensitivity.SENSITIVE


@pytest.mark.parametrize(
    "text",
    [
        "my name is Ann",
        "call me on 07700 900123",
        "oh seven seven double oh nine",
        "ann@example.org",
        "he lives at 14 Larkspur Road",
        "SW1A 1AA",
        "born 3/4/1951",
        "51.50101, -0.14156",
    ],
)
def test_public_text_that_looks_personal_is_treated_as_text_of_a_call(text: str) -> None:
    label = label_of([PublicText(text, origin="pasted")])
    assert label.sensitivity is Sensitivity.SENSITIVE
    assert all(reason.startswith("tripwire:") and text not in reason for reason in label.reasons)


def test_a_part_of_an_unknown_type_counts_as_sensitive() -> None:
    assert label_of(["a bare string"]).sensitivity is Sensitivity.SENSITIVE  # type: ignore[list-item]


def test_an_answer_to_a_sensitive_question_is_sensitive_again() -> None:
    async def scenario() -> None:
        house = House({"own": [Line(GOOD)], "own_two": [Line(GOOD)]})
        outcome = await house.router.complete(request())
        assert isinstance(outcome.as_part(), CallText)

    on_virtual_time(scenario)


@given(st.sampled_from(Sensitivity), st.sampled_from(Sensitivity))
def test_the_gate_lets_through_what_is_no_more_sensitive_than_the_clearance(a: Sensitivity, b: Sensitivity) -> None:
    assert admits(a, b) == (b.value <= a.value)


words = st.text(string.ascii_letters + "äöŁ0123456789 .,@/+-'\n", max_size=80)
values = st.dictionaries(
    st.sampled_from(["PERSON", "PLACE"]),
    st.lists(st.text(string.ascii_letters + " é", min_size=2, max_size=12), max_size=4),
)


@given(text=words, known=values)
def test_redaction_comes_back_exactly_and_leaves_nothing_known(text: str, known: dict[str, list[str]]) -> None:
    redacted = redact(text, known)
    assert redacted.restore(redacted.text) == text
    bare = redacted.text
    for placeholder in redacted.originals:
        bare = bare.replace(placeholder, "\0")
    assert not any(value.lower() in bare.lower() for given in known.values() for value in given)


def test_the_same_value_gets_the_same_placeholder_and_its_own_letters_back() -> None:
    redacted = redact("Ann fell. ANN is pale. Call 07700 900123.", {"PERSON": ["Ann"]})
    assert redacted.text == "[[PERSON_1]] fell. [[PERSON_2]] is pale. Call [[NUMBER_3]]."
    assert redacted.restore("[[PERSON_2]] on [[NUMBER_3]]") == "ANN on 07700 900123"
    assert "Ann" not in repr(redacted)


def test_a_text_that_already_holds_placeholders_is_refused() -> None:
    with pytest.raises(RedactionError):
        redact("[[PERSON_1]] fell", {})
    with pytest.raises(RedactionError):
        redact("Ann fell", {"person": ["Ann"]})


@given(text=words, known=values, cuts=st.lists(st.integers(1, 7), min_size=1, max_size=60))
def test_a_streamed_answer_is_restored_wherever_its_pieces_are_cut(
    text: str, known: dict[str, list[str]], cuts: list[int]
) -> None:
    redacted = redact(text, known)
    restorer, at, shown = StreamRestorer([redacted]), 0, ""
    while at < len(redacted.text):
        step = cuts[at % len(cuts)]
        shown += restorer.feed(redacted.text[at : at + step])
        at += step
    assert shown + restorer.finish() == text


def test_a_case_says_what_the_vocabulary_says_and_rounds_what_is_exact() -> None:
    assert CASE.text == "complaint: chest_pain\nfindings: pale, sweating\nduration: 20 minutes"
    assert "chest" not in repr(CASE)


@given(st.text(max_size=40), st.sampled_from(["complaint", "findings", "age_band", "duration", "note"]))
def test_no_free_text_gets_into_a_case(text: str, name: str) -> None:
    allowed = CASES.fields.get(name)
    if isinstance(allowed, Codes) and text in allowed.allowed:
        return
    with pytest.raises(RequestError) as refused:
        CASES.describe({name: text})
    assert len(text) < 4 or text not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "told"), [(-5, "0 minutes"), (99999, "1440 minutes"), (7.9, "5 minutes"), (0, "0 minutes")]
)
def test_a_quantity_is_held_within_its_bounds(value: float, told: str) -> None:
    assert CASES.describe({"duration": value}).text == f"duration: {told}"


@pytest.mark.parametrize("value", [True, float("nan"), None, [5]])
def test_a_quantity_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(RequestError):
        CASES.describe({"duration": value})


@pytest.mark.parametrize("code", ["Chest pain", "my father", "a" * 60, "x;y"])
def test_a_vocabulary_is_made_of_codes(code: str) -> None:
    with pytest.raises(RequestError):
        Codes(frozenset({code}))
    with pytest.raises(RequestError):
        CaseVocabulary({code: Codes(frozenset({"fall"}))})
