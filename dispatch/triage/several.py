"""A row for each of several people: who, awake, breathing, the leading findings, how urgent they are by themselves.

In: a case. Out: `PersonTold`s for the card, the most urgent first; none unless more than one person is told of.
Invariant: a view; neither the category nor a field of the call follows from it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from dispatch.contract.card import CardField, Evidence, FieldName, FindingView, PersonTold

from .apart import GROUP, parts
from .case import Case
from .fields import RULE_SOURCE, breathing_told, conscious_implied, conscious_said, finding_of
from .findings import catalogue
from .protocols import Facts, Fired, fired
from .states import MAX_PEOPLE
from .told import CALLER, Told
from .values import State

MAX_FINDINGS: Final = 4
UNASSESSED_RANK: Final = 3.5
"""Whose findings bear out no category stands below the urgent and above those known to be less so."""
URGENT: Final = 3
HURT: Final = 4
"""Category from which somebody counts as hurt or ill."""
HURT_BESIDE_CALLER: Final = 3
"""The same for others, where callers are as urgent themselves: a mother's headaches are her own."""
_HURTS: Final = frozenset({"bleeding_any"})
"""Findings that bear out no category by themselves, and still a row."""
_HURTS_SEVERAL: Final = frozenset(
    {"born", "crash", "toxic_gas", "fire", "trapped_fire", "assault", "major_incident", "several_ill"}
)
"""What mostly leaves more than one patient."""
_SEEN: Final = re.compile(
    r"\b(?:awake|conscious|alert|respon[ds]\w*|breath\w*|talking|crying|screaming)\b", re.IGNORECASE
)
_CLINICAL: Final = frozenset({"symptom", "sign", "mechanism"})


def people_of(case: Case) -> tuple[PersonTold, ...]:
    """The rows, at most `MAX_PEOPLE`."""
    told = [one for one in case.picture.everybody.people if one.states]
    if len(told) < 2:
        return ()
    rows = [(one.person == CALLER, _row(one)) for one in told]
    own = [_rank(row) for caller, row in rows if caller and _hurt(row, HURT)]
    least = HURT_BESIDE_CALLER if own and own[0] <= min(_rank(row) for _, row in rows) else HURT
    shown = [row for caller, row in rows if (_hurt(row, HURT) if caller else _tells(row, least))]
    urgent = sum(row.category is not None and row.category <= URGENT for caller, row in rows if not caller)
    several = len(shown) > 1 and (urgent > 1 or _are_patients(case, told))
    return tuple(sorted(shown, key=_rank)[:MAX_PEOPLE]) if several else ()


def _are_patients(case: Case, told: Sequence[Told]) -> bool:
    """Whether the call says that there are several: by their number, by "the other", by a birth, by what happened.

    Without that, and where not two are urgent, whoever is named beside a patient mostly tells, helps or worries: of 28
    calls among 749 of the development files that had rows for any two, five had two patients.
    """
    count, people = case.picture.people.count, [one.person for one in told]
    counted = count is not None and count.value != "1"
    contrasted = any(person.other or person.what == GROUP for person in people)
    shared = sum(person.what in parts() for person in people) > 1
    return counted or contrasted or shared or not case.picture.present.isdisjoint(_HURTS_SEVERAL)


def _hurt(row: PersonTold, least: int) -> bool:
    urgent = row.category is not None and row.category <= least
    return urgent or any(finding.code in _HURTS for finding in row.findings)


def _tells(row: PersonTold, least: int) -> bool:
    """Whether somebody is more than a name in a story: hurt or ill, or plainly said to be awake or breathing."""
    fields = [field for field in (row.conscious, row.breathing) if field is not None]
    return _hurt(row, least) or any(_SEEN.search(one.quote) for field in fields for one in field.evidence)


def _rank(row: PersonTold) -> float:
    return UNASSESSED_RANK if row.category is None else row.category


def _row(told: Told) -> PersonTold:
    states = {code: state for code, state in told.states.items() if state.counts}
    reasons = fired(Facts(told.ever, None)) + fired(Facts(frozenset(states), None))
    category = min((reason.category for reason in reasons), default=None)
    said, breathing = conscious_said(states), breathing_told(states)
    return PersonTold(
        who=told.who,
        category=category,
        conscious=said or _conscious(told, states, reasons),
        breathing=breathing,
        findings=_leading(states, [field for field in (said, breathing) if field is not None]),
    )


def _conscious(told: Told, states: Mapping[str, State], reasons: tuple[Fired, ...]) -> CardField | None:
    """What follows of it, where it was not said."""
    if any(reason.complaint == "cardiac_arrest" for reason in reasons):
        return _taken("no", "No (by the breathing)")
    return _taken("yes", "Yes (is speaking)") if told.person == CALLER else conscious_implied(states)


def _taken(value: str, label: str) -> CardField:
    return CardField(name=FieldName.CONSCIOUS, value=value, label=label, source=RULE_SOURCE)


def _leading(states: Mapping[str, State], shown: list[CardField]) -> tuple[FindingView, ...]:
    """Red flags first, then what bears out a category, as they were said; of the same words, the first finding."""
    quoted = [evidence for field in shown for evidence in field.evidence]
    found = list[FindingView]()
    for code, state in sorted(states.items(), key=lambda item: (*_weight(item[0]), item[1].order)):
        view = finding_of(code, state)
        if catalogue()[code].kind in _CLINICAL and not all(
            any(_within(one, other) for other in quoted) for one in view.evidence
        ):
            found.append(view)
            quoted += view.evidence
    return tuple(found[:MAX_FINDINGS])


def _weight(code: str) -> tuple[bool, bool]:
    return not catalogue()[code].flag, code not in _HURTS and not fired(Facts(frozenset({code}), None))


def _within(one: Evidence, other: Evidence) -> bool:
    same = one.utterance_id == other.utterance_id
    return same and other.start_s <= one.start_s and one.end_s <= other.end_s
