"""Whether an answer may be used: its form, its grounds, and the caller's own rule.

In: the bytes that a model sent, the schema, the words of the call, the floor's answer. Out: a checked value, or a
RejectedError that names the rule that was broken and never the text. What is wrong only in form is repaired once, here
and without a model (`structured.py`). Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, cast

from .errors import RejectedError
from .grounding import Words
from .requests import AnswerT

MAX_ANSWER_CHARS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Checked(Generic[AnswerT]):
    """An answer that may be used."""

    value: AnswerT = field(repr=False)
    repaired: bool


def check(
    text: str,
    schema: type[AnswerT],
    sources: Sequence[str],
    floor: AnswerT,
    invariant: Callable[[AnswerT, AnswerT], str | None] | None,
) -> Checked[AnswerT]:
    """The checked answer. Raises RejectedError."""
    if len(text) > MAX_ANSWER_CHARS:
        raise RejectedError("too_long")
    value, repaired = _plain(text, sources) if schema is str else _structured(text, schema, sources)
    broken = invariant(cast("AnswerT", value), floor) if invariant is not None else None
    if broken is not None:
        raise RejectedError(f"invariant:{broken}")
    return Checked(cast("AnswerT", value), repaired)


def _plain(text: str, sources: Sequence[str]) -> tuple[str, bool]:
    answer = text.strip()
    if not answer:
        raise RejectedError("empty")
    if sources and not Words(sources).holds_numbers_of(answer):
        raise RejectedError("ungrounded_number")
    return answer, False


def _structured(text: str, schema: Any, sources: Sequence[str]) -> tuple[Any, bool]:
    from .structured import read_answer

    return read_answer(text, schema, sources)
