"""Which language a stream is taken to speak: assumed, detected, pinned, checked again, or forced."""

from dataclasses import dataclass, field

import pytest

from transcription import Hypothesis, LanguageRules
from transcription.language import LanguageChoice

pytestmark = pytest.mark.unit

SECOND = 16000


@dataclass
class Told:
    """What was reported."""

    languages: list[str] = field(default_factory=list)

    def __call__(self, language: str, probability: float) -> None:
        self.languages.append(language)


def heard(language: str, probability: float = 0.95) -> Hypothesis:
    return Hypothesis((), language, language, probability)


def choice(forced: str | None = None) -> tuple[LanguageChoice, Told]:
    told = Told()
    return LanguageChoice(LanguageRules(), forced, told), told


def test_the_first_seconds_of_speech_settle_the_language() -> None:
    made, told = choice()
    assert (made.to_use(), made.current) == (None, "en")
    made.observe(heard("es"), 2 * SECOND)
    assert (made.to_use(), made.current, told.languages) == (None, "es", ["es"])
    made.observe(heard("es"), 2 * SECOND)
    assert made.to_use() == "es"


def test_a_doubtful_detection_is_not_believed() -> None:
    made, told = choice()
    made.observe(heard("cy", 0.5), 4 * SECOND)
    assert (made.to_use(), told.languages) == ("en", [])


def test_a_pinned_language_is_checked_again_and_two_sure_checks_change_it() -> None:
    made, told = choice()
    made.observe(heard("en"), 4 * SECOND)
    made.observe(heard("en"), 30 * SECOND)
    assert made.to_use() is None
    made.observe(heard("es"), 4 * SECOND)
    assert (made.current, told.languages) == ("en", [])
    made.observe(heard("es"), 4 * SECOND)
    assert (made.current, told.languages) == ("es", ["es"])


def test_a_single_odd_check_changes_nothing() -> None:
    made, told = choice()
    made.observe(heard("en"), 34 * SECOND)
    made.observe(heard("en"), 30 * SECOND)
    for language in ("es", "en"):
        made.observe(heard(language), 4 * SECOND)
    assert (made.current, made.to_use(), told.languages) == ("en", "en", [])


def test_a_forced_language_is_used_at_once_and_never_detected() -> None:
    made, told = choice("de")
    made.observe(heard("en"), 60 * SECOND)
    assert (made.to_use(), told.languages) == ("de", [])


@pytest.mark.parametrize("unknown", ["xx", "yy", "qqq"])
def test_a_language_that_no_recogniser_knows_is_detected_instead(unknown: str) -> None:
    made, _ = choice(unknown)
    assert made.to_use() is None
    made.force(unknown)
    assert made.to_use() is None


def test_an_operator_may_force_a_language_and_let_it_be_detected_again() -> None:
    made, told = choice()
    made.observe(heard("en"), 4 * SECOND)
    made.force("fr")
    assert (made.to_use(), made.current) == ("fr", "fr")
    made.force(None)
    assert made.to_use() is None
    made.observe(heard("it"), 4 * SECOND)
    assert (made.current, told.languages) == ("it", ["it"])
