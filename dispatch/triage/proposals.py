"""What a language model may add to a case: only what it can quote, only upwards.

In: the model's answer in the closed vocabulary of `extraction_schema`. Out: the next case. A claim whose quote is not
in the caller's words is dropped; a category counts only with a grounded finding beside it; nothing is ever lowered,
and nothing that a caller says can address the model through this door, because no free text becomes a category.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dispatch.contract.audio import Channel
from dispatch.contract.card import SetBy

from .case import Case, Turn, assessed
from .context import Time
from .findings import catalogue
from .picture import Picture, with_state
from .protocols import protocols
from .states import reassures
from .values import Quote, State

MAX_VIEW_CHARS: Final = 12_000
"""Newest part of the transcript shown to a model; older words are in the findings already."""
MIN_QUOTE_LETTERS: Final = 4


@dataclass(frozen=True)
class Claim:
    """One finding that the model read, with the caller's words for it."""

    code: str
    present: bool
    quote: str = field(repr=False)


@dataclass(frozen=True)
class ModelProposal:
    """A model's reading of the call."""

    model: str
    """Name and version, as it goes on the card."""
    category: int | None = None
    claims: tuple[Claim, ...] = ()

    @staticmethod
    def from_answer(model: str, answer: dict[str, Any]) -> "ModelProposal":
        """From an answer that fits `extraction_schema`; parts that do not fit are left out."""
        raw = answer.get("findings")
        claims = tuple(
            Claim(str(item["code"]), bool(item.get("present", True)), str(item["quote"]))
            for item in (raw if isinstance(raw, list) else ())
            if isinstance(item, dict) and "code" in item and "quote" in item
        )
        category = answer.get("category")
        return ModelProposal(model, category if isinstance(category, int) and 1 <= category <= 5 else None, claims)


def grounded(case: Case, proposal: ModelProposal) -> ModelProposal:
    """The proposal without claims that nobody said, and those of absence or relief: a model clears nothing."""
    spoken = spoken_turns(case, Channel.CALLER)
    kept = tuple(claim for claim in proposal.claims if _grounding(spoken, claim) is not None)
    return replace(proposal, claims=kept)


def propose(case: Case, proposal: ModelProposal) -> Case:
    """The case with the model's grounded claims. Its category counts with a grounded red flag beside it."""
    claimed = dict(case.claimed)
    spoken = spoken_turns(case, Channel.CALLER)
    picture = case.picture
    flagged = False
    for claim in proposal.claims:
        turn = _grounding(spoken, claim)
        if turn is None:
            continue
        flagged = flagged or catalogue()[claim.code].flag
        if claim.code not in picture.states:
            claimed[claim.code] = _state(picture, claim, turn, proposal.model)
            picture = with_state(picture, claim.code, claimed[claim.code])
    category = proposal.category if flagged else None
    raised = min((c for c in (case.model_category, category) if c is not None), default=None)
    return assessed(replace(case, picture=picture, claimed=claimed, model_category=raised))


SpokenTurns = Sequence[tuple[Turn, str]]
"""Turns with their words folded for comparison."""


def spoken_turns(case: Case, *channels: Channel) -> SpokenTurns:
    """The turns on some channels, folded once for many quotes."""
    return [
        (turn, f" {_letters(' '.join(word.text for word in turn.words))} ")
        for turn in case.turns
        if turn.channel in channels
    ]


def turn_of_quote(spoken: SpokenTurns, quote: str) -> Turn | None:
    """The first turn in which the words of a quote were said; a quote of too few letters is in none."""
    wanted = _letters(quote)
    if len(wanted.replace(" ", "")) < MIN_QUOTE_LETTERS:
        return None
    return next((turn for turn, letters in spoken if f" {wanted} " in letters), None)


def _grounding(spoken: SpokenTurns, claim: Claim) -> Turn | None:
    takes = claim.present and claim.code in catalogue() and not reassures(claim.code)
    return turn_of_quote(spoken, claim.quote) if takes else None


def _letters(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("'", "").replace("’", "")))


def _state(picture: Picture, claim: Claim, turn: Turn, model: str) -> State:
    quote = Quote(claim.quote, turn.channel, turn.utterance_id, turn.words[0].start_s, turn.words[-1].end_s)
    return State(True, Time.NOW, False, (quote,), picture.order, SetBy.MODEL, model[:200])


def extraction_schema() -> dict[str, Any]:
    """JSON schema of a model's answer: closed vocabulary, every claim with its quote."""
    claim = {
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "present", "quote"],
        "properties": {
            "code": {"type": "string", "enum": sorted(catalogue())},
            "present": {"type": "boolean"},
            "quote": {"type": "string", "maxLength": 200},
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["category", "complaint", "findings"],
        "properties": {
            "category": {"type": ["integer", "null"], "minimum": 1, "maximum": 5},
            "complaint": {"enum": [*sorted(protocols()), None]},
            "findings": {"type": "array", "maxItems": 24, "items": claim},
        },
    }


@dataclass(frozen=True)
class SpokenTurn:
    """One turn, as a model is shown it."""

    speaker: str
    text: str = field(repr=False)


def extraction_view(case: Case) -> tuple[SpokenTurn, ...]:
    """The newest turns, whole, within the limit: data to read, never instructions."""
    out: list[SpokenTurn] = []
    room = MAX_VIEW_CHARS
    for turn in reversed(case.turns):
        text = " ".join(word.text for word in turn.words)
        room -= len(text)
        if room < 0 and out:
            break
        if text:
            out.append(SpokenTurn(turn.channel.value, text[-MAX_VIEW_CHARS:]))
    return tuple(reversed(out))
