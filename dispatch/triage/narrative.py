"""What a call is about in a few sentences, each with its sources: the rules' own account, or a model's.

In: a case, and what a model wrote. Out: a `Narrative` for the card. Invariants: there is always an account by the rules
once anything is known; a model's sentence whose quotes were not said is dropped, and so is one about urgency or about
its own instructions, which are no business of a summary; a narrative never changes anything else on the card.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from dispatch.contract.audio import Channel
from dispatch.contract.card import CardField, Evidence, FieldName, Narrative, NarrativeSentence, SetBy, Source

from .case import Case, Turn
from .fields import evidence_of
from .findings import catalogue
from .proposals import SpokenTurns, spoken_turns, turn_of_quote
from .values import State

RULES: Final = Source(set_by=SetBy.RULE, reference="findings")
MAX_SENTENCES: Final = 8
MAX_NAMED: Final = 8
"""Findings named in one sentence; the whole list is on the card."""
MAX_EVIDENCE: Final = 3
_NOT_ITS_BUSINESS: Final = re.compile(
    r"\b(?:urgen\w*|priorit\w*|categor\w*|triage\w*|emergenc\w*|instruct\w*|prompts?|ignor\w*|disregard\w*|"
    r"downgrad\w*|upgrad\w*|cancel\w*|false alarm|no ambulance|hoax)\b",
    re.IGNORECASE,
)
"""How urgent a call is, and whom to obey, is decided elsewhere; a caller may try to have it said here."""


@dataclass(frozen=True)
class ProposedSentence:
    """A sentence by a model, with the words of the call that it says it rests on."""

    text: str = field(repr=False)
    quotes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class ModelSummary:
    """A model's summary of a call, as far as it is grounded."""

    model: str
    """Name and version, as it goes on the card."""
    sentences: tuple[NarrativeSentence, ...]
    dropped: int = 0
    """Sentences that the call's own words do not bear out."""


def grounded_sentences(case: Case, proposed: Iterable[ProposedSentence]) -> tuple[NarrativeSentence, ...]:
    """The sentences all of whose quotes were said by either side, with the places where they were said."""
    spoken = spoken_turns(case, *Channel)
    found = (_grounded(spoken, sentence) for sentence in proposed)
    return tuple(sentence for sentence in found if sentence is not None)[:MAX_SENTENCES]


def _grounded(spoken: SpokenTurns, sentence: ProposedSentence) -> NarrativeSentence | None:
    turns = [(quote, turn_of_quote(spoken, quote)) for quote in sentence.quotes]
    if not turns or _NOT_ITS_BUSINESS.search(sentence.text):
        return None
    evidence = [_quoted(quote, turn) for quote, turn in turns if turn is not None]
    if len(evidence) < len(turns):
        return None
    return NarrativeSentence(text=sentence.text[:400], evidence=tuple(evidence[:MAX_EVIDENCE]))


def _quoted(quote: str, turn: Turn) -> Evidence:
    start_s, end_s = turn.words[0].start_s, turn.words[-1].end_s
    return Evidence(
        quote=quote, channel=turn.channel, utterance_id=turn.utterance_id, start_s=start_s, end_s=max(start_s, end_s)
    )


def narrated(case: Case, summary: ModelSummary) -> Case:
    """The case with a model's summary; without a sentence the rules' account is shown again."""
    source = Source(set_by=SetBy.MODEL, reference=summary.model[:200])
    shown = Narrative(source=source, sentences=summary.sentences) if summary.sentences else None
    return replace(case, narrative=shown)


def narrative_of(case: Case, fields: Iterable[CardField]) -> Narrative | None:
    """The model's summary where there is one, else the rules' account of the case and its card's fields, if any."""
    if case.narrative is not None:
        return case.narrative
    sentences = tuple(_by_the_rules(case, fields))
    return Narrative(source=RULES, sentences=sentences) if sentences else None


def _by_the_rules(case: Case, fields: Iterable[CardField]) -> Iterator[NarrativeSentence]:
    known = {card_field.name: card_field for card_field in fields}
    yield from _of_fields("{}.", known, FieldName.COMPLAINT)
    patient = [n for n in (FieldName.AGE, FieldName.SEX, FieldName.CONSCIOUS, FieldName.BREATHING) if n in known]
    if patient:
        words = "; ".join(_SAID_OF_PATIENT[name].format(known[name].label.lower()) for name in patient)
        yield _sentence(f"Patient: {words}.", (e for name in patient for e in known[name].evidence))
    yield from _of_findings("Said", case, present=True)
    yield from _of_findings("Denied", case, present=False)
    yield from _of_fields("Place: {}.", known, FieldName.LOCATION)
    yield from _of_fields("Danger: {}.", known, FieldName.HAZARDS)


_SAID_OF_PATIENT: Final = {
    FieldName.AGE: "{}",
    FieldName.SEX: "{}",
    FieldName.CONSCIOUS: "awake: {}",
    FieldName.BREATHING: "breathing: {}",
}


def _of_fields(form: str, known: dict[FieldName, CardField], name: FieldName) -> Iterator[NarrativeSentence]:
    if name in known:
        yield _sentence(form.format(known[name].label), known[name].evidence)


def _of_findings(word: str, case: Case, *, present: bool) -> Iterator[NarrativeSentence]:
    named = [(code, state) for code, state in _flags_first(case) if state.counts == present and state.quotes]
    if named:
        labels = ", ".join(catalogue()[code].label.lower() for code, _ in named[:MAX_NAMED])
        yield _sentence(f"{word}: {labels}.", (evidence_of(state.quotes[0]) for _, state in named))


def _flags_first(case: Case) -> list[tuple[str, State]]:
    """Red flags first, then in the order in which they were said."""
    states = [(code, state) for code, state in case.picture.states.items() if code != "caller_is_patient"]
    return sorted(states, key=lambda item: (not catalogue()[item[0]].flag, item[1].order, item[0]))


def _sentence(text: str, evidence: Iterable[Evidence]) -> NarrativeSentence:
    return NarrativeSentence(text=text[:400], evidence=tuple(dict.fromkeys(evidence))[:MAX_EVIDENCE])
