"""What operators do to a case, as past events, and the log that they make.

In: one frozen action at a time with the second of the call. Out: the next `Log`. Nothing here reads the transcript.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dispatch.contract.card import FieldName


@dataclass(frozen=True)
class Answered:
    """The operator took the call."""


@dataclass(frozen=True)
class Dispatched:
    """A unit was sent."""


@dataclass(frozen=True)
class HandedOver:
    """A call without an emergency goes on elsewhere: `booking` or `call_back`."""

    to: str


@dataclass(frozen=True)
class FieldAccepted:
    """A suggested value was confirmed."""

    name: FieldName


@dataclass(frozen=True)
class FieldEdited:
    """A value was typed over."""

    name: FieldName
    value: str = field(repr=False)


@dataclass(frozen=True)
class CategoryOverridden:
    """The operator decided the category; the only way for it to fall."""

    category: int
    reason: str = field(repr=False)
    operator: str
    at: datetime


@dataclass(frozen=True)
class QuestionAsked:
    """A question was put to the caller; `answer` is one of its offered answers, or free text, or nothing yet."""

    code: str
    answer: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class StepDone:
    """A step of an instruction script was read out; `answer` chooses the way on."""

    script_id: str
    step_id: str
    answer: str | None = None


@dataclass(frozen=True)
class ScriptChosen:
    """Another instruction script was opened."""

    script_id: str


OperatorAction = (
    Answered
    | Dispatched
    | HandedOver
    | FieldAccepted
    | FieldEdited
    | CategoryOverridden
    | QuestionAsked
    | StepDone
    | ScriptChosen
)


@dataclass(frozen=True)
class OverrideMade:
    """An override, with the reasons that were known when it was made."""

    category: int
    reason: str = field(repr=False)
    operator: str
    at: datetime
    known: frozenset[str]
    model_category: int | None


@dataclass(frozen=True)
class Done:
    """A script step, when it was given, and the answer."""

    script_id: str
    step_id: str
    answer: str | None
    at_s: float


@dataclass(frozen=True)
class Log:
    """Everything the operator has done."""

    answered_s: float | None = None
    dispatched_s: float | None = None
    handed_over: str | None = None
    accepted: Mapping[FieldName, float] = field(default_factory=dict)
    edits: Mapping[FieldName, str] = field(default_factory=dict, repr=False)
    override: OverrideMade | None = None
    asked: Mapping[str, float] = field(default_factory=dict)
    findings: Mapping[str, bool] = field(default_factory=dict)
    """What the operator's answers state, present or absent."""
    steps: tuple[Done, ...] = ()
    script: str | None = None

    def with_step(self, action: StepDone, at_s: float) -> "Log":
        done = Done(action.script_id, action.step_id, action.answer, at_s)
        return replace(self, steps=(*self.steps, done))
