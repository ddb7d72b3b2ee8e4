"""Two speakers: what the operator asked, and what the caller's short answer says about it.

In: the operator's chunk, then the caller's. Out: `Topic`s and the findings that an answer sets. The questions are data
(`questions.yaml`); a question outside it still works, because whatever findings its own words name become its topic.
"Is he breathing?" - "yes" only ever sets `breathing_some`, which clears nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pydantic import BaseModel, ConfigDict

from .findings import catalogue, mentions
from .patterns import Pattern, pattern
from .prefilter import Prefilter
from .replies import BREATHING, replied
from .resources import document
from .words import Chunk


class Answer(StrEnum):
    """A short answer."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class QuestionSpec(BaseModel):
    """A question that operators ask, from `questions.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ask: str
    """For reading aloud."""
    why: str
    asked: tuple[str, ...] = ()
    """Patterns of an operator asking it."""
    covers: tuple[str, ...] = ()
    """Questions whose words this one has too: asked together, only this one is meant."""
    answers: tuple[str, ...] = ("Yes", "No", "Don't know")
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    """Findings that the answer states; `-code` states its absence."""
    unsure: tuple[str, ...] = ()
    """What "I don't know" is taken for: the more serious side."""
    known_by: tuple[str, ...] = ()
    """Findings or fields that make the question needless."""
    field: str | None = None
    due_s: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something asked, and what each answer states."""

    code: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    unsure: tuple[str, ...]


@lru_cache(maxsize=1)
def questions() -> dict[str, QuestionSpec]:
    """Every question by code."""
    return {code: QuestionSpec.model_validate(body) for code, body in document("questions.yaml").items()}


@lru_cache(maxsize=1)
def _asked() -> Prefilter[str]:
    """Every way of asking a question, with the question's code."""
    return Prefilter((pattern(p), code) for code, spec in questions().items() for p in spec.asked)


def question_patterns() -> Iterator[Pattern]:
    """Every pattern of every question that operators ask."""
    return (asked for asked, _ in _asked().entries)


def topics_of(chunk: Chunk) -> tuple[Topic, ...]:
    """What a chunk asks about: known questions, else the findings that its words name."""
    codes = dict.fromkeys(code for asked, code in _asked().near(chunk.text) if asked.found(chunk.text))
    meant = codes.keys() - {code for one in codes for code in questions()[one].covers}
    known = [_asked_with(chunk, _topic(code, questions()[code])) for code in codes if code in meant]
    covered = {code.lstrip("-") for topic in known for code in (*topic.yes, *topic.no)}
    named = dict.fromkeys(m.code for m in mentions(chunk) if m.code not in covered and _is_felt(m.code))
    asks = chunk.question or _ASKING.match(chunk.text) is not None
    others = [Topic(f"is_{code}", (code,), (f"-{code}",), ()) for code in named] if asks else []
    return (*known, *others)


def _asked_with(chunk: Chunk, topic: Topic) -> Topic:
    """ "Is she awake and breathing?" is one question: its yes is to both."""
    both = topic.code.startswith("breathing") and _BOTH.search(chunk.text) is not None
    return replace(topic, yes=("awake", *topic.yes)) if both else topic


_BOTH: Final = re.compile(
    r" (?:awake|conscious|responding|responsive|alert|talking) and (?:is )?(?:he |she |they )?breathing "
)


def _is_felt(code: str) -> bool:
    """Symptoms, signs and illnesses can be asked after by their names; what happened cannot."""
    return catalogue()[code].kind in ("symptom", "sign", "condition") and code not in _STATES


_STATES: Final = frozenset(
    {"unresponsive", "awake", "active", "breathing_absent", "breathing_some", "breathing_normal"}
)
_ASKING: Final = re.compile(
    r" (?:okay |and |so |right |but |now |well |, )*"
    r"(?:is|are|was|does|do|did|has|have|can|any|could|will|would|what|where|how) "
)


def marked_topics(codes: Iterable[str]) -> tuple[Topic, ...]:
    """The topics of questions that the operator marked as asked; codes of no known question are left out."""
    return tuple(_topic(code, questions()[code]) for code in codes if code in questions())


def _topic(code: str, spec: QuestionSpec) -> Topic:
    return Topic(code, spec.yes, spec.no, spec.unsure)


@dataclass(frozen=True, slots=True)
class _Openings:
    """How short answers begin, from `answers.yaml`."""

    yes: re.Pattern[str]
    weak: re.Pattern[str]
    """A yes to "is there any" and "does it hurt" that says nothing of whether somebody is awake or breathes."""
    no: re.Pattern[str]
    doubt: re.Pattern[str]
    cut_short: re.Pattern[str]
    turned: re.Pattern[str]
    fine: re.Pattern[str]
    partly: re.Pattern[str]
    poorly: re.Pattern[str]
    """Breathing of a kind: no "no" to whether somebody breathes."""
    mistake: re.Pattern[str]
    not_yet: re.Pattern[str]


