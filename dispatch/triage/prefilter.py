"""Which of many patterns a text could match at all, found by its words instead of by trying each.

In: patterns, each with what it stands for, and a chunk's text. Out: those worth trying, in the order in which they were
given. Invariant: no pattern that matches is left out; `clues` are what a match cannot do without.
"""

from collections.abc import Iterable
from typing import Final, Generic, TypeVar

from .patterns import Pattern, clues

_Meaning = TypeVar("_Meaning")


class Prefilter(Generic[_Meaning]):
    """Patterns with what each stands for, looked up by the clues of a text."""

    def __init__(self, entries: Iterable[tuple[Pattern, _Meaning]]) -> None:
        self.entries: Final = tuple(entries)
        self._by_clue: Final = dict[str, set[int]]()
        for number, (pattern, _) in enumerate(self.entries):
            for clue in pattern.keys:
                self._by_clue.setdefault(clue, set()).add(number)
        self._clues: Final = frozenset(self._by_clue)

    def near(self, text: str) -> list[tuple[Pattern, _Meaning]]:
        """The patterns that a text could match, with what they stand for."""
        said = clues(text)
        known = self._clues & said
        if not known:
            return []
        numbers = set[int]().union(*[self._by_clue[clue] for clue in known])
        near = [self.entries[number] for number in sorted(numbers)]
        return [entry for entry in near if not entry[0].needs or entry[0].possible(said)]
