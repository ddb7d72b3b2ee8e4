"""HTTP bodies: protocols as a physician reads them, a centre's approvals of them, and who may sign.

What is signed is what is read: a protocol's digest is the SHA-256 of its `ProtocolText` as JSON, so that any change of
a question, a red flag, a step that is read out or a source makes it unsigned again, whatever its version says.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from .base import CentreId, Identifier, LongText, Message, Moment, PersonId, ShortText
from .card import Category
from .http import PageQuery

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ApprovalDeed(StrEnum):
    """What a medical director did."""

    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


class ApprovalState(StrEnum):
    """Where a protocol stands in a centre. Everything but `signed` is shown as not approved for clinical use."""

    SIGNED = "signed"
    CHANGED = "changed"
    """Another version, or other words, were signed."""
    WITHDRAWN = "withdrawn"
    NEVER = "never"


class ApprovalEntry(Message):
    """A signature, or its withdrawal. Never changed, never removed."""

    approval_id: Identifier
    deed: ApprovalDeed
    version: ShortText
    digest: Digest
    person_id: PersonId
    name: ShortText = Field(repr=False)
    """As it was when they signed."""
    at: Moment
    second_factor: bool
    """Whether a code of their authenticator app came with it."""
    reason: LongText = Field(repr=False)
    """Why it was withdrawn."""


class ProtocolLine(Message):
    """A protocol in a centre's list."""

    protocol_id: Identifier
    title: ShortText
    category: Category
    version: ShortText
    digest: Digest
    state: ApprovalState
    last: ApprovalEntry | None


class ProtocolPage(Message):
    """One page of the protocols of a centre, by id."""

    centre_id: CentreId
    may_sign: bool
    """Whether who asks is a medical director of this centre."""
    protocols: tuple[ProtocolLine, ...]
    next_cursor: str | None


class QuestionText(Message):
    """A question, and what is taken for the answer to it."""

    question_id: Identifier
    ask: str
    why: str
    answers: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    """What either answer states."""
    unsure: tuple[str, ...]
    """What "I don't know" is taken for."""
    source: str


class FlagText(Message):
    """A red flag, in words."""

    label: str
    category: Category
    when: tuple[str, ...]
    source: str


class StepText(Message):
    """One step, read aloud word for word."""

    number: int
    say: str
    ways: tuple[str, ...]
    """Where each answer leads, by number or by script."""


class ScriptText(Message):
    """Instructions that go with the protocol."""

    script_id: Identifier
    title: str
    version: ShortText
    about: tuple[str, ...]
    """The pace that is beaten, and which script is read instead at which age."""
    steps: tuple[StepText, ...]
    sources: tuple[str, ...]


class ProtocolText(Message):
    """A protocol in full, as a physician reads it before signing: exactly this is what the digest is made of."""

    protocol_id: Identifier
    title: ShortText
    version: ShortText
    entry: tuple[str, ...]
    """What opens it."""
    category: Category
    category_source: str
    red_flags: tuple[FlagText, ...]
    questions: tuple[QuestionText, ...]
    """In the order in which they are asked."""
    resources: tuple[str, ...]
    scripts: tuple[ScriptText, ...]
    sources: tuple[str, ...]


class ProtocolSheet(Message):
    """A protocol in full, and everything that was done to its approval in a centre, newest first."""

    centre_id: CentreId
    may_sign: bool
    second_factor: bool
    """Whether signing wants a code: who asks has an authenticator app."""
    digest: Digest
    state: ApprovalState
    text: ProtocolText
    history: tuple[ApprovalEntry, ...]


class SignProtocol(Message):
    """Approves a protocol for clinical use in a centre, in the version and words that were read."""

    version: ShortText
    digest: Digest
    code: ShortText | None = Field(default=None, repr=False)
    """Of the authenticator app; needed from whoever has one."""


class WithdrawApproval(Message):
    """Takes a centre's approval back, at once."""

    reason: LongText = Field(min_length=3, repr=False)


class NewMedicalDirector(Message):
    """Lets somebody sign protocols for a centre."""

    person_id: Identifier
    centre_id: Identifier


class DirectorQuery(PageQuery):
    """Which medical directors; all that the acting role may see without it."""

    centre_id: Identifier | None = None
    mine: bool = False
    """Only where who asks may sign, now."""


class MedicalDirector(Message):
    """Somebody who signs, or signed, protocols for a centre."""

    director_id: Identifier
    person_id: PersonId
    centre_id: CentreId
    appointed_by: PersonId
    appointed_at: Moment
    ended_at: Moment | None


class MedicalDirectors(Message):
    """One page of medical directors, by id."""

    directors: tuple[MedicalDirector, ...]
    next_cursor: str | None
