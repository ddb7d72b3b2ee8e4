"""Structured answers: from the text of a model to a pydantic model that is closed, complete and grounded.

In: text, schema, the words of the call. Out: the value and whether it had to be repaired. What is wrong only in form is
repaired once: a fence, text around the object, an unclosed bracket, unknown fields, an ungrounded optional field (it
becomes unknown). Imports pydantic, which whoever asks for such an answer has imported before. Pure.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from .errors import RejectedError
from .grounding import Grounded, Words

_FENCE: Final = re.compile(r"^\s*```[a-zA-Z]*\s*\n?(.*?)\n?\s*```\s*$", re.DOTALL)
_TRAILING_COMMA: Final = re.compile(r",\s*([}\]])")


def read_answer(text: str, schema: type[BaseModel], sources: Sequence[str]) -> tuple[BaseModel, bool]:
    """The value and whether it was repaired. Raises RejectedError."""
    try:
        value, repaired = schema.model_validate_json(text), False
    except ValidationError:
        value, repaired = _repaired(text, schema), True
    if not sources or not _marked_fields(schema):
        return value, repaired
    grounded = _grounded(value, Words(sources))
    return grounded, repaired or grounded is not value


def _repaired(text: str, schema: type[BaseModel]) -> BaseModel:
    """The one local repair: of form, never of meaning."""
    fenced = _FENCE.match(text)
    body = fenced[1] if fenced else text
    start = body.find("{")
    if start < 0:
        raise RejectedError("no_object")
    try:
        found, _ = json.JSONDecoder().raw_decode(_TRAILING_COMMA.sub(r"\1", _balanced(body[start:])))
        return schema.model_validate(_known_fields(found, schema), strict=False)
    except (ValueError, RecursionError):
        raise RejectedError("schema") from None


def _balanced(text: str) -> str:
    """The text with the brackets closed that are still open at its end, and an open string ended."""
    stack, quoted, escaped = [], False, False
    for letter in text:
        if quoted:
            quoted = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            quoted = True
        elif letter in "{[":
            stack.append("}" if letter == "{" else "]")
        elif letter in "}]" and stack:
            stack.pop()
            if not stack:
                break
    return text + ('"' if quoted else "") + "".join(reversed(stack))


def _known_fields(found: Any, schema: type[BaseModel]) -> Any:
    if not isinstance(found, dict):
        return found
    return {name: value for name, value in found.items() if name in schema.model_fields}


@dataclass(frozen=True, slots=True)
class _Marked:
    """A field that is grounded itself, or holds models with such fields."""

    name: str
    grounded: bool
    optional: bool


@lru_cache(maxsize=256)
def _marked_fields(schema: type[BaseModel]) -> tuple[_Marked, ...]:
    return tuple(
        _Marked(name, grounded, NoneType in get_args(info.annotation))
        for name, info in schema.model_fields.items()
        if (grounded := any(isinstance(mark, Grounded) for mark in info.metadata)) or _models_in(info.annotation)
    )


def _models_in(annotation: Any) -> bool:
    """Whether a field's type mentions a model that has marked fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(_marked_fields(annotation))
    return any(_models_in(argument) for argument in get_args(annotation))


def _grounded(value: BaseModel, words: Words) -> BaseModel:
    """The same value when all is grounded, else a copy in which ungrounded optional fields and list items are gone."""
    changes = {
        marked.name: kept
        for marked in _marked_fields(type(value))
        if (kept := _kept(getattr(value, marked.name), marked, words)) is not getattr(value, marked.name)
    }
    return value.model_copy(update=changes) if changes else value


def _kept(held: Any, marked: _Marked, words: Words) -> Any:
    if isinstance(held, list | tuple):
        kept = [item for item in (_kept_item(item, marked, words) for item in held) if item is not None]
        same = len(kept) == len(held) and all(new is old for new, old in zip(kept, held, strict=True))
        return held if same else type(held)(kept)
    kept_item = _kept_item(held, marked, words)
    if kept_item is None and held is not None and not marked.optional:
        raise RejectedError(f"ungrounded:{marked.name}")
    return kept_item


def _kept_item(item: Any, marked: _Marked, words: Words) -> Any:
    """The item, or None for one that is not grounded; a list drops an item whose required field is not."""
    if isinstance(item, BaseModel):
        try:
            return _grounded(item, words)
        except RejectedError:
            return None
    return item if not marked.grounded or words.hold(item) else None
