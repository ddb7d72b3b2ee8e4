"""The triage card: what is known of a call, how urgent it is, and why, field by field.

The category is 1 to 5, 1 the most urgent (1 to 4 as NHS England's Ambulance Response Programme publishes them, 5 for
advice or no ambulance). Before there is evidence it is None: *unassessed*, which sorts with the most urgent and never
counts as 5. The shown category is the more urgent of the rules' floor and the model's; only an operator lowers it.
Every field and every reason says who set it, from which words, at which second of the sound.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .audio import Channel
from .base import Identifier, LongText, Message, Moment, Seconds, ShortText, UtteranceId

Category = Annotated[int, Field(ge=1, le=5)]
Probability = Annotated[float, Field(ge=0, le=1)]


class SetBy(StrEnum):
    """Who put a value on the card."""

    RULE = "rule"
    MODEL = "model"
    OPERATOR = "operator"
    CALLER_DEVICE = "caller_device"
    """What came with the call: number, position, language."""


class Source(Message):
    """Who set something: the rule's id, the model with its version, or the operator's id."""

    set_by: SetBy
    reference: ShortText


class Evidence(Message):
    """The words behind a value."""

    quote: str = Field(repr=False)
    channel: Channel
    utterance_id: UtteranceId | None = None
    start_s: Seconds
    end_s: Seconds
    withdrawn: bool = False
    """The recogniser took these words back. The category stays until an operator lowers it."""


class FieldName(StrEnum):
    """The fields of a card, in the order in which an operator reads them."""

    LOCATION = "location"
    CALLBACK_NUMBER = "callback_number"
    COMPLAINT = "complaint"
    CONSCIOUS = "conscious"
    BREATHING = "breathing"
    AGE = "age"
    SEX = "sex"
    PATIENT_COUNT = "patient_count"
    CALLER_RELATION = "caller_relation"
    HAZARDS = "hazards"


class FieldState(StrEnum):
    """What the operator made of a value."""

    SUGGESTED = "suggested"
    ACCEPTED = "accepted"
    EDITED = "edited"


class CardField(Message):
    """One value on the card."""

    name: FieldName
    value: str = Field(repr=False)
    """Machine value: a complaint code, `yes` / `no`, `normal` / `abnormal` / `absent`, a number, or free text."""
    label: str = Field(repr=False)
    """The same for people."""
    state: FieldState = FieldState.SUGGESTED
    source: Source
    evidence: tuple[Evidence, ...] = ()


class Polarity(StrEnum):
    """Whether a finding is there."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class FindingView(Message):
    """One thing that the words say about a patient or a scene."""

    code: Identifier
    label: str
    polarity: Polarity
    red_flag: bool = False
    confidence: Probability = 1.0
    source: Source
    evidence: tuple[Evidence, ...] = ()
    withdrawn: bool = False


class Reason(Message):
    """Why the category is at least this urgent."""

    category: Category
    code: Identifier
    label: str
    source: Source
    evidence: tuple[Evidence, ...] = ()


class Candidate(Message):
    """A complaint that the words may describe."""

    complaint: Identifier
    label: str
    probability: Probability
    category: Category | None = None


class Question(Message):
    """A question for the operator to ask, worded for reading aloud."""

    code: Identifier
    text: str
    why: ShortText = ""
    must_ask: bool = False
    answers: tuple[ShortText, ...] = ()
    due_s: Seconds | None = None
    """Second of the call by which the goals want it asked."""


class InstructionStep(Message):
    """One step of a script to read to the caller."""

    step_id: Identifier
    text: str
    """Read aloud word for word."""
    answers: tuple[ShortText, ...] = ()
    """Answers that lead to different next steps; empty for a step that simply goes on."""
    done: bool = False


class Instructions(Message):
    """An instruction script, from where the caller stands now."""

    script_id: Identifier
    title: str
    version: ShortText
    approved_by: ShortText | None = None
    """The medical director who signed this version; None is shown as "not approved for clinical use"."""
    steps: tuple[InstructionStep, ...]
    current: Identifier | None
    metronome_bpm: int | None = None


class NarrativeSentence(Message):
    """One sentence, with the words that it rests on."""

    text: str = Field(max_length=400, repr=False)
    evidence: tuple[Evidence, ...] = ()


class Narrative(Message):
    """What the call is about, in a few sentences. A model's replaces the rules' while a model answers."""

    source: Source
    sentences: tuple[NarrativeSentence, ...]


class Timer(Message):
    """One goal of the call's clock, in seconds since the call was answered."""

    code: Identifier
    label: str
    goal_s: Seconds
    reached_s: Seconds | None = None
    source: ShortText


class ProtocolView(Message):
    """The protocol that the card follows."""

    protocol_id: Identifier
    title: str
    version: ShortText
    approved_by: ShortText | None = None


class Override(Message):
    """An operator's decision on the category."""

    category: Category
    reason: LongText
    operator: ShortText
    at: Moment


class HandOver(Message):
    """A call in which no emergency was heard may go on elsewhere; only a person hands it over, or closes it."""

    advice: LongText = ""
    to: ShortText | None = None
    """`booking` or `call_back`, once an operator has handed it over."""
    service_type: Identifier | None = None
    """The service that the caller asks for, where the words name one."""
    overtaken: bool = False
    """A red flag was heard after it was handed over: it is an emergency now."""


class PersonTold(Message):
    """What is said of one of several people. Nothing else on the card follows from it."""

    who: ShortText = Field(repr=False)
    """In the call's own words: "the driver", "my wife"."""
    category: Category | None = None
    """The most urgent that the findings of this person alone ever bore out, whatever the call's is; None: they bear
    out none."""
    conscious: CardField | None = None
    breathing: CardField | None = None
    findings: tuple[FindingView, ...] = ()
    """The leading ones that are there, besides those behind `conscious` and `breathing`; at most four."""


class Card(Message):
    """A call's triage card. Versions count up; the newest replaces the one before."""

    version: int = Field(ge=0)
    category: Category | None = None
    """Shown to people: None is unassessed and sorts with the most urgent."""
    floor: Category | None = None
    """The rules' own category."""
    model_category: Category | None = None
    """The model's category, grounded in the transcript; it can raise, never lower."""
    override: Override | None = None
    disagreement: ShortText | None = None
    """Said when rules and model are two or more categories apart."""
    headline: ShortText = ""
    narrative: Narrative | None = None
    """A summary for reading; nothing else on the card follows from it."""
    reasons: tuple[Reason, ...] = ()
    fields: tuple[CardField, ...] = ()
    people: tuple[PersonTold, ...] = ()
    """Where more than one person is told of: a row for each, at most four, the most urgent first; else empty. What
    cannot be told whose it is stands in `fields` and `findings` alone."""
    findings: tuple[FindingView, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    protocol: ProtocolView | None = None
    next_question: Question | None = None
    must_ask: tuple[Question, ...] = ()
    instructions: Instructions | None = None
    other_scripts: tuple[Identifier, ...] = ()
    timers: tuple[Timer, ...] = ()
    resources: tuple[ShortText, ...] = ()
    hand_over: HandOver | None = None
    """Offered where no emergency was heard, and kept once an operator has taken it."""
    overlays: tuple[Identifier, ...] = ()
    """Call-handling overlays: silent, other_language, wrong_number, third_party, non_emergency."""

    def field(self, name: FieldName) -> CardField | None:
        """The named field, or None while nothing is known."""
        return next((field for field in self.fields if field.name == name), None)
