"""The cheap look at a text's words finds everything that trying every pattern would find."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.triage.answers import questions
from dispatch.triage.findings import catalogue
from dispatch.triage.patterns import Pattern, clues, pattern
from dispatch.triage.resources import document
from dispatch.triage.words import chunk_of

from .speech import words

pytestmark = pytest.mark.property

parse: Callable[[str], Any] = re._parser.parse  # type: ignore[attr-defined]  # reads a pattern as the engine does
ANY_WORDS = ("well", "chest", "not", ",", "the", "12", "she", "blood")


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every pattern of the package."""
    found = [text for spec in catalogue().values() for text in (*spec.says, *spec.fixed, *spec.unless)]
    found += [text for texts in document("context.yaml").values() for text in texts]
    found += [text for spec in questions().values() for text in spec.asked]
    return tuple(map(pattern, dict.fromkeys(found)))


@cache
def sentences() -> tuple[str, ...]:
    """What this project's own tests let callers say."""
    written = [sentence for spec in catalogue().values() for sentence in (*spec.yes, *spec.no)]
    for path in sorted(Path(__file__).parent.rglob("*.txt")):
        written += re.split(r"[|\[\]\n]", path.read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(one.strip() for one in written if one.strip()))


def as_chunk(sentence: str) -> str:
    said = words(sentence)
    return chunk_of(said, 0, len(said)).text


def example(tree: Any, chance: Random) -> str:
    """One text that a parsed expression can match, where it looks at nothing around it."""
    return "".join(_piece(kind.name, value, chance) for kind, value in tree)


def _piece(kind: str, value: Any, chance: Random) -> str:
    if kind == "LITERAL":
        return chr(value)
    if kind == "BRANCH":
        return example(chance.choice(value[1]), chance)
    if kind == "SUBPATTERN":
        return example(value[3], chance)
    if kind == "MAX_REPEAT":
        low, high, inner = value
        if [part.name for part, _ in inner] == ["IN"]:
            return chance.choice(ANY_WORDS[:3])
        return "".join(example(inner, chance) for _ in range(chance.randint(low, min(int(high), low + 2))))
    return ""  # a look around, or an end


def missed(text: str, among: tuple[Pattern, ...]) -> Iterator[str]:
    known = clues(text)
    for one in among:
        spans = [match.span() for match in one.regex.finditer(text)]
        passed = not one.keys.isdisjoint(known) and one.possible(known)
        if spans and not passed:
            yield f"{one.text!r} is not tried on {text!r}"
        if [match.span() for match in one.finditer(text)] != spans:
            yield f"{one.text!r} matches otherwise in {text!r}"


def test_each_pattern_is_tried_on_the_texts_that_it_matches() -> None:
    chance, matched = Random(20), 0
    for one in patterns():
        tree = parse(one.source)
        texts = [f" {chance.choice(ANY_WORDS)} {example(tree, chance)}{chance.choice(ANY_WORDS)} " for _ in range(3)]
        matched += sum(one.regex.search(text) is not None for text in texts)
        assert not [fault for text in texts for fault in missed(text, (one,))]
    assert matched > 2.5 * len(patterns())


@given(st.lists(st.sampled_from(sentences()), min_size=1, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_no_sentence_loses_a_finding_to_the_cheap_look(said: list[str], chance: Random) -> None:
    one = chance.choice(patterns())
    text = as_chunk(f"{' '.join(said)} {example(parse(one.source), chance)}")
    assert not list(missed(text, patterns()))
