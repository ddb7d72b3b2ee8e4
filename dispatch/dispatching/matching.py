"""A caller's words for a place, matched with a gazetteer: pure.

In: words, and the places of the communities that a centre serves. Out: candidates with a score, the likeliest first.
Invariants: a number or a single letter is matched exactly and beside its word (block C is never block B, and the C of
another place is no help), everything else with room for a mis-heard letter; a place scores 1 only if its own name and
every place that it lies in were said, and nothing of the gazetteer's vocabulary was said that it lacks.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import Final

MOST_CANDIDATES: Final = 8
ALIKE: Final = 0.8
"""Least likeness of two longer words that count as the same (a judgement, on a scale of 1)."""
SHORTEST_FUZZY: Final = 4
LEAST_SCORE: Final = 0.4

SAME: Final[Mapping[str, str]] = {
    "apartment": "flat", "apt": "flat", "unit": "flat", "number": "flat", "room": "flat", "building": "block",
    "defibrillator": "aed", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14",
    "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20",
    "alpha": "a", "alfa": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e", "foxtrot": "f",
}  # fmt: skip
"""Words that mean the same in an address: other words for a dwelling, numbers, spelling words."""
AFTER_MARKER: Final[Mapping[str, str]] = {
    "see": "c", "sea": "c", "be": "b", "bee": "b", "dee": "d", "hey": "a", "ay": "a", "eh": "a", "ef": "f", "gee": "g",
    "jay": "j", "kay": "k", "to": "2", "too": "2", "for": "4", "won": "1", "ate": "8",
}  # fmt: skip
"""How recognisers spell a letter or number that stands alone."""
MARKERS: Final = frozenset({"block", "flat", "gate", "floor", "house", "tower", "wing"})


@dataclass(frozen=True)
class Spot:
    """A place as the matcher sees it."""

    place_id: str
    name: str = field(repr=False)
    aliases: tuple[str, ...] = field(default=(), repr=False)
    parent_id: str | None = None


@dataclass(frozen=True)
class Match:
    """A candidate. `score` is within 0 and 1."""

    place_id: str
    score: float


class Gazetteer:
    """The places of some communities, ready to be matched."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        self._spots = {spot.place_id: spot for spot in spots}
        self._phrases = {spot.place_id: self._phrases_of(spot) for spot in self._spots.values()}

    def match(self, words: str) -> tuple[Match, ...]:
        """The places that the words may mean, the likeliest first; of equals the more specific first."""
        heard = _Heard.of(tokens(words), self._vocabulary)
        own = {place_id: heard.likeness(phrases) for place_id, phrases in self._phrases.items()}
        scored = [
            (self._score(spot, own, heard), -self._depth(spot), spot.place_id)
            for spot in self._spots.values()
            if own[spot.place_id]
        ]
        good = sorted(((-score, depth, place_id) for score, depth, place_id in scored if score >= LEAST_SCORE))
        return tuple(Match(place_id, -score) for score, _, place_id in good[:MOST_CANDIDATES])

    def _score(self, spot: Spot, own: Mapping[str, float], heard: "_Heard") -> float:
        above = self._above(spot)
        named = sum(own[place.place_id] for place in above) / len(above) if above else 1.0
        said = {token for place in (spot, *above) for phrase in self._phrases[place.place_id] for token in phrase}
        used = len(heard.known & said) / len(heard.known)
        return round(own[spot.place_id] * (0.5 + 0.25 * named + 0.25 * used), 3)

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(token for phrases in self._phrases.values() for phrase in phrases for token in phrase)

    def _above(self, spot: Spot) -> list[Spot]:
        """The places that a place lies in, the nearest first; a circle in the data ends the walk."""
        found: list[Spot] = []
        here = spot
        while here.parent_id and (here := self._spots.get(here.parent_id, spot)) not in (spot, *found):
            found.append(here)
        return found

    def _depth(self, spot: Spot) -> int:
        return len(self._above(spot))

    def _phrases_of(self, spot: Spot) -> tuple[tuple[str, ...], ...]:
        """The ways to say a place, as tokens: `block c` also as `c block`, flat 12 of block C also as `c 12`."""
        said = {tuple(tokens(text)) for text in (spot.name, *spot.aliases)}
        for phrase in tuple(said):
            if len(phrase) == 2 and exact(phrase[1]):
                said.add((phrase[1], phrase[0]))
        parent = self._spots.get(spot.parent_id or "")
        if parent:
            mark, own_mark = _mark(parent.name), _mark(spot.name)
            if mark and own_mark:
                said.add((*mark, *own_mark))
        return tuple(sorted(phrase for phrase in said if phrase))


@dataclass(frozen=True)
class _Heard:
    """The words of a caller: where each token of the vocabulary was said, and how surely."""

    at: Mapping[str, Mapping[int, float]] = field(repr=False)

    @classmethod
    def of(cls, said: Sequence[str], vocabulary: frozenset[str]) -> "_Heard":
        places: dict[str, dict[int, float]] = {}
        for position, word in enumerate(said):
            for token in (word,) if word in vocabulary else vocabulary:
                sure = alike(word, token)
                if sure:
                    places.setdefault(token, {})[position] = sure
        return cls(places)

    @cached_property
    def known(self) -> frozenset[str]:
        """The tokens of the gazetteer that were said."""
        return frozenset(self.at)

    def likeness(self, phrases: Iterable[tuple[str, ...]]) -> float:
        """How well the best of these phrases was said, in one piece."""
        return max((self._said(phrase) for phrase in phrases), default=0.0)

    def _said(self, phrase: tuple[str, ...]) -> float:
        best = 0.0
        for start in self.at.get(phrase[0], ()):
            sures = [self.at.get(token, {}).get(start + offset, 0.0) for offset, token in enumerate(phrase)]
            best = max(best, sum(sures) / len(sures) if all(sures) else 0.0)
        return best


def tokens(text: str) -> list[str]:
    """Words as they are compared: lower case, no accents, numbers as digits, numbers and letters apart."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("'", "")
    found: list[str] = []
    for word in re.findall(r"[a-z]+|[0-9]+", plain):
        after_marker = bool(found) and found[-1] in MARKERS
        found.append(AFTER_MARKER.get(word, SAME.get(word, word)) if after_marker else SAME.get(word, word))
    return found


def exact(token: str) -> bool:
    """Whether a token tells places apart and must be heard as it is."""
    return len(token) == 1 or token.isdigit()


def alike(word: str, token: str) -> float:
    """How much a heard word is like one of the gazetteer's; 0 where it is another one."""
    if word == token:
        return 1.0
    if exact(token) or min(len(word), len(token)) < SHORTEST_FUZZY or abs(len(word) - len(token)) > 2:
        return 0.0
    ratio = SequenceMatcher(None, word, token).ratio()
    return ratio if ratio >= ALIKE else 0.0


def _mark(name: str) -> tuple[str, ...]:
    """The numbers and letters of a name: what tells it from its neighbours."""
    return tuple(token for token in tokens(name) if exact(token))
