"""What the words of a call mean: findings, urgency, the next question, instructions, and the card that shows them.

Pure: values and time in, values out. Feed a `Case` with `hear`, `act` and `propose`, and
draw its `Card` with `card_of`.
"""

from .actions import (
    Answered,
    CategoryOverridden,
    Dispatched,
    FieldAccepted,
    FieldEdited,
    HandedOver,
    OperatorAction,
    QuestionAsked,
    ScriptChosen,
    StepDone,
)
from .approvals import NOTHING_APPROVED, Approved, Signature, approved_by
from .card import card_of
from .case import Case, Heard, HeardStatus, category_of, hear, revise
from .checker import check_protocols
from .decisions import act
from .duplicates import DuplicateProposal, Summary, compare, propose_duplicates
from .instructions import knows_script
from .narrative import ModelSummary, ProposedSentence, grounded_sentences, narrated
from .paper_cards import paper_cards
from .proposals import Claim, ModelProposal, SpokenTurn, extraction_schema, extraction_view, grounded, propose
from .readable import Readable, readable
from .warming import warm_up

__all__ = [
    "NOTHING_APPROVED",
    "Answered",
    "Approved",
    "Case",
    "CategoryOverridden",
    "Claim",
    "Dispatched",
    "DuplicateProposal",
    "FieldAccepted",
    "FieldEdited",
    "HandedOver",
    "Heard",
    "HeardStatus",
    "ModelProposal",
    "ModelSummary",
    "OperatorAction",
    "ProposedSentence",
    "QuestionAsked",
    "Readable",
    "ScriptChosen",
    "Signature",
    "SpokenTurn",
    "StepDone",
    "Summary",
    "act",
    "approved_by",
    "card_of",
    "category_of",
    "check_protocols",
    "compare",
    "extraction_schema",
    "extraction_view",
    "grounded",
    "grounded_sentences",
    "hear",
    "knows_script",
    "narrated",
    "paper_cards",
    "propose",
    "propose_duplicates",
    "readable",
    "revise",
    "warm_up",
]
