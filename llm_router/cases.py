"""Case descriptions from a closed vocabulary: the only account of a call that a cloud provider may get.

In: values for the fields of a `CaseVocabulary` that the caller's project gives (complaint codes, age bands, vitals).
Out: a `CaseText`, labelled de-identified by its type. There is no field for free text: a code stands in the vocabulary
or is refused, and a number is held within its bounds and rounded down to its step, so that no transcript, name or
exact age can pass. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .errors import RequestError

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,47}(-[0-9]{1,3})?|[0-9]{1,3}-[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Codes:
    """A field that holds one or more codes of a closed list. A code is `lower_case` or a band `60-69`."""

    allowed: frozenset[str]
    many: bool = False

    def __post_init__(self) -> None:
        if wrong := sorted(code for code in self.allowed if not _CODE.fullmatch(code)):
            raise RequestError(f"{len(wrong)} codes of a vocabulary are not codes")

    def render(self, value: object) -> str:
        """The codes as text. Raises RequestError for one that is not in the list; its message does not repeat it."""
        chosen = [value] if isinstance(value, str) else list(value) if isinstance(value, Sequence) else []
        if not chosen or (len(chosen) > 1 and not self.many) or not self.allowed.issuperset(chosen):
            raise RequestError("a case value is not in the vocabulary")
        return ", ".join(sorted(str(code) for code in chosen))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A field that holds a number in `unit`, held within the bounds and rounded down to `step`."""

    minimum: int
    maximum: int
    step: int
    unit: str

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.unit) or self.step < 1 or self.minimum > self.maximum:
            raise RequestError("a quantity of a vocabulary is not well formed")

    def render(self, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise RequestError("a case value is not a number")
        held = int(min(max(value, self.minimum), self.maximum))
        return f"{self.minimum + (held - self.minimum) // self.step * self.step} {self.unit}"


@dataclass(frozen=True, slots=True)
class CaseVocabulary:
    """The fields that a case description may have, by name."""

    fields: Mapping[str, Codes | Quantity]

    def __post_init__(self) -> None:
        if not all(_CODE.fullmatch(name) for name in self.fields):
            raise RequestError("a field name of a vocabulary is not a code")

    def describe(self, values: Mapping[str, object]) -> "CaseText":
        """The description of one case. Raises RequestError for an unknown field or a value outside the vocabulary."""
        return CaseText(self, values)


@dataclass(frozen=True, slots=True)
class CaseText:
    """A case in the words of a vocabulary. Checked when made, so that none exists that holds anything else."""

    vocabulary: CaseVocabulary = field(repr=False)
    values: Mapping[str, object] = field(repr=False)
    text: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.vocabulary.fields.keys() >= self.values.keys():
            raise RequestError("a case field is not in the vocabulary")
        lines = (
            f"{name}: {spec.render(self.values[name])}"
            for name, spec in self.vocabulary.fields.items()
            if name in self.values
        )
        object.__setattr__(self, "text", "\n".join(lines))
