"""The parts that a place is made of: an address, a street, a landmark, one of many that is numbered, a name.

In: the items of a chunk, and whether the recogniser writes capitals. Out: for any item, the best `Part` that begins
there. What joins parts to a place, and what is said before it, is in `places`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .place_words import MAX_PHRASE, MIN_NAME, Item, is_figure, is_number, is_ordinal, lists
from .resources import PUNCTUATION

ADDRESS: Final = 9
STREET: Final = 7
ROAD: Final = 7
SITE: Final = 6
"""A landmark with its name."""
NUMBERED: Final = 5
GENERIC: Final = 3
"""A landmark without a name."""
NAME: Final = 3
TAIL: Final = 1
"""What only helps to find the place."""
MAX_NAMES: Final = 3
MAX_RUN: Final = 5
"""Most words of a name in capitals."""


@dataclass(frozen=True, slots=True)
class Part:
    """Items from `begin` up to `end` that are one part of a place, and how much they say of where."""

    begin: int
    end: int
    score: int
    name: bool = False
    """Nothing but a name."""


@lru_cache(maxsize=1)
def _kinds() -> frozenset[str]:
    """What a name may stand before."""
    return lists().site | lists().street


@lru_cache(maxsize=64)
def _openings(entries: frozenset[str]) -> frozenset[str]:
    """The words with which entries of a list begin."""
    return frozenset(entry.split()[0] for entry in entries)


@lru_cache(maxsize=64)
def _endings(entries: frozenset[str]) -> frozenset[str]:
    """The words with which entries of a list end."""
    return frozenset(entry.rsplit(" ", 1)[-1] for entry in entries)


_DIGIT: Final = re.compile(r"\d")


@lru_cache(maxsize=1)
def _openers() -> frozenset[str]:
    """Words that a part may begin with, besides names and numbers."""
    known = lists()
    return _openings(known.site | known.numbered | known.street_before | known.before_name)


class Parts:
    """The items of one chunk, and the parts that they make."""

    def __init__(self, items: tuple[Item, ...], cased: bool, asked: bool) -> None:
        self.items = items
        self.texts = [item.text for item in items]
        self._opens_with = [text.split(" ", 1)[0] for text in self.texts]
        self._ends_with = [text.rsplit(" ", 1)[-1] for text in self.texts]
        whole = " ".join(self.texts)
        self._has_digit = _DIGIT.search(whole) is not None
        self._may_have_code = self._has_digit or "dot" in whole
        self.cased = cased
        self.asked = asked
        self.known = lists()
        self._names = [self._may_be_name(at) for at in range(len(items))]

    def may_begin(self, at: int) -> bool:
        """Whether a part may begin at an item; at most everyday words none does."""
        text, following = self.texts[at], self.text(at + 1)
        told = self._names[at] or self._opens_with[at] in _openers() or _DIGIT.search(text) is not None
        return told or following in self.known.street_plain or following[:1].isdigit() or following == "dot"

    def part(self, at: int, linked: bool = False) -> Part | None:
        """The longest of the best parts that begin at an item; `linked` parts may be names alone."""
        found = [
            part
            for part in (
                self.address(at),
                self.numbered(at),
                self.street(at),
                self._road(at),
                self._site(at),
                self._code(at),
                self._corner(at),
                self._named(at, linked),
            )
            if part is not None
        ]
        return max(found, key=lambda part: (part.end, part.score), default=None)

    def address(self, at: int) -> Part | None:
        """A number and a street, or a number and a name in capitals: "12 Mill Lane", "2210 Juniper"."""
        end = self._after_number(at)
        if end == at:
            return None
        begin = end + 1 if self.text(end) == "," else end
        named = self.phrase(begin + 1, self.known.street) > 0 or (self.cased and self.is_name(begin + 1))
        begin += self.text(begin) == "the" and named
        if (street := self._before_name(begin)) is not None:
            return Part(at, street.end, ADDRESS)
        for names in range(MAX_NAMES, -1, -1):
            after = begin + names
            length = self.phrase(after, self.known.street)
            if (
                length
                and all(self._may_be_named(k) for k in range(begin, after))
                and (names or self.text(after - 1) == "the" or self.text(after) in self.known.street_alone)
                and self._capital(begin, after + 1)
            ):
                return Part(at, self._after_own_number(after + length), ADDRESS)
        run = self._run(begin, MAX_NAMES)
        alone = self.text(end) != "," and run > begin and self.text(run) not in self.known.counted
        if alone and self.cased and not self.phrase(begin, self.known.event):
            return Part(at, run, SITE if len(self.texts[at]) > 1 or self.text(run) == "," else SITE - 2)
        ends = run == len(self.items) or self.texts[run] in PUNCTUATION
        if self.cased or begin != end:
            return None
        if alone and ends:
            return Part(at, run, NUMBERED - (run == begin + 1))
        led = at > 0 and self.texts[at - 1] == "at"
        while led and run < min(len(self.items), begin + MAX_NAMES) and self.is_thing(run):
            run += 1
        return Part(at, run, NUMBERED - 1) if led and run > begin and self.ends(run) else None

    def _after_number(self, at: int) -> int:
        """Where a number of a house that begins at an item ends; the item itself when none does."""
        end = at
        if not is_number(self.text(at)):
            return at
        while end < len(self.items) and (is_figure(self.texts[end]) or is_number(self.texts[end])):
            end += 1
        letter = self.text(end)
        return end + 1 if len(letter) == 1 and letter.isalpha() and letter not in "ai" else end

    def numbered(self, at: int) -> Part | None:
        """One of many: "flat 3", "platform 4", "block c"."""
        length = self.phrase(at, self.known.numbered)
        length = length or (
            self.cased and len(self.text(at)) == 1 and self.items[at].capital and self.text(at) not in "ai"
        )
        if not length or (at and self.texts[at - 1] in ("the", "a") and self.text(at + length) == "1"):
            return None
        begin = at + length + (self.text(at + length) in ("number", "no"))
        end = self._after_number(begin)
        letter = self.text(begin)
        if end == begin and len(letter) == 1 and letter.isalpha() and (letter not in "ai" or self.items[begin].capital):
            end = begin + 1
        if end == begin or (self.text(end) in self.known.counted and self.text(end) != "of"):
            return None
        return Part(at, end, NUMBERED if self.texts[at] not in ("number", "no", "level") else GENERIC)

    def street(self, at: int) -> Part | None:
        """A named street."""
        if (street := self._before_name(at)) is not None:
            return street
        if not self.cased and self.text(at) in self.known.before_name and self.is_name(at + 1):
            return Part(at, self._run(at + 1, 2), SITE - 1)
        for names in range(MAX_NAMES, 0, -1):
            after = at + names
            length = self.phrase(after, self.known.street)
            if not length:
                continue
            told = all(self.is_name(k) or self.text(k) in self.known.street_name for k in range(at, after))
            if told and self._capital(at, after + 1) and not self._road(after + length - 1):
                return Part(at, self._after_own_number(after + length), STREET if self.cased else STREET - 1)
        plain = self.text(at + 1) in self.known.street_plain and self.text(at).isalpha() and self.is_thing(at)
        plain = plain and self.text(at) not in self.known.article
        led = not self.cased and plain and at > 0 and self.texts[at - 1] in ("at", "on", "in", "off", "of")
        return Part(at, at + 2, STREET - 1) if led else None

    def _after_own_number(self, at: int) -> int:
        """Where a street that may have a number of its own ends: "Avenue 10"."""
        after = at + is_number(self.text(at))
        return after if self.ends(after) or self.relations(after) > 0 else at

    def _before_name(self, at: int) -> Part | None:
        """A street whose kind comes before its name: "Rue Champlain"."""
        run = self._run(at + 1, MAX_NAMES) if self.text(at) in self.known.street_before else at + 1
        return Part(at, run, STREET) if run > at + 1 and self._capital(at, at + 1) else None

    def _road(self, at: int) -> Part | None:
        """A numbered road: "A303", "the M 6", "route 9"."""
        for length in (3, 2, 1) if self._has_digit else ():
            text = " ".join(self.texts[at : at + length])
            if at + length <= len(self.items) and _ROAD.fullmatch(text) and self._capital(at, at + 1):
                article = length > 1 and self.texts[at] in ("a", "i") and self.text(at - 1) not in ("the", "on", "off")
                return None if (article and not self.cased) or text.endswith(" 911") else Part(at, at + length, ROAD)
        return None

    def _code(self, at: int) -> Part | None:
        """A postcode, or three words that stand for a square."""
        for length in (5, 2, 1) if self._may_have_code else ():
            if at + length <= len(self.items):
                text = " ".join(self.texts[at : at + length])
                if _SQUARE.fullmatch(text):
                    return Part(at, at + length, ADDRESS)
                if _POSTCODE.fullmatch(text) and (self.cased or any(c.isdigit() for c in text)):
                    return Part(at, at + length, SITE)
        return None

    def _site(self, at: int) -> Part | None:
        """A landmark, with its name before or behind it, or without one."""
        for names in range(MAX_NAMES, 0, -1):
            length = self.phrase(at + names, self.known.site)
            if length and all(self.is_name(k) for k in range(at, at + names)):
                doubtful = self.cased and at == 0 and not self.items[at + names].capital and names == 1
                return Part(at, at + names + length, GENERIC if doubtful else SITE if self.cased else SITE - 1)
        names = self._run(at, MAX_NAMES) if self.cased else at
        if names > at and (length := self.phrase(names + 1, _kinds())) and self.is_thing(names):
            return Part(at, names + 1 + length, SITE)  # "Elmfield student halls"
        length = self.phrase(at, self.known.site)
        if not length:
            return None
        if self.cased and at and self.items[at].capital and length == 1:
            return Part(at, max(at + 1, self._run(at + 1, MAX_NAMES)), SITE - 1)
        run = self._run(at + length, MAX_NAMES) if self.cased and self.items[at].capital else at + length
        if run > at + length:
            return Part(at, run, SITE)
        named_only = " ".join(self.texts[at : at + length]) in self.known.named_only
        after = at + length  # "a pub quiz" is no pub
        closed = (
            self.ends(after)
            or self.relations(after) > 0
            or self._opens_with[after] in self.known.stop
            or self._opens_with[after] in self.known.closing
        )
        closed = closed or self.is_name(after)
        return Part(at, after, GENERIC) if closed and not named_only else None

    def _corner(self, at: int) -> Part | None:
        """Two streets by their names: "Portage and Sherbrook"."""
        ordinal = is_ordinal(self.text(at))
        run = at + 1 if ordinal else self._run(at, 2)
        if run == at or self.text(run) != "and":
            return None
        told = self._relation_before(at) if self.cased or ordinal else self.texts[max(0, at - 2) : at] in _CORNERS
        if not told:
            return None
        end = run + 2 if is_ordinal(self.text(run + 1)) else self._run(run + 1, 2)
        return Part(at, end, SITE) if end > run + 1 else None

    def _named(self, at: int, linked: bool) -> Part | None:
        """A name: any in a chain, else one that a word for where leads to, or that opens a list."""
        run = self._run(at, MAX_RUN if self.cased else MAX_NAMES)
        if run > at and self.cased and self._is_thing_after(run):
            run += 1  # "Northern line", "Laxmi ghat"
        told = self.cased or (self.asked and at == 0)
        if run == at or not (linked or self._relation_before(at) or (told and self._is_listed(at, run))):
            return None
        return Part(at, run, NAME, name=True)

    def _is_thing_after(self, at: int) -> bool:
        """Whether a plain word ends a list's entry."""
        return at < len(self.items) and self.is_thing(at) and self.text(at + 1) in (",", ".") and self._word(at)

    def _word(self, at: int) -> bool:
        return self.texts[at].isalpha() and self.texts[at] not in self.known.event

    def _is_listed(self, at: int, run: int) -> bool:
        """Whether a name stands between marks of punctuation, or after "it is" and before a comma."""
        begin = at - (at > 0 and self.texts[at - 1] in self.known.article)
        opens = begin == 0 or self.texts[begin - 1] in PUNCTUATION
        told = self.text(run) == "," and begin > 0 and self.texts[begin - 1] in self.known.introducing
        follows = self.ends(run) or (begin == 0 and (self.relations(run) > 0 or self.numbered(run) is not None))
        return (opens and follows) or told

    def ends(self, at: int) -> bool:
        return at >= len(self.items) or self.texts[at] in PUNCTUATION

    def is_plain(self, at: int) -> bool:
        text = self._opens_with[at]
        known = self.known
        return text[:1].isalpha() and not any(
            text in few for few in (known.stop, known.away, known.event, known.calendar)
        )

    def ending(self, at: int, entries: frozenset[str]) -> int:
        """How many items before one are an entry of a list; the longest counts."""
        if at < 1 or self._ends_with[at - 1] not in _endings(entries):
            return 0
        for length in range(min(MAX_PHRASE, at), 0, -1):
            if " ".join(self.texts[at - length : at]) in entries:
                return length
        return 0

    def is_article(self, at: int) -> bool:
        return at >= 0 and self.texts[at] in self.known.article

    def is_thing(self, at: int) -> bool:
        return (
            self.is_plain(at) and self.texts[at] not in self.known.no_spot and self.texts[at] not in self.known.relation
        )

    def text(self, at: int) -> str:
        return self.texts[at] if 0 <= at < len(self.texts) else ""

    def phrase(self, at: int, entries: frozenset[str]) -> int:
        """How many items from one on are an entry of a list; the longest counts."""
        if at >= len(self.texts) or self._opens_with[at] not in _openings(entries):
            return 0
        for length in range(min(MAX_PHRASE, len(self.texts) - at), 0, -1):
            if " ".join(self.texts[at : at + length]) in entries:
                return length
        return 0

    def relations(self, at: int) -> int:
        """How many items from one on say where a thing is from another: "just past", "on the corner of"."""
        end = at
        for _ in range(2):
            length = self.phrase(end, self.known.relation)
            if not length:
                break
            end += length
            after = end + (self.text(end) in self.known.article)
            spot = self.phrase(after, self.known.spot)
            end = after + spot if spot and self.phrase(after + spot, self.known.relation) else end
        return end - at

    def relation_ending(self, at: int) -> int:
        return self.ending(at, self.known.relation)

    def _relation_before(self, at: int) -> bool:
        at -= at > 0 and self.texts[at - 1] in self.known.article
        return self.relation_ending(at) > 0

    def _run(self, at: int, most: int) -> int:
        """Where a name that begins at an item ends; the item itself when none does."""
        end = at
        while end < at + most and self.is_name(end) and not (end > at and self.numbered(end)):
            end += 1
        while self.cased and at < end < at + most and self.text(end) in self.known.link:
            further = next((k for k in (end + 1, end + 2) if self.is_name(k)), None)
            if further is None or (further == end + 2 and self.text(end + 1) not in self.known.link):
                break
            end = further + 1
        return end

    def is_name(self, at: int) -> bool:
        """Whether an item may be a name: in capitals, or else no everyday word."""
        return 0 <= at < len(self._names) and self._names[at]

    def _may_be_name(self, at: int) -> bool:
        item, known = self.items[at], self.known
        if not item.text[:1].isalpha():
            return is_ordinal(item.text) and self.text(at + 1) not in ("floor", "level", "of")
        if not item.capital if self.cased else self._opens_with[at] in known.everyday:
            return False
        plain = item.text in known.event or item.text in known.article or item.text in known.relation
        alone = not (self.cased and at + 1 < len(self.items) and self.items[at + 1].capital)
        if len(item.text) < MIN_NAME or plain or (alone and item.text in known.calendar):
            return False
        if not self.cased:
            plain = any(word in known.everyday or word in known.stop for word in item.text.split())
            return not plain and item.text not in known.numbered
        plain = item.text in known.everyday or item.text in known.stop
        return not (at == 0 and plain and alone)  # any word has one where a sentence opens

    def _may_be_named(self, at: int) -> bool:
        """Whether an item may stand between a house's number and its street."""
        if self.cased:
            return self.is_name(at) or self.text(at) in ("of", "the", "and")
        text = self.text(at)
        plain = text[:1].isalpha() and text not in self.known.stop and text not in self.known.relation
        return plain or is_ordinal(text)

    def _capital(self, begin: int, end: int) -> bool:
        """Whether some item has a capital, in text that has capitals at all."""
        return not self.cased or any(item.capital for item in self.items[begin:end])


_CORNERS: Final = (["corner", "of"], ["junction", "of"], ["intersection", "of"], ["crossing", "of"])
_ROAD: Final = re.compile(
    r"(?:a|b|m|i|us|nh|sh|r|n|e|hwy) ?\d{1,4}[a-z]?|(?:state )?(?:route|highway|hwy|interstate|motorway|autopista) \d+"
    r"|(?:county|farm|state|rural) (?:road|route|highway) \d+"
)
_POSTCODE: Final = re.compile(r"[a-z]{1,2}\d{1,2}[a-z]? ?\d ?[a-z]{2}")
_SQUARE: Final = re.compile(r"[a-z]{3,} dot [a-z]{3,} dot [a-z0-9]{2,}")
