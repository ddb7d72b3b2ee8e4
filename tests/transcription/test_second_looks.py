"""Which finals are looked at again, and in what windows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench._virtual_time import run
from tests.transcription.listening import served
from tests.transcription.sounds import RATE, line, script
from transcription import ScriptedEngine, TranscriptionSettings, Utterance, Word
from transcription.agreement import Agreement, AgreementRules
from transcription.language import LanguageChoice
from transcription.transcript import Spoken, Transcript

pytestmark = pytest.mark.unit

SETTINGS = TranscriptionSettings()


def settled(*chances: float) -> list[Spoken]:
    """One utterance a second, of one word of that probability each."""
    return [
        Spoken(f"u-{i}", i * RATE, 0, Agreement(AgreementRules()), end=(i + 1) * RATE, final=final(i, chance))
        for i, chance in enumerate(chances)
    ]


def final(number: int, chance: float) -> Utterance:
    word = Word("help", number * RATE, (number + 1) * RATE, chance)
    return Utterance(f"u-{number}", (word,), "help", "en", word.start, word.end)


def worth(group: list[Spoken], late_s: float) -> bool:
    language = LanguageChoice(SETTINGS.language, "en", lambda language, probability: None)
    transcript = Transcript("s", SETTINGS, language, lambda event: None, "u", 1)
    return transcript.worth_revising(group, group[-1].end + round(late_s * RATE))


@pytest.mark.parametrize(
    ("chances", "late_s", "expected"),
    [
        ((0.5, 0.6), 1.0, True),
        ((0.5, 0.6), 60.0, True),
        ((0.8, 0.84), 1.0, True),
        ((0.8, 0.84), 60.0, False),
        ((0.9, 0.9), 1.0, False),
        ((0.5,), 1.0, False),
    ],
)
def test_sure_words_are_not_looked_at_again_and_fairly_sure_ones_not_late(
    chances: tuple[float, ...], late_s: float, expected: bool
) -> None:
    assert worth(settled(*chances), late_s) is expected


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0, 60), st.floats(0, 60))
def test_a_second_look_that_is_worth_while_late_was_worth_while_before(
    chances: list[float], one: float, other: float
) -> None:
    soon, late = sorted((one, other))
    assert worth(settled(*chances), soon) or not worth(settled(*chances), late)


def test_finals_are_looked_at_again_as_soon_as_they_fill_a_window_of_sixteen_seconds() -> None:
    sentences = [script("please send help to the high street", 1.0 + 3.6 * i, probability=0.5) for i in range(12)]
    words = [word for sentence in sentences for word in sentence]
    looks: list[tuple[float, int]] = []

    class Noting(ScriptedEngine):
        async def decode(self, windows):  # type: ignore[no-untyped-def]
            looks.extend((window.seconds, len(window.spans)) for window in windows if window.patient)
            return await super().decode(windows)

    run(served(Noting({"s": words}), {"s": line(words)}, replace(SETTINGS, revise_after_s=60.0)))
    assert max(seconds for seconds, _ in looks) == 16
    assert sum(joined for _, joined in looks) >= len(sentences) - 1
