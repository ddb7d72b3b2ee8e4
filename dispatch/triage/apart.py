"""Which of several people words are about, as far as the words tell them apart.

In: a chunk's text, and who was spoken of before it. Out: `Person`s, or None where nobody has been named. The words are
data (`people.yaml`). Nothing is guessed: what is not said of somebody fits anybody, so that two names for one person
are two people only where kin, role, sex, being a child or "the other one" speak against it.
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from .relations import options, relations
from .resources import document

GROUP: Final = "group"
"""What several are who were named at once: "the kids"."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is spoken of."""

    what: str | None = None
    """What they are to the caller, or their part in what happened."""
    sex: str | None = None
    other: bool = False
    """Named as another one than somebody before."""
    young: bool | None = None
    """Called a child, or by a word for somebody grown."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody named in a text."""

    begin: int
    end: int
    person: Person
    alone: Person
    """What the name by itself says."""
    who: str = field(repr=False)
    """The name in the text's words: "my little boy"."""
    pronoun: bool


@lru_cache(maxsize=1)
def parts() -> frozenset[str]:
    """Parts that somebody has in what happened: "the driver"."""
    return frozenset(document("people.yaml")["parts"])


def apart(one: Person, two: Person) -> bool:
    """Whether these are surely two people."""
    return (
        one.other != two.other
        or _differ(one.what, two.what)
        or _differ(one.sex, two.sex)
        or _differ(one.young, two.young)
    )


def _differ(one: object, two: object) -> bool:
    return one is not None and two is not None and one != two


def named(text: str, before: Person | None) -> tuple[Named, ...]:
    """Everybody whom a text names, in its order."""
    names, tokens = _names(), text.split(" ")
    if names.first.isdisjoint(tokens):
        return ()
    found, place, until = list[Named](), 0, 0
    for token in tokens:
        if token in names.first and place >= until and (match := names.named.match(text, place)):
            now, until = _told(match, before), match.end()
            if now is not None:
                before = now.person
                found.append(now)
        place += len(token) + 1
    return tuple(found)


def _told(match: re.Match[str], before: Person | None) -> Named | None:
    word, names = match["word"] or "", _names()
    if word not in names.pronouns or (match["other"] and word not in names.sex):
        return _by_noun(match, word, before)
    if before is None and word not in names.sex:
        return None  # "they", of nobody yet
    alone = _pronoun(names.sex.get(word))
    return Named(match.start(), match.end(), _whom(alone, before, True), alone, word, True)


@lru_cache(maxsize=4)
def _pronoun(sex: str | None) -> Person:
    return Person(sex=sex)


def _by_noun(match: re.Match[str], word: str, before: Person | None) -> Named | None:
    names, begin, lead = _names(), match.start(), _lead(match.string, match.start())
    if _is_no_name(match, lead):
        return None
    one = match["one"] in ("1", "1 of them", "1 of us")
    other = match["other"] is not None or match["others"] is not None or match["elsewhere"] is not None
    other = other or (one and before == Person())  # "one is awake, one is not"
    young = True if match["child"] else names.young.get(word)
    alone = Person(_what(word, lead, match["others"]), names.sex.get(word), other, young)
    who = _SPOKEN.sub(lambda digit: _DIGITS[digit[0]], lead + match.string[begin : match.end() - 1])
    return Named(begin, match.end(), _whom(alone, before, one), alone, who, False)


def _is_no_name(match: re.Match[str], lead: str) -> bool:
    """Callers who say what they are, plurals without a verb of theirs, and a thing that is called like a person."""
    text, word, end = match.string, match["word"], match.end() - 1
    own = _OWN.search(text[: match.start() - len(lead)]) and lead.strip() in _OF_SOMEBODY
    several = word is not None and _names().what.get(word) == GROUP and not _SEVERAL.match(text, end)
    return bool(own) or text.startswith(" here ", end) or several or text.endswith(" syringe ", 0, match.start())


