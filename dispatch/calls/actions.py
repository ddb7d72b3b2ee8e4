"""From the log to the case: which entries are something that triage must know, and a case rebuilt from a log.

The same mapping serves a live call and a restart, so that both arrive at the same card.
"""

from collections.abc import Iterable

from dispatch.contract.audio import Channel
from dispatch.contract.dispatching import UnitMoved, UnitState
from dispatch.contract.timeline import (
    CallAnswered,
    CallHandedOver,
    CallStarted,
    CategoryOverridden,
    FieldAccepted,
    FieldEdited,
    HelpSent,
    ModelProposed,
    ModelSummarised,
    QuestionAsked,
    ScriptChosen,
    SpeechFinal,
    SpeechRevised,
    SpeechStable,
    StepDone,
    TimelineEntry,
)
from dispatch.contract.transcript import Utterance
from dispatch.triage import (
    Case,
    Claim,
    Heard,
    HeardStatus,
    ModelProposal,
    ModelSummary,
    OperatorAction,
    act,
    hear,
    narrated,
    propose,
    revise,
)
from dispatch.triage import actions as acts


def action_of(entry: TimelineEntry) -> OperatorAction | None:
    """What an entry means to triage; None for one that is not an operator's act on the case."""
    match entry.body:
        case CallAnswered():
            return acts.Answered()
        case HelpSent() | UnitMoved(state=UnitState.ASSIGNED):
            return acts.Dispatched()
        case CallHandedOver(to=to):
            return acts.HandedOver(to.value)
        case FieldAccepted(name=name):
            return acts.FieldAccepted(name)
        case FieldEdited(name=name, value=value):
            return acts.FieldEdited(name, value)
        case CategoryOverridden(after=category, reason=reason):
            operator = entry.actor.person_id or "unknown"
            return acts.CategoryOverridden(category, reason, operator, entry.at)
        case QuestionAsked(code=code, answer=answer):
            return acts.QuestionAsked(code, answer)
        case StepDone(script_id=script_id, step_id=step_id, answer=answer):
            return acts.StepDone(script_id, step_id, answer)
        case ScriptChosen(script_id=script_id):
            return acts.ScriptChosen(script_id)
    return None


def with_words(case: Case, entry: TimelineEntry) -> Case:
    """The case with the settled words in an entry; the same case for any other entry."""
    match entry.body:
        case SpeechStable(channel=channel, utterance_id=utterance_id, words=words):
            return hear(case, Heard(utterance_id, side_of(channel), words, HeardStatus.STABLE))
        case SpeechFinal(utterance=utterance):
            return hear(case, _whole(utterance))
        case SpeechRevised(replaces=replaces, utterances=utterances):
            return revise(case, replaces, [_whole(utterance) for utterance in utterances])
    return case


def _whole(utterance: Utterance) -> Heard:
    return Heard(utterance.utterance_id, side_of(utterance.channel), utterance.words, HeardStatus.FINAL)


def side_of(channel: Channel) -> Channel:
    """Triage knows two sides: whoever talks with the caller is the operator to it."""
    return Channel.CALLER if channel is Channel.CALLER else Channel.OPERATOR


def with_model(case: Case, entry: TimelineEntry) -> Case:
    """The case with what a model proposed in an entry; the same case for any other entry."""
    match entry.body:
        case ModelProposed(model=model, category=category, claims=claims):
            return propose(case, ModelProposal(model, category, tuple(Claim(c.code, True, c.quote) for c in claims)))
        case ModelSummarised(model=model, sentences=sentences):
            return narrated(case, ModelSummary(model, sentences))
    return case


def case_of(started: CallStarted) -> Case:
    """A call just begun, with what the caller's device sent along."""
    place = (started.position.latitude, started.position.longitude) if started.position else None
    return Case.new(phone=started.phone, position=place, language=started.language)


def case_from(entries: Iterable[TimelineEntry]) -> Case:
    """The case that a log adds up to. The log starts with `call.started`."""
    case = Case.new()
    for entry in entries:
        if isinstance(entry.body, CallStarted):
            case = case_of(entry.body)
        case = with_model(with_words(case, entry), entry)
        action = action_of(entry)
        if action is not None:
            case = act(case, action, entry.call_s)
    return case
