"""What a caller asks and what it gets back.

A request carries everything that a decision needs: the task, labelled parts, the shape of the answer, depth, an
absolute deadline, a cost ceiling, and a floor: a deterministic function that always answers. Invariants: an outcome
always has a result; what a model said about a call is again text of a call.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel

from .decision import Decision
from .policy import Depth
from .sensitivity import CallText, Part, PublicText, Sensitivity

AnswerT = TypeVar("AnswerT", bound="BaseModel | str")

MAX_INPUT_CHARS: Final = 200_000


class Role(StrEnum):
    """Who says a message. Only system messages are instructions; everything else is given to the model as data."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: its role and its parts, each with its provenance."""

    role: Role
    parts: tuple[Part, ...]


class Source(StrEnum):
    """Who answered."""

    MODEL = "model"
    MODEL_REPAIRED = "model_repaired"
    """A model, after a local repair of the form; never of the meaning."""
    FLOOR = "floor"


Invariant = Callable[[AnswerT, AnswerT], str | None]
"""Answer and floor in; None, or the name of the rule that the answer breaks (urgency_below_floor)."""


@dataclass(frozen=True, slots=True)
class LLMRequest(Generic[AnswerT]):
    """One question to the router.

    `deadline` is absolute, in seconds of the router's clock; None takes the task's own from now.
    `max_micro_usd` is the ceiling for this request, all attempts together; None takes the task's.
    """

    task: str
    messages: tuple[Message, ...]
    schema: type[AnswerT]
    """A closed pydantic model, or `str` for plain text."""
    floor: Callable[[], AnswerT] = field(repr=False)
    """Answers at once (under a millisecond), always, without a model."""
    depth: Depth | None = None
    deadline: float | None = None
    max_micro_usd: int | None = None
    tenant: str = "default"
    call_id: str | None = None
    """Groups requests for the limit per call."""
    idempotency_key: str | None = None
    """The same key with the same content is one question: asked twice, it is answered once."""
    invariant: Invariant[AnswerT] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LLMOutcome(Generic[AnswerT]):
    """The answer, who gave it, and why it came from there."""

    decision: Decision
    result: AnswerT = field(repr=False)
    source: Source

    def as_part(self, text: str | None = None) -> Part:
        """The answer as a part of another request. Its provenance is that of the question; nothing washes it off."""
        said = text if text is not None else self._text()
        if self.decision.sensitivity is Sensitivity.PUBLIC:
            return PublicText(said, origin=f"answer:{self.decision.task}")
        return CallText(said)

    def _text(self) -> str:
        return self.result if isinstance(self.result, str) else self.result.model_dump_json()


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of a streamed answer."""

    text: str = field(repr=False)
    kind: Literal["delta"] = "delta"


@dataclass(frozen=True, slots=True)
class Restarted:
    """Everything shown so far is void: another model, or the floor, starts again from the first word."""

    reason: str
    kind: Literal["restarted"] = "restarted"


@dataclass(frozen=True, slots=True)
class Finished(Generic[AnswerT]):
    """The end of a stream, always the last event, always exactly one."""

    outcome: LLMOutcome[AnswerT]
    kind: Literal["finished"] = "finished"


StreamEvent = Delta | Restarted | Finished[AnswerT]
