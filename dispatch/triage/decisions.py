"""What an operator's action does to a case.

In: a case, an action, the second of the call. Out: the next case. An answer chosen from a protocol's question states
findings like the caller's own words do, "don't know" to a red-flag question the more serious ones; a typed field value
is taken as it stands. Only `CategoryOverridden` can make the shown category fall.
"""

from dataclasses import replace

from .actions import (
    Answered,
    CategoryOverridden,
    Dispatched,
    FieldAccepted,
    FieldEdited,
    HandedOver,
    Log,
    OperatorAction,
    OverrideMade,
    QuestionAsked,
    ScriptChosen,
    StepDone,
)
from .answers import QuestionSpec, questions
from .case import Case, assessed
from .fields import stated_by_value


def act(case: Case, action: OperatorAction, at_s: float) -> Case:
    """The case after an operator's action at `at_s` seconds of the call."""
    return assessed(replace(case, log=_logged(case, action, at_s), marked=_marked(case.marked, action)))


def _marked(marked: tuple[str, ...], action: OperatorAction) -> tuple[str, ...]:
    """The questions that the caller's next words may answer: each one marked, until the operator enters an answer."""
    if not isinstance(action, QuestionAsked):
        return marked
    others = tuple(code for code in marked if code != action.code)
    return (*others, action.code) if action.answer is None else others


def _logged(case: Case, action: OperatorAction, at_s: float) -> Log:
    log = case.log
    match action:
        case Answered():
            return replace(log, answered_s=at_s if log.answered_s is None else log.answered_s)
        case Dispatched():
            return replace(log, dispatched_s=at_s if log.dispatched_s is None else log.dispatched_s)
        case HandedOver(to):
            return replace(log, handed_over=to)
        case FieldAccepted(name):
            return replace(log, accepted={**log.accepted, name: at_s})
        case FieldEdited(name, value):
            edits, accepted = {**log.edits, name: value}, {**log.accepted, name: at_s}
            return _stating(replace(log, edits=edits, accepted=accepted), stated_by_value(name, value))
        case CategoryOverridden():
            return replace(log, override=_override(case, action))
        case QuestionAsked(code, answer):
            return _asked(replace(log, asked={**log.asked, code: at_s}), code, answer)
        case StepDone():
            return log.with_step(action, at_s)
        case ScriptChosen(script_id):
            return replace(log, script=script_id)


def _override(case: Case, action: CategoryOverridden) -> OverrideMade:
    known = frozenset(case.raised)
    return OverrideMade(action.category, action.reason, action.operator, action.at, known, case.model_category)


def _asked(log: Log, code: str, answer: str | None) -> Log:
    spec = questions().get(code)
    return log if spec is None or answer is None else _stating(log, stated_by_answer(spec, answer))


def stated_by_answer(spec: QuestionSpec, answer: str) -> tuple[str, ...]:
    """The findings that an offered answer states: the first offered is yes, the second no, the last not known."""
    word = answer.strip().lower()
    if word in {"yes", "y"}:
        return spec.yes
    if word in {"no", "n"}:
        return spec.no
    return spec.unsure if word in {"don't know", "do not know", "dont know", "unknown", "not sure", "unsure"} else ()


def _stating(log: Log, codes: tuple[str, ...]) -> Log:
    return replace(log, findings={**log.findings, **{c.lstrip("-"): not c.startswith("-") for c in codes}})
