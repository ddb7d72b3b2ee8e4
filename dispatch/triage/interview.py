"""The next best question.

In: a case. Out: the question to ask now, and the must-ask list with the second by which the goals want each asked.
First the place (a known one is confirmed, not asked anew), then what happened, awake, breathing normally; then what the
overlays ask (is the attacker near?), age and number, and the protocol's own key questions in their order. Nothing is
asked that was already said; a must-ask question that stays unanswered comes back.
"""

from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from typing import Final

from dispatch.contract.card import FieldName, Question

from .answers import QuestionSpec, questions
from .case import Case
from .complaints import complaint_of
from .protocols import overlays, protocols

OPENING: Final = ("location", "what_happened", "conscious", "breathing", "age", "callback_number")
"""OpenISES all-callers order, the life-saving questions before the number."""
LATER: Final = ("age", "callback_number")
"""Of these, what can wait until the caller is known to be safe and free to talk: after the overlays' questions."""
ASK_AGAIN_S: Final = 20.0
"""An unanswered must-ask question comes back after this long; a judgement of this project."""
MUST_ASK: Final = ("location", "conscious", "breathing", "callback_number")


def next_question(case: Case, call_s: float) -> Question | None:
    """The question to ask now, or None when everything is known."""
    return next((_question(code, code in MUST_ASK) for code in _open(case, call_s)), None)


def must_ask(case: Case) -> tuple[Question, ...]:
    """The questions that no call may do without, still open."""
    return tuple(_question(code, True) for code in _opening(case) if code in (*MUST_ASK, "location_confirm"))


def _open(case: Case, call_s: float) -> Iterator[str]:
    asked = {code for code, at_s in case.log.asked.items() if code not in MUST_ASK or call_s - at_s < ASK_AGAIN_S}
    opening = [code for code in _opening(case) if code not in asked]
    yield from (code for code in opening if code not in LATER)
    met = (overlay for overlay in overlays().values() if overlay.entry.met(case.facts))
    done = asked | case.picture.asked
    yield from _new(case, (code for overlay in met for code in overlay.questions), done)
    yield from (code for code in opening if code in LATER)
    if complaint := complaint_of(case):
        yield from _new(case, protocols()[complaint.complaint].questions, done)


def _new(case: Case, codes: Iterable[str], done: Set[str]) -> Iterator[str]:
    """Of these questions, those that nobody has asked and nothing said has answered."""
    return (code for code in codes if code not in done and not _known(case, questions()[code]))


def _opening(case: Case) -> Iterator[str]:
    for code in OPENING:
        if code == "location" and case.known_location and case.picture.place is None:
            if FieldName.LOCATION not in case.log.accepted:
                yield "location_confirm"
        elif not _known(case, questions()[code]):
            yield code


def _known(case: Case, spec: QuestionSpec) -> bool:
    if spec.field and _field_known(case, spec.field):
        return True
    states = case.picture.states
    return any(code in states or code in case.log.findings or code in case.facts.present for code in spec.known_by)


def _field_known(case: Case, name: str) -> bool:
    picture = case.picture
    if FieldName(name) in case.log.edits:
        return True
    return {
        "location": picture.place is not None or FieldName.LOCATION in case.log.accepted,
        "callback_number": picture.phone is not None,
        "complaint": bool(case.raised),
        "age": picture.years is not None,
        "patient_count": picture.people.count is not None,
    }.get(name, False)


@lru_cache(maxsize=256)
def _question(code: str, must: bool) -> Question:
    spec = questions()[code]
    return Question(
        code=code, text=spec.ask, why=spec.why, must_ask=must, answers=spec.answers, due_s=spec.due_s if must else None
    )
