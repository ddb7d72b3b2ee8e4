"""Training and quality review: what a call is measured against, and what was found, line by line.

A rubric says which deeds are expected by when, which are forbidden, and what the right card is. A score sheet answers
it from the call's log alone: the same log and rubric always give the same sheet. Nothing in it judges how a voice
sounds; what a log cannot show is left to a person and named as such.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Identifier, LongText, Message, Seconds, ShortText
from .card import Category, FieldName
from .timeline import ActorKind

ActionName = Annotated[
    str, StringConstraints(pattern=r"^[a-z_]+(:[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?)?$", max_length=120)
]
"""A deed: `ask:breathing`, `instruct:cpr_adult/push`, `dispatch`; docs/scenarios.md lists them."""


class ExpectedAction(Message):
    """Something that a good call-taker does. Any one of the actions will do."""

    action: tuple[ActionName, ...] = Field(min_length=1)
    label: ShortText = ""
    by_s: Seconds | None = None
    """Second after the call was answered by which it is on time; None: any time."""
    latest_s: Seconds | None = None
    """Later than this counts as not done. Between the two it is late and earns half."""
    points: int = Field(default=5, ge=0, le=100)
    critical: bool = False
    """Not done means not passed, whatever the score."""


class ForbiddenAction(Message):
    """Something that must not be done on this call."""

    action: ActionName
    why: ShortText


class Gold(Message):
    """The right answers. None means that the call does not say."""

    category: Category
    accept: tuple[Category, ...] = ()
    """Categories that are right too."""
    complaint: Identifier
    accept_complaints: tuple[Identifier, ...] = ()
    """Complaints that are right too; `any` accepts every one."""
    address: ShortText | None = Field(default=None, repr=False)
    callback: ShortText | None = Field(default=None, repr=False)
    age: int | None = Field(default=None, ge=0, le=120)
    conscious: bool | None = None
    breathing: Literal["normal", "abnormal", "absent"] | None = None


class Rubric(Message):
    """What one call is measured against."""

    rubric_id: Identifier
    title: ShortText
    expect: tuple[ExpectedAction, ...] = Field(min_length=1, max_length=60)
    forbid: tuple[ForbiddenAction, ...] = Field(default=(), max_length=20)
    gold: Gold | None = None
    """None on a real call: nobody knows the right answers but those who were there."""
    pass_score: int = Field(default=80, ge=0, le=100)
    """Percent of the points."""

    def expects(self, action: str) -> bool:
        """Whether a line asks for this deed."""
        return any(action in line.action for line in self.expect)


class Verdict(StrEnum):
    """What became of one expected or forbidden action."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    KEPT = "kept"
    """A forbidden action that was not done."""
    BROKEN = "broken"
    """A forbidden action that was done."""


class ScoreLine(Message):
    """One action of the rubric, and what the log says of it."""

    label: ShortText
    actions: tuple[ActionName, ...]
    verdict: Verdict
    points: float = Field(ge=0)
    of: int = Field(ge=0)
    critical: bool = False
    deadline_s: Seconds | None = None
    """Second of the call."""
    at_s: Seconds | None = None
    """Second of the call at which it was done."""
    seq: int | None = None
    """The log entry that shows it."""
    explanation: LongText


class ScorecardLine(Message):
    """One line of the public-safety call-taking scorecard. No points: the log cannot show it, a person judges."""

    code: Identifier
    label: ShortText
    points: int | None = None
    of: int
    explanation: LongText


class DeedView(Message):
    """Something that was done on the call, as the review lists it."""

    action: ActionName
    by: ActorKind
    at_s: Seconds
    seq: int
    words: ShortText = Field(default="", repr=False)
    """The words that show it, where it was spoken."""


class ScoreSheet(Message):
    """A call measured against a rubric."""

    rubric_id: Identifier
    passed: bool
    score: float = Field(ge=0, le=100)
    """Percent of the points."""
    critical_missed: tuple[ShortText, ...] = ()
    forbidden_done: tuple[ShortText, ...] = ()
    category: Category | None = None
    """On the card at the end."""
    category_right: bool | None = None
    answered_s: Seconds | None = None
    lines: tuple[ScoreLine, ...]
    scorecard: tuple[ScorecardLine, ...]
    wrong_fields: tuple[FieldName, ...] = ()
    deeds: tuple[DeedView, ...] = ()
