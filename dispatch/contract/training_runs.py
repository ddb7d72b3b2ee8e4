"""HTTP bodies of training and quality review: runs of scenarios, their scores, overrules and countersignatures."""

from pydantic import Field

from .base import CallId, Identifier, LongText, Message, Moment, PersonId, ShortText
from .card import Category
from .console import CallState
from .http import PageQuery
from .training import Rubric, ScoreSheet


class NewRun(Message):
    """Scores a training call that is over. Whoever answered it is the trainee."""

    call_id: CallId
    rubric: Rubric


class Run(Message):
    """One training call of one trainee."""

    run_id: Identifier
    call_id: CallId
    scenario_id: Identifier
    title: ShortText
    trainee_id: PersonId
    trainer_id: PersonId
    at: Moment
    score: float
    """As it counts: the last overrule's, else the sheet's."""
    passed: bool
    overruled: bool = False
    countersigned: bool = False


class Overrule(Message):
    """A trainer's own judgement instead of the sheet's."""

    score: float = Field(ge=0, le=100)
    passed: bool
    comment: LongText = Field(min_length=3, repr=False)


class OverruleView(Overrule):
    """An overrule with who made it."""

    by: PersonId
    at: Moment


class Countersign(Message):
    """The trainee has read the report."""

    comment: LongText = Field(default="", repr=False)


class CountersignView(Countersign):
    at: Moment


class RunDetail(Run):
    """A run with its sheet and what people made of it."""

    sheet: ScoreSheet
    overrules: tuple[OverruleView, ...] = ()
    countersignature: CountersignView | None = None


class RunPage(Message):
    runs: tuple[Run, ...]
    next_cursor: str | None = None


class RunQuery(PageQuery):
    """Which runs are listed, the newest first: the trend of a trainee, or of a scenario."""

    trainee_id: PersonId | None = None
    scenario_id: Identifier | None = None


class ReviewedCall(Message):
    """A real call that is closed, measured against its complaint's protocol."""

    call_id: CallId
    started_at: Moment
    state: CallState
    category: Category | None
    protocol: Identifier
    score: float
    missing: tuple[ShortText, ...]
    """What was not done, or too late to count."""


class ReviewPage(Message):
    calls: tuple[ReviewedCall, ...]
    next_cursor: str | None = None


class ReviewQuery(PageQuery):
    """Which calls are reviewed, the newest first. Each is read whole, so that a page is short."""

    limit: int = Field(default=10, ge=1, le=25)


class Review(ReviewedCall):
    """The review of one call, line by line."""

    sheet: ScoreSheet
