"""How wrong a transcript is: words, and what hurts in a dispatch: its lexicon, flipped negations, numbers.

Both texts go through Whisper's English normaliser first, which settles spelling, case, contractions and numbers. All
rates are fractions of what the reference holds; None where it holds nothing of the kind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

NEGATIONS = frozenset({"not", "no", "never", "without", "nothing", "nobody", "none", "cannot"})
LEXICON = Path(__file__).parent / "lexicon.txt"


@cache
def _normaliser() -> EnglishTextNormalizer:
    return EnglishTextNormalizer()


def normalise(text: str) -> list[str]:
    """The words that are compared."""
    words: str = _normaliser()(text)
    return words.split()


@cache
def lexicon() -> tuple[tuple[str, ...], ...]:
    """The phrases of lexicon.txt, normalised, longest first."""
    lines = (line.strip() for line in LEXICON.read_text("utf-8").splitlines())
    phrases = {tuple(normalise(line)) for line in lines if line and not line.startswith("#")}
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


@dataclass(slots=True)
class Score:
    """Counts over any number of texts; add one after the other."""

    words: int = 0
    errors: int = 0
    lexicon_words: int = 0
    lexicon_errors: int = 0
    negation_flips: int = 0
    numbers: int = 0
    numbers_right: int = 0
    by_text: list[tuple[int, int]] = field(default_factory=list)

    def add(self, reference: str, hypothesis: str) -> None:
        """Compare one transcript with what was said."""
        said, heard = normalise(reference), normalise(hypothesis)
        if not said:
            return
        right, extra, errors = _aligned(said, heard)
        self.words += len(said)
        self.errors += errors
        self.by_text.append((errors, len(said)))
        self._count_phrases(said, right, heard, extra)
        self._count_numbers(said, right)
        lost = sum(word in NEGATIONS and not fine for word, fine in zip(said, right, strict=True))
        made_up = sum(heard[at] in NEGATIONS for at in extra)
        self.negation_flips += lost + made_up

    @property
    def wer(self) -> float | None:
        """Word error rate."""
        return _share(self.errors, self.words)

    @property
    def lexicon_error_rate(self) -> float | None:
        """Phrases of the lexicon missed or made up, by those that were said."""
        return _share(self.lexicon_errors, self.lexicon_words)

    @property
    def number_rate(self) -> float | None:
        """Share of the numbers that came out right."""
        return _share(self.numbers_right, self.numbers)

    def _count_phrases(self, said: list[str], right: list[bool], heard: list[str], extra: set[int]) -> None:
        for start, size in _phrases(said):
            self.lexicon_words += 1
            self.lexicon_errors += not all(right[start : start + size])
        for start, size in _phrases(heard):
            self.lexicon_errors += all(at in extra for at in range(start, start + size))

    def _count_numbers(self, said: list[str], right: list[bool]) -> None:
        for word, fine in zip(said, right, strict=True):
            if any(sign.isdigit() for sign in word):
                self.numbers += 1
                self.numbers_right += fine


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _aligned(said: Sequence[str], heard: Sequence[str]) -> tuple[list[bool], set[int], int]:
    """Which reference words came out right, which heard ones stand for none or another, and the edits."""
    if not heard:
        return [False] * len(said), set(), len(said)
    found = jiwer.process_words([" ".join(said)], [" ".join(heard)])
    right, extra = [False] * len(said), set(range(len(heard)))
    for chunk in found.alignments[0]:
        if chunk.type == "equal":
            right[chunk.ref_start_idx : chunk.ref_end_idx] = [True] * (chunk.ref_end_idx - chunk.ref_start_idx)
            extra -= set(range(chunk.hyp_start_idx, chunk.hyp_end_idx))
    return right, extra, found.substitutions + found.deletions + found.insertions


def _phrases(words: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Where the lexicon's phrases stand, longest first, none within another."""
    at = 0
    while at < len(words):
        size = next((len(p) for p in lexicon() if tuple(words[at : at + len(p)]) == p), 0)
        if size:
            yield at, size
        at += max(1, size)
