"""Which language a stream speaks: assumed, detected, settled, checked again, or set. How it is written. Pure."""

from collections.abc import Callable, Sequence
from typing import Final

from .engine import HeardWord, Hypothesis
from .events import Word
from .settings import LanguageRules

WITHOUT_SPACES: Final = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
"""Languages that are written without spaces between words."""

LANGUAGES: Final = frozenset({
    "af", "am", "ar", "as", "az", "ba", "be", "bg", "bn", "bo", "br", "bs", "ca", "cs", "cy", "da", "de", "el", "en",
    "es", "et", "eu", "fa", "fi", "fo", "fr", "gl", "gu", "ha", "haw", "he", "hi", "hr", "ht", "hu", "hy", "id", "is",
    "it", "ja", "jw", "ka", "kk", "km", "kn", "ko", "la", "lb", "ln", "lo", "lt", "lv", "mg", "mi", "mk", "ml", "mn",
    "mr", "ms", "mt", "my", "ne", "nl", "nn", "no", "oc", "pa", "pl", "ps", "pt", "ro", "ru", "sa", "sd", "si", "sk",
    "sl", "sn", "so", "sq", "sr", "su", "sv", "sw", "ta", "te", "tg", "th", "tk", "tl", "tr", "tt", "uk", "ur", "uz",
    "vi", "yi", "yo", "yue", "zh",
})  # fmt: skip
"""What Whisper was trained on (Radford et al. 2022, and Cantonese since large-v3), as its tokens name them."""


def knows_language(language: str) -> bool:
    """Whether a recogniser may be told to expect that language."""
    return language in LANGUAGES


class LanguageChoice:
    """One stream's language. `changed(language, probability)` is called when another one is taken to be spoken."""

    def __init__(self, rules: LanguageRules, forced: str | None, changed: Callable[[str, float], None]) -> None:
        self._rules = rules
        self._forced = forced if forced in LANGUAGES else None
        self._changed = changed
        self._current = rules.likely
        self._speech = 0
        self._check_at = 0
        self._other: str | None = None
        self._settled = False

    @property
    def current(self) -> str:
        """The language as far as it is known."""
        return self._forced or self._current

    def force(self, language: str | None) -> None:
        """Set by the caller's choice or the operator; None, or one that nobody knows: detect it from now on."""
        self._forced, self._settled, self._check_at = language if language in LANGUAGES else None, False, self._speech

    def to_use(self) -> str | None:
        """The language to decode in; None when the engine shall detect it."""
        if self._forced is not None:
            return self._forced
        return self._current if self._settled and self._speech < self._check_at else None

    def observe(self, heard: Hypothesis, samples: int) -> None:
        """A final over so much sound was decoded, its language detected if to_use() gave none."""
        detected = self.to_use() is None
        self._speech += samples
        if not detected or self._forced is not None:
            return
        if not self._settled:
            self._believe(heard)
        else:
            self._check(heard)

    def _believe(self, heard: Hypothesis) -> None:
        if heard.language_probability >= self._rules.sure:
            self._take(heard)
        if self._speech >= self._rules.pin_after:
            self._settled, self._check_at = True, self._speech + self._rules.check_every

    def _check(self, heard: Hypothesis) -> None:
        sure = heard.language_probability >= self._rules.sure and heard.detected != self._current
        if sure and self._other == heard.detected:
            self._take(heard)
        self._other = heard.detected if sure else None
        if not sure:
            self._check_at = self._speech + self._rules.check_every

    def _take(self, heard: Hypothesis) -> None:
        if heard.detected != self._current:
            self._current = heard.detected
            self._changed(heard.detected, heard.language_probability)


def written(words: Sequence[Word] | Sequence[HeardWord], language: str) -> str:
    """Words as a text of that language."""
    return ("" if language in WITHOUT_SPACES else " ").join(word.text for word in words)
