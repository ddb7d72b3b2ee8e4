"""Reads plain values of a TOML document into frozen dataclasses, strictly: right type, right bounds, no unknown key.

In: a dataclass and a mapping. Out: an instance, or problems with their places, all of them at once. A field says more
than its type in its metadata: `low` and `high` (inclusive), `above` (exclusive), `pattern`, `most` (items). Written out
here rather than taken from pydantic, because a policy is read by processes that import nothing else of size. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, field, fields, is_dataclass
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

NAME: Final = r"[a-z][a-z0-9_]{0,47}"
_BAD: Final = object()


def limited(
    *,
    default: Any = MISSING,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    pattern: str | None = None,
    most: int | None = None,
) -> Any:
    """A dataclass field with bounds: `low <= x <= high`, `above < x`, a text that fits `pattern`, 1 to `most` items."""
    metadata = {"low": low, "high": high, "above": above, "pattern": pattern, "most": most}
    if isinstance(default, dict):
        return field(default_factory=lambda: default, metadata=metadata)
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def read(kind: type[T], document: object, place: str, problems: list[str]) -> T | None:
    """An instance of `kind`, or None with the reasons added to `problems`."""
    if not isinstance(document, Mapping):
        problems.append(f"{place}: must be a table")
        return None
    known: dict[str, Field[Any]] = {f.name: f for f in fields(kind) if f.init}  # type: ignore[arg-type]
    before = len(problems)
    problems += [f"{place}.{key}: unknown key" for key in document if key not in known]
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, spec in known.items():
        if name in document:
            values[name] = _value(hints[name], document[name], f"{place}.{name}", spec.metadata, problems)
        elif spec.default is MISSING and spec.default_factory is MISSING:
            problems.append(f"{place}.{name}: missing")
    return kind(**values) if len(problems) == before else None


def _value(hint: Any, given: object, place: str, limits: Mapping[str, Any], problems: list[str]) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if given is None:
            return None
        return _value(next(a for a in arguments if a is not NoneType), given, place, limits, problems)
    if is_dataclass(hint):
        return read(hint, given, place, problems)  # type: ignore[arg-type]
    if origin is tuple:
        return _items(arguments, given, place, limits, problems)
    if origin is not None and _is_mapping(origin):
        return _table(arguments, given, place, problems)
    value = _plain(hint, given)
    if value is _BAD:
        problems.append(f"{place}: must be {_told(hint)}")
    else:
        problems += [f"{place}: {problem}" for problem in _broken(value, limits)]
    return value


def _is_mapping(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _items(
    arguments: tuple[Any, ...], given: object, place: str, limits: Mapping[str, Any], problems: list[str]
) -> Any:
    if not isinstance(given, list):
        problems.append(f"{place}: must be a list")
        return ()
    most = limits.get("most")
    if most is not None and not 1 <= len(given) <= most:
        problems.append(f"{place}: must have 1 to {most} items")
    if arguments[-1] is not Ellipsis and len(given) != len(arguments):
        problems.append(f"{place}: must have {len(arguments)} items")
    return tuple(_value(arguments[0], item, f"{place}[{at}]", {}, problems) for at, item in enumerate(given))


def _table(arguments: tuple[Any, ...], given: object, place: str, problems: list[str]) -> Any:
    if not isinstance(given, Mapping):
        problems.append(f"{place}: must be a table")
        return {}
    read_table = {}
    for key, item in given.items():
        name = _plain(arguments[0], key)
        if name is _BAD or (arguments[0] is str and not re.fullmatch(NAME, key)):
            problems.append(f"{place}.{key}: not a name")
        read_table[name] = _value(arguments[1], item, f"{place}.{key}", {}, problems)
    return read_table


def _plain(hint: Any, given: object) -> Any:
    if get_origin(hint) is Literal:
        return given if given in get_args(hint) else _BAD
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next((member for member in hint if member.value == given), _BAD)
    if hint is float and isinstance(given, int) and not isinstance(given, bool):
        return float(given)
    return given if type(given) is hint else _BAD


def _told(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "one of " + ", ".join(str(member.value) for member in hint)
    names = {str: "a text", int: "a whole number", float: "a number", date: "a date"}
    return names.get(hint, "of another type")


def _broken(value: Any, limits: Mapping[str, Any]) -> list[str]:
    problems = []
    if limits.get("low") is not None and value < limits["low"]:
        problems.append(f"must be at least {limits['low']}")
    if limits.get("above") is not None and value <= limits["above"]:
        problems.append(f"must be more than {limits['above']}")
    if limits.get("high") is not None and value > limits["high"]:
        problems.append(f"must be at most {limits['high']}")
    if limits.get("pattern") is not None and not re.fullmatch(limits["pattern"], value):
        problems.append("not a name")
    return problems
