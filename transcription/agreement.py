"""Which words of an open utterance are settled. Pure: hypotheses in, newly committed words out.

A word is committed when two hypotheses in a row agree on it (LocalAgreement-2, Macháček et al. 2023), compared without
case and punctuation, and otherwise when enough sound follows it: the surer the recogniser, the less. Waiting longer for
an agreement that does not come holds up every word after it. Committed words are never changed; what comes after them
is the unsettled rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from .events import Word
from .guards import plain

RATE: Final = 16000
_OVERLAP_WORDS: Final = 6
"""Longest run of committed words that is looked for at the head of a new hypothesis."""


@dataclass(frozen=True, slots=True)
class AgreementRules:
    """When a word may be committed; lengths in samples at 16 kHz."""

    certain: float = 0.7
    certain_after: int = RATE // 20
    """A word of at least that probability is committed at once when that much sound follows it."""
    sure: float = 0.35
    sure_after: int = RATE // 4
    """One of that probability when that much does."""
    doubtful_after: int = 9 * RATE // 20
    """Any other word when that much does."""
    edge: int = RATE // 20
    """Words that end this close to the end of the sound are not trusted, even when two hypotheses agree on them."""
    pause_counts: int = RATE // 2
    """At a pause a hypothesis is taken as if so much more had been heard without a voice."""

    def after(self, probability: float) -> int:
        """Sound that must follow a word of that probability before it is committed without an agreement."""
        if probability >= self.certain:
            return self.certain_after
        return self.sure_after if probability >= self.sure else self.doubtful_after


@dataclass(slots=True)
class Agreement:
    """The settled and the unsettled words of one utterance."""

    rules: AgreementRules
    committed: list[Word] = field(default_factory=list)
    rest: tuple[Word, ...] = ()

    @property
    def committed_end(self) -> int | None:
        """Where the last settled word ends."""
        return self.committed[-1].end if self.committed else None

    def observe(self, words: Sequence[Word], end: int, *, pausing: bool = False) -> tuple[Word, ...]:
        """A new hypothesis over sound that ends at `end`; gives the words that it settles.

        `pausing`: the speaker had paused there, so that no word is half heard, and what follows changes none.
        """
        fresh = after_committed(words, self.committed)
        heard_to = end + self.rules.pause_counts if pausing else end
        trusted = [word for word in fresh if word.end <= heard_to - self.rules.edge]
        count = max(_agreeing(self.rest, trusted), self._old_enough(trusted, heard_to))
        settled = tuple(trusted[:count])
        self.committed.extend(settled)
        self.rest = tuple(fresh[count:])
        return settled

    def _old_enough(self, words: Sequence[Word], end: int) -> int:
        waiting = (i for i, word in enumerate(words) if word.end > end - self.rules.after(word.probability))
        return next(waiting, len(words))


def _agreeing(before: Sequence[Word], now: Sequence[Word]) -> int:
    count = 0
    for old, new in zip(before, now, strict=False):
        if plain(old.text) != plain(new.text):
            break
        count += 1
    return count


def after_committed(words: Sequence[Word], committed: Sequence[Word]) -> list[Word]:
    """The words of a hypothesis that come after what is committed.

    The window starts a little before its open words, so its first words repeat committed ones: the longest run that
    matches the committed end is cut off, and so are words that lie in the committed past.
    """
    if not committed:
        return list(words)
    last = committed[-1].end
    open_from = next((i for i, word in enumerate(words) if (word.start + word.end) // 2 >= last), len(words))
    plains = [plain(word.text) for word in words]
    for size in range(min(_OVERLAP_WORDS, len(committed)), 0, -1):
        tail = [plain(word.text) for word in committed[-size:]]
        for at in range(min(len(plains) - size, open_from + 1), -1, -1):
            if plains[at : at + size] == tail and (size > 1 or abs(words[at].start - committed[-1].start) < RATE // 2):
                return list(words[at + size :])
    return list(words[open_from:])


def continuation(committed: Sequence[Word], final: Sequence[Word]) -> tuple[Word, ...]:
    """The end of a final that goes beyond the committed words: the final is split where its head fits them best."""
    row = list(range(len(final) + 1))
    for i, word in enumerate(committed, 1):
        left, row = row, [i]
        for j, other in enumerate(final, 1):
            same = plain(word.text) == plain(other.text)
            row.append(min(left[j - 1] + (not same), left[j] + 1, row[j - 1] + 1))
    best = min(range(len(row)), key=lambda j: (row[j], -j)) if committed else 0
    return tuple(final[best:])
