"""The protocol files keep their promises, and the checker notices when one does not."""

from typing import Any

import pytest

from dispatch.triage import check_protocols, checker
from dispatch.triage.answers import questions
from dispatch.triage.instructions import Script, Step, Way, scripts
from dispatch.triage.protocols import Protocol, RedFlag, When, overlays, protocols

pytestmark = pytest.mark.unit


def test_the_files_keep_every_promise() -> None:
    assert check_protocols() == []


def test_every_call_type_of_the_list_is_covered() -> None:
    complaints = {number for protocol in protocols().values() for number in protocol.types}
    handling = {number for overlay in overlays().values() for number in overlay.types}
    assert complaints >= set(range(1, 27))
    assert handling >= set(range(27, 33))


@pytest.fixture
def sound() -> dict[str, Any]:
    flag = RedFlag(id="bad", label="Bad", category=1, when=When(all=("chest_pain",)), source="a source")
    return {
        "title": "Test",
        "version": "1",
        "entry": When(any=("chest_pain",)),
        "category": 2,
        "category_source": "a source",
        "red_flags": (flag,),
        "sources": ("a source",),
    }


def problems(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> list[str]:
    protocol = Protocol.model_validate(changed)
    monkeypatch.setattr(checker, "protocols", lambda: {"test": protocol})
    return check_protocols()


def test_the_checker_passes_a_sound_protocol(monkeypatch: pytest.MonkeyPatch, sound: dict[str, Any]) -> None:
    assert problems(monkeypatch, **sound) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"entry": When(any=("no_such_finding",))}, "no finding no_such_finding"),
        ({"questions": ("no_such_question",)}, "no question no_such_question"),
        ({"script": "no_such_script"}, "no script no_such_script"),
        ({"sources": ()}, "no source"),
    ],
)
def test_the_checker_names_what_is_broken(
    monkeypatch: pytest.MonkeyPatch, sound: dict[str, Any], change: dict[str, Any], complaint: str
) -> None:
    assert any(complaint in problem for problem in problems(monkeypatch, **{**sound, **change}))


def test_the_checker_finds_a_red_flag_that_nothing_can_raise(
    monkeypatch: pytest.MonkeyPatch, sound: dict[str, Any]
) -> None:
    never = RedFlag(id="no", label="No", category=1, when=When(all=("fever",), none=("fever",)), source="a source")
    assert any("cannot be met" in p for p in problems(monkeypatch, **{**sound, "red_flags": (never,)}))


def test_the_checker_finds_a_circle_in_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {"a": Step(say="A", then="b"), "b": Step(say="B", ways=(Way(answer="Again", step="a"),))}
    circle = Script(title="Circle", version="1", steps=steps, sources=("a source",))
    monkeypatch.setattr(checker, "scripts", lambda: {**scripts(), "circle": circle})
    assert any("a circle through" in problem for problem in check_protocols())


def test_the_checker_finds_a_script_that_could_never_be_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Script(title="Lost", version="1", steps={"a": Step(say="A")}, sources=("a source",))
    monkeypatch.setattr(checker, "scripts", lambda: {**scripts(), "lost": lost})
    assert check_protocols() == ["script lost: no protocol reads it out"]


def test_the_checker_finds_a_careless_dont_know(monkeypatch: pytest.MonkeyPatch) -> None:
    careless = questions()["breathing"].model_copy(update={"unsure": ()})
    monkeypatch.setattr(checker, "questions", lambda: {**questions(), "breathing": careless})
    assert any("more serious side" in problem for problem in check_protocols())
