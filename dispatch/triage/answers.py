"""Two speakers: what the operator asked, and what the caller's short answer says about it.

In: the operator's chunk, then the caller's. Out: `Topic`s and the findings that an answer sets. The questions are data
(`questions.yaml`); a question outside it still works, because whatever findings its own words name become its topic.
"Is he breathing?" - "yes" only ever sets `breathing_some`, which clears nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pydantic import BaseModel, ConfigDict

from .findings import mentions
from .patterns import Pattern, pattern
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
def _asked() -> tuple[tuple[str, Pattern], ...]:
    return tuple((code, pattern(p)) for code, spec in questions().items() for p in spec.asked)


def topics_of(chunk: Chunk) -> tuple[Topic, ...]:
    """What a chunk asks about: known questions, else the findings that its words name."""
    codes = dict.fromkeys(code for code, asked in _asked() if asked.found(chunk.text))
    known = [_topic(code, questions()[code]) for code in codes]
    covered = {code.lstrip("-") for topic in known for code in (*topic.yes, *topic.no)}
    named = dict.fromkeys(m.code for m in mentions(chunk) if m.code not in covered)
    asks = chunk.question or _ASKING.match(chunk.text) is not None
    others = [Topic(f"is_{code}", (code,), (f"-{code}",), ()) for code in named] if asks else []
    return (*known, *others)


_ASKING: Final = re.compile(
    r" (?:okay |and |so |right |but |now |well |, )*(?:is|are|was|does|do|did|has|have|can|any|could|will|would|what|where|how) "
)


def _topic(code: str, spec: QuestionSpec) -> Topic:
    return Topic(code, spec.yes, spec.no, spec.unsure)


_FILLER: Final = r"(?:oh |well |um |er |i mean |so |and |, |okay |god |please |sorry |hang on |let me see |just |he is \. \. |the |my )*"
_YES: Final = re.compile(
    rf"^ {_FILLER}(?:yes|correct|that is right|definitely|absolutely|of course|i do|i am|he is|she is|they are|he does|she does|he can|she can|she has|he has|i have|i can|there is|a bit|a little|quite a lot|sort of yes|affirmative|loads|lots|very) (?=[.,!?]|$|he|she|it|i |and|but|a |the|they|there|yes|my|loads|in|so|for|just|about|perfectly|fine|love|really|very|well|too|with|all|now|still)"
)
_NO: Final = re.compile(
    rf"^ {_FILLER}(?:no|not|none|never|negative|nothing|neither|nowt|i do not|i am not|he is not|she is not|they are not|he does not|she does not|he can not|she can not|it is not|there is not|does not|is not|can not|hardly|barely|i can not|not really|no no|he has not|she has not|it does not|they do not) "
)
_DOUBT: Final = re.compile(
    rf"^ {_FILLER}(?:no |yes )?(?:i )?(?:do not know|can not tell|not sure|am not sure|no idea|maybe|perhaps|hard to say|hard to tell|might be|could be|i do not think so i do not know|can not see|could not say|possibly|can not say)"
)
_CUT_SHORT: Final = re.compile(r" (?:he|she|it|they|baby) (?:is|has|does|was) , (?:no|nope|not) ")
_TURNED: Final = re.compile(
    r" (?:no wait|wait no|no , wait|wait , no|actually no|sorry no|sorry , no|i mean no|no no , that|no , no|yes \. no|but no|actually , no|no , that was|no that was|well no)"
)


def answer_in(chunk: Chunk) -> Answer | None:
    """The short answer with which a caller's chunk opens, corrections taken; None when it opens otherwise."""
    text = chunk.text
    if _CUT_SHORT.match(text):
        return Answer.NO
    if _DOUBT.match(text):
        return Answer.UNSURE
    if _YES.match(text):
        return Answer.NO if _TURNED.search(text) else Answer.YES
    return Answer.NO if _NO.match(text) else None


_FINE: Final = re.compile(
    rf"^ {_FILLER}(?:she is |he is |it is |they are )?(?:breathing )?(?:quite |really |perfectly |totally |all |very |yes )?"
    r"(?:normal|normally|fine|good|okay|regular|steady|lovely|perfect|perfectly|even|all right|gentle|gently|easy) "
)


def says_normal(chunk: Chunk, topics: tuple[Topic, ...]) -> bool:
    """Asked about breathing, the caller opens with "normal" or the like."""
    asked = any(topic.code.startswith("breathing") for topic in topics)
    return asked and _FINE.match(chunk.text) is not None


def answered(topic: Topic, answer: Answer) -> Iterator[tuple[str, bool]]:
    """The findings that an answer states, each present or absent."""
    stated = {Answer.YES: topic.yes, Answer.NO: topic.no, Answer.UNSURE: topic.unsure}[answer]
    for code in stated:
        yield code.lstrip("-"), not code.startswith("-")
