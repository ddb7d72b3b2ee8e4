"""Where the emergency is: the place named in a chunk, as it was said.

In: the words of a chunk (with the recogniser's own spelling) and what the operator had just asked. Out: the best
candidate with a score, so that a street address outranks a landmark. A place is a chain of parts (`place_parts`) joined
by commas and by words for where one thing is from another; what is said before it tells whether it is the place, or one
that somebody was at. Wording only; looking a place up is not done here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dispatch.contract.transcript import Word

from .place_parts import GENERIC, MAX_NAMES, TAIL, Part, Parts
from .place_words import MAX_PHRASE, has_capitals, is_number, is_ordinal, items_of, lists
from .resources import PUNCTUATION
from .words import Chunk

MIN_SCORE: Final = 5
"""Less is no place: a landmark without a name, or a name, that nothing points at."""
ASKED: Final = 2
"""What a place counts more when it was asked for."""
MAX_WORDS: Final = 20
MAX_ANSWER: Final = 8
"""Longest answer, in words, that is a place as a whole though none of its words says so."""
CORRECTING_REACH: Final = 7
"""Items before a place in which a "no" or "sorry" makes it the better one."""
CASED_REACH: Final = 200
"""Words on either side of a chunk that show whether the recogniser writes capitals; a turn may have thousands."""
MAX_SPOTS: Final = 2
"""Most little places that are said before the one they belong to."""
LED, AWAY = 2, -3
"""What a place counts more when words lead to it, and less when somebody only was there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place as said, its score (a full address is highest), and the first and last word of it."""

    score: int
    first: int
    last: int


def best_place(chunk: Chunk, words: Sequence[Word], asked: bool) -> Place | None:
    """The best place in a chunk; one that corrects another is better."""
    near = words[max(0, chunk.first - CASED_REACH) : chunk.last + CASED_REACH]
    reader = _Chains(items_of(chunk, words), has_capitals(near), asked)
    best = max(reader.places(), key=lambda part: (part.score, part.end - part.begin), default=None)
    if best is None or best.score < MIN_SCORE:
        best = reader.answer() or best
    if best is None or best.score < MIN_SCORE:
        return None
    first, last = reader.items[best.begin].first, reader.items[best.end - 1].last
    return Place(best.score, first, min(last, first + MAX_WORDS))


@lru_cache(maxsize=1)
def _spots() -> frozenset[str]:
    """Little places, and landmarks, inside or beside which another one is."""
    return lists().spot | lists().site


class _Chains(Parts):
    """The items of one chunk, being read for places."""

    def places(self) -> Iterator[Part]:
        """Every chain of parts, with what is said before it."""
        at = 0
        while at < len(self.items):
            part = self.part(at) if self.may_begin(at) else None
            if part is None:
                at += 1
                continue
            chain, parts = self._chain(part)
            yield self._in_context(chain, parts)
            at = chain.end

    def answer(self) -> Part | None:
        """The whole of a short answer to the question for the place, when it has a name in it."""
        end = len(self.items) if self.asked else 0
        while end and self.texts[end - 1] in PUNCTUATION:
            end -= 1
        begin = next((at for at in range(end) if not self._opens_answer(at)), end)
        named = any(self.is_name(at) for at in range(begin, end))
        stopped = any(text in self.known.stop for text in self.texts[begin:end])
        fits = begin < end <= MAX_ANSWER and named and not stopped
        return Part(begin, end, MIN_SCORE - 1 + self.asked) if fits else None

    def _opens_answer(self, at: int) -> bool:
        text = self.texts[at]
        return text in PUNCTUATION or text in self.known.empty or text in self.known.filler

    def _chain(self, part: Part) -> tuple[Part, int]:
        """A part with all that is joined to it, and how many parts they are."""
        end, score, strong, parts = part.end, part.score, int(part.score >= GENERIC), 1
        while (link := self._linked(end)) is not None:
            end, score, strong, parts = link.end, max(score, link.score), strong + (link.score >= GENERIC), parts + 1
        return Part(part.begin, end, score + min(2, max(0, strong - 1))), parts

    def _linked(self, at: int) -> Part | None:
        """The part that is joined to what ends before an item."""
        comma = self.text(at) == ","
        begin = at + comma
        if self.text(at) == "and" and is_ordinal(self.text(at + 1)):
            return Part(at, at + 2, TAIL)
        if is_ordinal(self.text(begin)) and self.text(begin + 1) in ("floor", "level"):
            return Part(at, begin + 2, TAIL)
        if comma and is_number(self.text(begin)) and self.ends(begin + 1):
            return Part(at, begin + 1, TAIL)  # "Rutland Road, eighty-eight"
        if comma and self.text(begin) in self.known.correcting and self.text(begin + 1) == ",":
            return self._corrected(at, begin + 2)
        relation = self.relations(begin)
        if relation:
            begin += relation
        begin += self.text(begin) in self.known.article
        if length := self.phrase(begin, self.known.direction):
            return Part(at, begin + length + self.phrase(begin + length, self.known.spot), TAIL)
        part = self.part(begin, linked=bool(relation) or self.cased or not comma)
        if part is None or not self._may_follow(part, comma, bool(relation)):
            return self._tail(at, begin, comma, bool(relation))
        return Part(at, part.end, part.score)

    def _corrected(self, at: int, begin: int) -> Part | None:
        """A street or an address that corrects the one before: "31 Rue Street, sorry, Rae Street"."""
        part = self.address(begin) or self.street(begin) or self.numbered(begin)
        return Part(at, part.end, TAIL) if part is not None else None

    def _may_follow(self, part: Part, comma: bool, relation: bool) -> bool:
        """Whether a part may follow: a name behind a comma must not be the subject of the next thought."""
        if not part.name or relation:
            return True
        ends = self.ends(part.end) or self.numbered(part.end) is not None
        if self.cased:
            return ends or self.relations(part.end) > 0
        following = self.text(part.end).split(" ")[0]
        return not comma and (ends or following in self.known.stop or following in self.known.everyday)

    def _tail(self, at: int, begin: int, comma: bool, relation: bool) -> Part | None:
        """What helps to find the place: "by the porch", ", the yellow door"."""
        article = begin > at + comma and self.texts[begin - 1] == "the"
        length = self.phrase(begin, self.known.spot)
        if length and (relation or article or comma or not self.cased):
            return Part(at, begin + length, TAIL)
        if not (article or relation) or not (comma or relation):
            return None
        end = begin
        while end < len(self.items) and end < begin + MAX_PHRASE and self.is_plain(end) and not self.relations(end):
            end += 1
        return Part(at, end, TAIL) if end > begin and (self.ends(end) or self.relations(end)) else None

    def _in_context(self, chain: Part, parts: int) -> Part:
        """A chain with what leads to it, and its score by that."""
        begin, relation, spots = self._begun(chain.begin)
        start = begin - relation
        if relation and " ".join(self.texts[start:begin]) not in self.known.empty:
            begin = start
        whole = start == 0 and self.ends(chain.end)
        before = self.relation_ending(chain.begin - self.is_article(chain.begin - 1))
        nearest = self._leads(chain.begin - self.is_article(chain.begin - 1) - before, before > 0)
        score = chain.score + min(1, spots) + (1 if relation or before or start == 0 else 0) + ASKED * self.asked
        score += int(parts > 1 and (whole or self.text(chain.end) in (".", "")))
        score += nearest if nearest < 0 else max(nearest, self._leads(start, relation > 0))
        corrects = not self.known.correcting.isdisjoint(self.texts[max(0, start - CORRECTING_REACH) : start])
        return Part(self._after_articles(begin), chain.end, score + corrects)

    def _begun(self, begin: int) -> tuple[int, int, int]:
        """Where a chain begins with the little places before it, how long the relation before that, and how many."""
        spots, begin = 0, self._with_kind(begin)
        while True:
            begin -= begin > 0 and self.texts[begin - 1] in self.known.article
            relation = self.relation_ending(begin)
            before = begin - relation - (not relation and begin > 0 and self.texts[begin - 1] == ",")
            spot = self._spot_ending(before) if before < begin and spots < MAX_SPOTS else 0
            if not spot:
                return begin, relation, spots
            begin, spots = before - spot, spots + 1

    def _with_kind(self, begin: int) -> int:
        """Where a landmark begins with the words that say what kind it is: "the kebab shop", "Wuse Zone 5"."""
        names = 0
        while names < MAX_NAMES and self.is_name(begin - 1 - names):
            names += 1
        if names or self.items[begin].capital or is_number(self.texts[begin]):
            return begin - names
        for things in (1, 2):
            first = begin - things
            if first > 0 and self.texts[first - 1] in self.known.article:
                return first if all(self.is_thing(k) for k in range(first, begin)) else begin
        return begin

    def _spot_ending(self, at: int) -> int:
        """Items of a little place, with its article, that ends before an item: "the zebra crossing", "in the sauna"."""
        for length in range(1, min(MAX_NAMES, at - 1) + 1):
            led = self.relation_ending(at - length - 1) or self.text(at - length - 2) == "to"
            if self.texts[at - length - 1] == "the" and led:
                told = all(self.is_thing(k) for k in range(at - length, at))
                return length if told else self.ending(at, _spots())
        return self.ending(at, _spots())

    def _after_articles(self, begin: int) -> int:
        return begin + (self.texts[begin] in ("a", "an", "my", "our", "this", "that"))

    def _leads(self, start: int, related: bool) -> int:
        """What the words before a place say of it: that it is the one, or that somebody was there once."""
        for at in range(start - 1, max(-1, start - 5), -1):
            text = self.texts[at]
            if text in PUNCTUATION:
                break
            pair = f"{self.texts[at - 1]} {text}" if at else text
            if related and at >= start - 2 and (text in self.known.away or pair in self.known.away):
                return AWAY
            if text in self.known.lead or pair in self.known.lead:
                return LED
        return 0
