"""Whether a card holds the right answers of a scenario.

In: the gold of a rubric and the last card. Out: what is wrong. Addresses and numbers are compared by their words and
digits, not letter by letter; a field that the gold does not name is never wrong.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from dispatch.contract.card import Card, FieldName
from dispatch.contract.timeline import CardUpdated, TimelineEntry
from dispatch.contract.training import Gold
from dispatch.triage.numerals import Token, with_digits

ANY: Final = "any"
_SMALL_WORDS: Final = frozenset(
    {"the", "at", "of", "on", "by", "near", "in", "and", "corner", "beach", "bus", "stop", "finish", "a"}
)
_WORD: Final = re.compile(r"[a-z0-9]+")


def last_card(entries: Sequence[TimelineEntry]) -> Card | None:
    """The card as it stood at the end."""
    return next((entry.body.card for entry in reversed(entries) if isinstance(entry.body, CardUpdated)), None)


def category_right(gold: Gold | None, card: Card | None) -> bool | None:
    """Whether the category at the end is a right one; None where nobody knows."""
    if gold is None:
        return None
    return card is not None and card.category in (gold.category, *gold.accept)


def wrong_fields(gold: Gold | None, card: Card | None) -> Iterator[FieldName]:
    """The fields of the gold that the card does not hold, or holds otherwise."""
    if gold is None:
        return
    values = {field.name: field.value for field in card.fields} if card else {}
    for name, right in _comparisons(gold, values):
        if not right:
            yield name


def _comparisons(gold: Gold, values: dict[FieldName, str]) -> Iterator[tuple[FieldName, bool]]:
    if gold.address is not None:
        wanted, found = _words(gold.address), _words(values.get(FieldName.LOCATION, ""))
        yield FieldName.LOCATION, wanted <= found
    if gold.callback is not None:
        number = re.sub(r"\D", "", values.get(FieldName.CALLBACK_NUMBER, ""))
        yield FieldName.CALLBACK_NUMBER, number == re.sub(r"\D", "", gold.callback)
    if ANY not in gold.accept_complaints:
        named = values.get(FieldName.COMPLAINT)
        yield FieldName.COMPLAINT, named in (gold.complaint, *gold.accept_complaints)
    if gold.age is not None:
        yield FieldName.AGE, _years(values.get(FieldName.AGE, "")) == gold.age
    if gold.conscious is not None:
        yield FieldName.CONSCIOUS, values.get(FieldName.CONSCIOUS) == ("yes" if gold.conscious else "no")
    if gold.breathing is not None:
        yield FieldName.BREATHING, values.get(FieldName.BREATHING) == gold.breathing


def _words(text: str) -> frozenset[str]:
    found = _WORD.findall(text.lower())
    tokens = with_digits([Token(word, place, place) for place, word in enumerate(found)])
    return frozenset(token.text for token in tokens) - _SMALL_WORDS


def _years(value: str) -> int | None:
    digits = re.search(r"\d+(?:\.\d+)?", value)
    return int(float(digits.group())) if digits else None