@lru_cache(maxsize=1)
def _openings() -> _Openings:
    raw = {kind: "|".join(texts) for kind, texts in document("answers.yaml").items()}
    filler = rf"^ (?:(?:{raw['filler']}) )*"
    polite = r"(?:(?:she|he|it|they) (?:is|are) )?(?:breathing )?(?:(?:quite|really|perfectly|totally|all|very|yes) )?"
    return _Openings(
        yes=re.compile(
            rf"{filler}(?:(?:{raw['yes']}) (?=(?:{raw['yes_then']})\b|[.,!?]|$)"
            rf"|(?:{raw['echo']}) (?=(?:{raw['echo_then']})\b|[.,!?]|$))"
        ),
        weak=re.compile(rf"{filler}(?:{raw['weak']}) "),
        no=re.compile(rf"{filler}(?:(?:{raw['no']}) |(?:{raw['no_then']}) (?=[.,!?]|$|{raw['no_more']}))"),
        doubt=re.compile(rf"{filler}(?:no |yes )?(?:i )?(?:{raw['unsure']}) "),
        cut_short=re.compile(rf" (?:{raw['cut_short']}) (?:is|has|does|was) , (?:no|nope|not) "),
        turned=re.compile(rf" (?:{raw['turned']}) "),
        fine=re.compile(rf"{filler}{polite}(?:{raw['fine']}) "),
        mistake=re.compile(rf" (?:{raw['mistake']}) "),
        not_yet=re.compile(rf"^ (?:(?:{raw['not_yet']})) "),
        partly=re.compile(rf"{filler}{polite}(?:{raw['partly']}) "),
        poorly=re.compile(rf"{filler}{polite}(?:{raw['poorly']}) "),
    )


def answer_in(chunk: Chunk) -> Answer | None:
    """The short answer with which a caller's chunk opens, corrections taken; None when it opens otherwise."""
    text = chunk.text
    if _openings().mistake.search(text):
        return None
    if _openings().cut_short.match(text):
        return Answer.NO
    if _openings().doubt.match(text):
        return Answer.UNSURE
    if _openings().yes.match(text):
        return Answer.NO if _openings().turned.search(text) else Answer.YES
    return Answer.NO if _openings().no.match(text) else None


def is_weak(chunk: Chunk) -> bool:
    """Whether a chunk opens with words that answer "is there any" at most: "there's a vet here", "very", "a bit"."""
    return _openings().weak.match(chunk.text) is not None and answer_in(chunk) is Answer.YES


def stated_in_reply(chunk: Chunk, topics: tuple[Topic, ...]) -> tuple[str, ...]:
    """The findings that a chunk states because of what was asked, besides those of a yes or no; each once."""
    plain = _breathing_said(chunk, topics)
    others = replied(chunk, (topic.code for topic in topics))
    return tuple(dict.fromkeys((*([plain] if plain else ()), *others)))


def _breathing_said(chunk: Chunk, topics: tuple[Topic, ...]) -> str | None:
    """Asked about breathing, the caller opens with "normal", "barely" and the like: the finding that this states."""
    if BREATHING.isdisjoint(topic.code for topic in topics):
        return None
    if _openings().partly.match(chunk.text) or _openings().poorly.match(chunk.text):
        return "breathing_abnormal"
    return "breathing_normal" if _openings().fine.match(chunk.text) else None


_OF_LIFE: Final = BREATHING | {"conscious"}
"""Questions that want a clear answer."""


def unclear_of_breathing(chunk: Chunk, topics: tuple[Topic, ...], named: Iterable[str]) -> bool:
    """Whether somebody asked about breathing tells of something that is neither a yes nor normal breathing.

    `named` are the findings that the chunk names; a word of being awake, or of breathing, is an answer of its own.
    """
    asked = not BREATHING.isdisjoint(topic.code for topic in topics)
    told = any(code in _ANSWERS or code.startswith("breathing") for code in named)
    small = len(chunk.tokens) < MIN_TOLD or chunk.question
    return asked and not told and not small and _openings().not_yet.match(chunk.text) is None


MIN_TOLD: Final = 4
"""Fewer tokens tell of nothing."""
_ANSWERS: Final = frozenset({"awake", "active", "came_round", "seizure_now", "choking_now", "confused", "pain_any"})


def answered_topics(topics: tuple[Topic, ...], answer: Answer, chunk: Chunk) -> tuple[Topic, ...]:
    """What the answer is to: "no" to all that was asked at once, anything else to the last known question only.

    A weak answer is none to a question of life, and "not properly" none to one of breathing.
    """
    beside = _OF_LIFE if is_weak(chunk) else BREATHING if _openings().poorly.match(chunk.text) else frozenset()
    topics = tuple(topic for topic in topics if topic.code not in beside)
    if answer is Answer.NO or len(topics) <= 1:
        return topics
    known = [topic for topic in topics if topic.code in questions()]
    return tuple(known[-1:])


def answered(topic: Topic, answer: Answer) -> Iterator[tuple[str, bool]]:
    """The findings that an answer states, each present or absent."""
    stated = {Answer.YES: topic.yes, Answer.NO: topic.no, Answer.UNSURE: topic.unsure}[answer]
    for code in stated:
        yield code.lstrip("-"), not code.startswith("-")
