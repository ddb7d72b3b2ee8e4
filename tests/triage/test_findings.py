"""The catalogue: every finding's own examples, and every lexicon entry heard through a pattern that uses it."""

import re

import pytest

from dispatch.triage import warm_up
from dispatch.triage.context import Subject, Time
from dispatch.triage.findings import catalogue, mentions
from dispatch.triage.patterns import PatternError, inflected, lexicon, pattern
from dispatch.triage.words import chunk_of, cut

from .speech import words

pytestmark = pytest.mark.unit

_YES = [(code, sentence) for code, spec in catalogue().items() for sentence in spec.yes]
_NO = [(code, sentence) for code, spec in catalogue().items() for sentence in spec.no]
_PATTERNS = sorted({text for spec in catalogue().values() for text in (*spec.says, *spec.fixed)})


def stated(sentence: str) -> set[str]:
    said = words(sentence)
    closed, rest = cut(said)
    spans = [*closed, *([(rest, len(said))] if rest < len(said) else [])]
    found = [m for begin, end in spans for m in mentions(chunk_of(said, begin, end))]
    return {
        m.code
        for m in found
        if m.present and m.time in (Time.NOW, Time.RECENT) and m.subject not in (Subject.NOT_A_PERSON, Subject.RELATIVE)
    }


@pytest.mark.parametrize(("code", "sentence"), _YES)
def test_a_finding_is_heard_in_its_examples(code: str, sentence: str) -> None:
    assert code in stated(sentence)


@pytest.mark.parametrize(("code", "sentence"), _NO)
def test_a_finding_is_not_heard_in_its_counter_examples(code: str, sentence: str) -> None:
    assert code not in stated(sentence)


def shortest(text: str, tag: str = "", entry: str = "") -> str:
    """A phrase that a pattern must match: first choices, no optional parts, `entry` for `<tag>`."""
    text = text.replace(f"<{tag}>", entry) if tag else text
    text = re.sub(r"<(\w+)>", lambda m: lexicon()[m[1]][0], text)
    while (inner := re.sub(r"\(([^()]*)\)\?", "", text)) != text or "(" in text:
        text = inner if inner != text else re.sub(r"\(([^()]*)\)", lambda m: m[1].split("|")[0].strip(), text, count=1)
    text = re.sub(r"[\w',]+\?", "", text).replace("~", "")
    return " ".join(word for word in text.split() if word not in ("..", "...", "//", "^"))


def heard(phrase: str) -> str:
    said = words(phrase)
    return chunk_of(said, 0, len(said)).text if said else " "


@pytest.mark.parametrize("text", _PATTERNS)
def test_a_pattern_matches_the_phrase_that_it_describes(text: str) -> None:
    phrase = " ".join(inflected(w)[0] for w in shortest(text).split())
    assert pattern(text).found(f" {phrase} ") or pattern(text).found(heard(phrase))


@pytest.mark.parametrize("tag", sorted({tag for text in _PATTERNS for tag in re.findall(r"<(\w+)>", text)}))
def test_every_entry_of_a_lexicon_is_heard_through_a_pattern(tag: str) -> None:
    using = min((text for text in _PATTERNS if f"<{tag}>" in text), key=len)
    deaf = [
        entry
        for entry in lexicon()[tag]
        if not pattern(using).found(f" {shortest(using, tag, entry)} ")
        and not pattern(using).found(heard(shortest(using, tag, entry)))
    ]
    assert deaf == []


def test_an_unknown_tag_in_a_pattern_is_refused() -> None:
    with pytest.raises(PatternError, match="unknown"):
        pattern("<no_such_tag> pain")


def test_a_pattern_of_gaps_only_is_refused() -> None:
    with pytest.raises(PatternError, match="fixed word"):
        pattern(".. ...")


def test_all_patterns_compile() -> None:
    assert warm_up() > 1000
