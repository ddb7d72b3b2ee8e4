"""For how long each kind of job is tried again: the table in `patience.yaml`.

In: a kind, its priority. Out: its `Backoff`. Invariant: every name that the table uses is explained in it; a kind that
is not in it is tried for a day.
"""

from functools import cache
from importlib.resources import files
from typing import Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from .backoff import Backoff
from .job import JobKind, Priority

TABLE: Final = "patience.yaml"


class Patience(BaseModel):
    """The table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patience: dict[str, Backoff]
    kinds: dict[JobKind, str]
    urgent: dict[JobKind, str]
    """What differs where a job of the kind is urgent."""

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        if unknown := {*self.kinds.values(), *self.urgent.values()} - self.patience.keys():
            raise ValueError(f"no such patience: {sorted(unknown)}")
        return self

    def of(self, kind: JobKind, priority: Priority) -> Backoff:
        """How long one job is worth another try."""
        name = self.urgent.get(kind) if priority is Priority.URGENT else None
        name = name or self.kinds.get(kind)
        return self.patience[name] if name else Backoff()


@cache
def read_patience() -> Patience:
    """The product's table."""
    return Patience.model_validate(yaml.safe_load((files(__package__) / TABLE).read_text("utf-8")))
