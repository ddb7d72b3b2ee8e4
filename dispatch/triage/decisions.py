"""What an operator's action does to a case.

In: a case, an action, the second of the call. Out: the next case. An answer chosen from a protocol's question states
findings like the caller's own words do, "don't know" to a red-flag question the more serious ones; a typed field value
is taken as it stands. Only `CategoryOverridden` can make the shown category fall.
"""

from dataclasses import replace
from functools import singledispatch

from .actions import (
    Answered,
    CategoryOverridden,
    Dispatched,
    FieldAccepted,
    FieldEdited,
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
    return assessed(replace(case, log=_logged(action, case.log, case, at_s)))


@singledispatch
def _logged(action: object, log: Log, case: Case, at_s: float) -> Log:
    raise TypeError(f"not an operator action: {type(action).__name__}")


@_logged.register
def _(action: Answered, log: Log, case: Case, at_s: float) -> Log:
    return replace(log, answered_s=at_s if log.answered_s is None else log.answered_s)


@_logged.register
def _(action: Dispatched, log: Log, case: Case, at_s: float) -> Log:
    return replace(log, dispatched_s=at_s if log.dispatched_s is None else log.dispatched_s)


@_logged.register
def _(action: FieldAccepted, log: Log, case: Case, at_s: float) -> Log:
    return replace(log, accepted={**log.accepted, action.name: at_s})


@_logged.register
def _(action: FieldEdited, log: Log, case: Case, at_s: float) -> Log:
    edited = replace(log, edits={**log.edits, action.name: action.value}, accepted={**log.accepted, action.name: at_s})
    return _stating(edited, stated_by_value(action.name, action.value))


@_logged.register
def _(action: CategoryOverridden, log: Log, case: Case, at_s: float) -> Log:
    made = OverrideMade(
        action.category, action.reason, action.operator, action.at, frozenset(case.raised), case.model_category
    )
    return replace(log, override=made)


@_logged.register
def _(action: QuestionAsked, log: Log, case: Case, at_s: float) -> Log:
    asked = replace(log, asked={**log.asked, action.code: at_s})
    spec = questions().get(action.code)
    return asked if spec is None or action.answer is None else _stating(asked, stated_by_answer(spec, action.answer))


@_logged.register
def _(action: StepDone, log: Log, case: Case, at_s: float) -> Log:
    return log.with_step(action, at_s)


@_logged.register
def _(action: ScriptChosen, log: Log, case: Case, at_s: float) -> Log:
    return replace(log, script=action.script_id)


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
