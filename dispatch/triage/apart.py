"""Which of several people words are about, as far as the words tell them apart.

In: a chunk's text, and who was spoken of before it. Out: `Person`s, or None where nobody has been named. The words are
data (`people.yaml`). Nothing is guessed: what is not said of somebody fits anybody, so that two names for one person
are two people only where kin, role, sex or "the other one" speak against it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from .resources import document


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is spoken of."""

    what: str | None = None
    """What they are to the caller, or their part in what happened."""
    sex: str | None = None
    other: bool = False
    """Named as another one than somebody before."""


def apart(one: Person, two: Person) -> bool:
    """Whether these are surely two people."""
    return one.other != two.other or _differ(one.what, two.what) or _differ(one.sex, two.sex)


def _differ(one: str | None, two: str | None) -> bool:
    return one is not None and two is not None and one != two


def named(text: str, before: Person | None) -> tuple[tuple[int, Person], ...]:
    """Everybody whom a text names, in its order, each with the place at which the name begins."""
    names, tokens = _names(), text.split(" ")
    if names.first.isdisjoint(tokens):
        return ()
    found, place, until = list[tuple[int, Person]](), 0, 0
    for token in tokens:
        if token in names.first and place >= until and (match := names.named.match(text, place)):
            before, until = _told(match, before), match.end()
            found.append((place, before))
        place += len(token) + 1
    return tuple(found)


def spoken_of(text: str, before: Person | None) -> Person | None:
    """The one whom a text names last, or whoever was spoken of before it."""
    found = named(text, before)
    return found[-1][1] if found else before


def _told(match: re.Match[str], before: Person | None) -> Person:
    word, names = match["word"], _names()
    other = match["other"] is not None or match["others"] is not None
    now = Person(names.what.get(word), names.sex.get(word), other)
    same = word is None or word in names.pronouns
    if before is not None and same and not other and not _differ(now.sex, before.sex):
        return replace(before, sex=before.sex or now.sex)  # "he", of whoever was named last
    return now


@dataclass(frozen=True)
class _Names:
    what: dict[str | None, str]
    sex: dict[str | None, str]
    pronouns: frozenset[str]
    named: re.Pattern[str]
    first: frozenset[str]
    """With one of these every name begins."""


@lru_cache(maxsize=1)
def _names() -> _Names:
    raw = document("people.yaml")
    what = {word: word for word in raw["parts"]}
    sex = {word: name for name in ("male", "female") for word in raw["pronouns"][name]}
    sex |= {word: name for name in ("male", "female") for word in raw["named"][name]}
    for entry in raw["relations"]:
        for name in ("male", "female", "either"):
            for word in entry[name]:
                what[word] = entry["caller"]
                if name != "either":
                    sex[word] = name
    pronouns = frozenset(word for words in raw["pronouns"].values() for word in words)
    words, others = (_options(found) for found in ({*what, *sex}, raw["others"]))
    word = rf"(?:(?P<other>other|another|second) )?(?P<word>{words})"
    helps = rf"(?!(?:has |just )?(?:{'|'.join(raw['helps'])}) )"
    first = {word.split()[0] for word in (*what, *sex, *raw["others"])} | {"1", "other", "another", "second"}
    somebody = re.compile(rf"(?:(?P<others>{others})|{word}|1(?= (?:is|was|has|of) )) {helps}")
    return _Names(what, sex, pronouns, somebody, frozenset(first))


def _options(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
