"""The triage data files, read once: what to expect of speech recognition, and raw YAML for the other modules.

In: the YAML files of this package. Out: `Hearing` (contractions, mishearings, figures of speech) and `documents`.
This is the only I/O of the package; everything loaded is immutable.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Final

import yaml
from rapidfuzz.fuzz import ratio

from .sounds import sound_key, steady_sounds

_PACKAGE: Final = "dispatch.triage"
_MIN_KEY: Final = 4
"""Shorter consonant skeletons are shared by too many everyday words."""
_MIN_LETTERS: Final = 5
_MAX_LETTERS: Final = 24
"""A term by ear has no fewer letters than the one, and no more than the other."""
_MIN_LIKENESS: Final = {1: 72.0, 2: 65.0, 3: 58.0, 4: 58.0}
"""Percent of like letters, by number of words: one whole word must be nearer than syllables spelled apart."""
PUNCTUATION: Final = frozenset(".?!,")
MAX_SYLLABLES: Final = 4
"""Tokens into which a recogniser breaks one word that it does not know."""

_Loader: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Builds texts, lists and mappings only: in these files "no" and "on" are words, not truth values."""


def document(name: str) -> Any:
    """One YAML file of this package; every scalar is text."""
    text = files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (a base loader makes no objects)


def documents(folder: str) -> Iterator[tuple[str, Any]]:
    """Stem and content of every YAML file of a folder, by name."""
    names = sorted(entry.name for entry in files(_PACKAGE).joinpath(folder).iterdir() if entry.name.endswith(".yaml"))
    for name in names:
        yield name.removesuffix(".yaml"), document(f"{folder}/{name}")


def table(name: str) -> Iterator[list[str]]:
    """The rows of a tab-separated file of this package, in order."""
    text = files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line)


@dataclass(frozen=True)
class Hearing:
    """What to expect of recognised speech."""

    contractions: dict[str, tuple[str, ...]]
    suffixes: dict[str, str]
    abbreviations: frozenset[str]
    confusions: dict[tuple[str, ...], tuple[str, ...]]
    terms: dict[str, str]
    """Sound key to the term."""
    everyday: frozenset[str]
    function_words: frozenset[str]
    idioms: tuple[str, ...]
    longest: int = 5

    def mend(self, window: Sequence[str]) -> tuple[int, Sequence[str]] | None:
        """How many tokens at the window's start are one mishearing, and what was said; None where they are none."""
        for length in self._lengths.get(window[0], ()):
            said = self.confusions.get(tuple(window[:length])) if length <= len(window) else None
            if said is not None:
                return length, said
        if window[0] in self._never_by_ear or not window[0].isalpha():
            return None
        return self._by_ear(window)

    @cached_property
    def _lengths(self) -> dict[str, tuple[int, ...]]:
        """By first token: how many tokens a mishearing can have, the longest first."""
        lengths: dict[str, set[int]] = {}
        for said in self.confusions:
            lengths.setdefault(said[0], set()).add(len(said))
        return {head: tuple(sorted(known, reverse=True)) for head, known in lengths.items()}

    @cached_property
    def plain(self) -> frozenset[str]:
        """Tokens that `mend` leaves as they are, whatever follows."""
        return (self._never_by_ear | PUNCTUATION).difference(self._lengths)

    @cached_property
    def _never_by_ear(self) -> frozenset[str]:
        """Words that are neither a term misheard nor the beginning of one spelled apart."""
        return self.everyday.union(word for word in self.function_words if self.term(word, 1) is None)

    def _by_ear(self, window: Sequence[str]) -> tuple[int, Sequence[str]] | None:
        for length in range(self._syllables(window), 1, -1):
            ends = window[length - 1] in self.function_words
            term = None if ends else self.term("".join(window[:length]), length)
            if term is not None:
                return length, (term,)
        term = _alone(window[0])
        return None if term is None else (1, (term,))

    def _syllables(self, window: Sequence[str]) -> int:
        """How many tokens at the window's start may be one word spelled apart; punctuation and terms end it."""
        if window[0] in self.function_words:
            return 1
        for at, text in enumerate(window[1:MAX_SYLLABLES], 1):
            if text in self.everyday or not text.isalnum():
                return at
        return min(len(window), MAX_SYLLABLES)

    def term(self, letters: str, words: int) -> str | None:
        """The term that these letters, written as so many words, sound like."""
        if not _MIN_LETTERS <= len(letters) <= _MAX_LETTERS or (words == 1 and letters in self.everyday):
            return None
        for term in self._by_steady_sounds.get(steady_sounds(letters), ()):
            alike = ratio(letters, term) >= _MIN_LIKENESS[words]  # costs far less than a sound key
            if alike and term != letters and sound_key(term) == sound_key(letters):
                return term
        return None

    @cached_property
    def _by_steady_sounds(self) -> dict[str, tuple[str, ...]]:
        """The terms by what never changes of their sound; most words have that in common with few or none."""
        found: dict[str, tuple[str, ...]] = {}
        for term in self.terms.values():
            sounds = steady_sounds(term)
            found[sounds] = (*found.get(sounds, ()), term)
        return found

    @cached_property
    def _idioms(self) -> re.Pattern[str]:
        return re.compile("(?<= )(?:" + "|".join(self.idioms) + ") ") if self.idioms else re.compile(r"(?!)")

    def blank(self, text: str) -> str:
        """The text with figures of speech overwritten, its length unchanged."""
        return self._idioms.sub(lambda m: re.sub(r"\S", "_", m.group()), text)


@lru_cache(maxsize=1)
def hearing() -> Hearing:
    """The package's own expectations, from `hearing.yaml`."""
    raw = document("hearing.yaml")
    terms = [str(term) for term in raw["terms"]]
    return Hearing(
        contractions={str(k): tuple(str(v).split()) for k, v in raw["contractions"].items()},
        suffixes=raw["suffixes"],
        abbreviations=frozenset(raw["abbreviations"]),
        confusions={tuple(str(k).split()): tuple(str(v).split()) for k, v in raw["confusions"].items()},
        terms={sound_key(t): t for t in terms if len(sound_key(t)) >= _MIN_KEY},
        everyday=frozenset(raw["everyday"]) | frozenset(terms),
        function_words=frozenset(raw["function_words"]),
        idioms=tuple(idiom_pattern(i) for i in raw["idioms"]),
    )


@lru_cache(maxsize=16384)
def _alone(word: str) -> str | None:
    """The term that a word sounds like; most words come again and again."""
    return hearing().term(word, 1)


def idiom_pattern(idiom: str) -> str:
    """A figure of speech as a pattern: words, `*` for any one word, `(a|b)` for a choice."""
    words = [r"[^ ]+" if word == "*" else word.replace("(", "(?:") for word in idiom.split(" ")]
    return " ".join(words)