def _whom(alone: Person, before: Person | None, may_be_same: bool) -> Person:
    if (
        before is None
        or not may_be_same
        or alone.other
        or _differ(alone.sex, before.sex)
        or (before.what == GROUP and alone.sex)
    ):
        return alone
    return replace(before, sex=before.sex or alone.sex)  # "he", of whoever was named last


def _what(word: str, lead: str, others: str | None) -> str | None:
    names = _names()
    if others in names.many:
        return GROUP
    if names.young.get(word) and not lead.startswith(("my ", "our ")):
        return None
    return names.what.get(word)


def _lead(text: str, begin: int) -> str:
    match = _names().lead.search(text, max(0, begin - _LEAD_CHARS), begin)
    return match[1] if match else ""


_LEAD_CHARS: Final = 40
_OWN: Final = re.compile(r" (?:i am|this is)(?: only| just)? $")
"""What comes next is what callers are to somebody."""
_OF_SOMEBODY: Final = frozenset({"his", "her", "their", "the", "a"})
_SEVERAL: Final = re.compile(r" (?:is |and .+ )?(?:are|were|have|both|all|keep|look|feel|seem) ")
_SPOKEN: Final = re.compile(r"\b[123]\b(?! (?:year|month|week|day))")
_DIGITS: Final = {"1": "one", "2": "two", "3": "three"}


@dataclass(frozen=True)
class _Names:
    what: dict[str, str]
    sex: dict[str, str]
    young: dict[str, bool]
    pronouns: frozenset[str]
    many: frozenset[str]
    """Of the others, those who are several."""
    named: re.Pattern[str]
    lead: re.Pattern[str]
    first: frozenset[str]
    """With one of these every name begins."""


@lru_cache(maxsize=1)
def _names() -> _Names:
    raw, known = document("people.yaml"), relations()
    pronouns = frozenset(word for words in raw["pronouns"].values() for word in words)
    what: dict[str, str] = {**known.caller, **{word: word for word in raw["parts"]}}
    groups = [*raw["groups"]["young"], *raw["groups"]["any"]]
    what |= dict.fromkeys(groups, GROUP)
    what = {word: is_to for word, is_to in what.items() if word not in pronouns}
    sex: dict[str, str] = {**known.sex}
    sex |= {word: name for name in ("male", "female") for word in (*raw["pronouns"][name], *raw["named"][name])}
    young: dict[str, bool] = {word: False for word in (*what, *sex) if word not in pronouns}
    young = {word: said for word, said in young.items() if word not in (*raw["any_age"], *groups)}
    young |= dict.fromkeys(raw["young"], True)
    words = {*what, *sex, *pronouns}
    first = {word.split()[0] for word in (*words, *raw["others"])} | {"1", "other", "another", "second"}
    lead = re.compile(rf" ((?:{options(raw['before']['first'])}) (?:(?:{options(raw['before']['then'])}|[0-9]+) )*)$")
    many = frozenset(word for word in raw["others"] if not word.endswith(" 1"))
    return _Names(what, sex, young, pronouns, many, _pattern(raw, words), lead, frozenset(first))


def _pattern(raw: Any, words: set[str]) -> re.Pattern[str]:
    elsewhere = (
        r"(?P<elsewhere> (?:of|in|from) the (?:other|second) (?:1|car|van|vehicle|lorry|bus|taxi|bike|motorbike))"
    )
    somebody = rf"(?:(?P<other>other|another|second) )?(?P<word>{options(words)}){elsewhere}?"
    child, others = options(raw["groups"]["young"]), options((*raw["groups"]["any"], *raw["groups"]["one_of"]))
    of_them = rf" of (?:(?:the|my|our|his|her|their)(?: [0-9]+)? (?:(?P<child>{child})|{others})|them|us)"
    one = rf"(?P<one>1(?:{of_them})|1(?= (?:is|was|has) ))"
    helps = rf"(?!(?:has |just )?(?:{'|'.join(raw['helps'])}) )"
    return re.compile(rf"(?:(?P<others>{options(raw['others'])})|{somebody}|{one}) {helps}")
